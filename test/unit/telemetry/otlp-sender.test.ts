import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { deliver, retryDelayMs } from '../../../src/telemetry/deliver.ts';
import { OtlpSender, retryAfterMs } from '../../../src/telemetry/otlp-sender.ts';
import { OtlpEndpoint } from '../../harness/otlp-endpoint.ts';

const body = JSON.stringify({
	resourceLogs: [{ resource: { attributes: [{ key: 'a', value: { stringValue: 'b' } }] } }],
});
const json = 'application/json';

describe('the sender of OTLP', () => {
	let endpoint: OtlpEndpoint;
	let sender: OtlpSender;

	beforeEach(async () => {
		endpoint = await OtlpEndpoint.start();
		sender = senderTo(endpoint.url);
	});
	afterEach(() => endpoint.close());

	const senderTo = (url: string, more: { timeoutMs?: number } = {}) =>
		new OtlpSender({
			url: `${url}/v1/logs`,
			headers: { 'api-key': 'Bearer top-secret' },
			userAgent: 'callmeter/1.2.3',
			...more,
		});

	it('sends one gzipped request with its headers', async () => {
		assert.deepEqual(await sender.send(body, json), { kind: 'ok', rejected: 0, message: '' });
		const [request] = endpoint.arrived;
		assert.equal(request?.text, body);
		assert.equal(request?.path, '/v1/logs');
		assert.equal(request?.headers['content-encoding'], 'gzip');
		assert.equal(request?.headers['content-type'], json);
		assert.equal(request?.headers['api-key'], 'Bearer top-secret');
		assert.equal(request?.headers['user-agent'], 'callmeter/1.2.3');
	});

	it('tells what the receiver did not take, without the keys that it repeats', async () => {
		const errorMessage = 'no room\nfor you, top-secret';
		endpoint.answers.push({
			status: 200,
			body: JSON.stringify({ partialSuccess: { rejectedLogRecords: '2', errorMessage } }),
		});
		assert.deepEqual(await sender.send(body, json), { kind: 'ok', rejected: 2, message: 'no room for you, ***' });
	});

	for (const answer of ['', 'thanks', '{"partialSuccess":7}', '[]', `"${'x'.repeat(100_000)}"`]) {
		it(`takes a good status for one, whatever the answer is: ${answer.slice(0, 30)}`, async () => {
			endpoint.answers.push({ status: 202, body: answer });
			assert.deepEqual(await sender.send(body, json), { kind: 'ok', rejected: 0, message: '' });
		});
	}

	for (const status of [429, 502, 503, 504]) {
		it(`would try again after ${status}`, async () => {
			endpoint.answers.push({ status, headers: { 'retry-after': '7' } });
			assert.deepEqual(await sender.send(body, json), { kind: 'later', retryAfterMs: 7_000, reason: `HTTP ${status}` });
		});
	}

	for (const status of [400, 401, 403, 404, 413, 500, 501]) {
		it(`gives up after ${status}`, async () => {
			endpoint.answers.push({ status, headers: { 'retry-after': '7' } });
			assert.deepEqual(await sender.send(body, json), { kind: 'refused', status, reason: `HTTP ${status}` });
		});
	}

	it('takes its headers nowhere else: a redirect is refused', async () => {
		endpoint.answers.push({ status: 307, headers: { location: '/elsewhere' } });
		assert.equal((await sender.send(body, json)).kind, 'refused');
		assert.equal(endpoint.arrived.length, 1);
	});

	it('would try again after a connection that was cut, or never came about', async () => {
		endpoint.answers.push('reset');
		assert.deepEqual(await sender.send(body, json), { kind: 'later', retryAfterMs: null, reason: 'ECONNRESET' });
		const url = endpoint.url;
		await endpoint.close();
		assert.deepEqual(await senderTo(url).send(body, json), {
			kind: 'later',
			retryAfterMs: null,
			reason: 'ECONNREFUSED',
		});
	});

	it('waits for an answer no longer than it should', async () => {
		endpoint.answers.push('hang');
		const result = await senderTo(endpoint.url, { timeoutMs: 50 }).send(body, json);
		assert.deepEqual(result, { kind: 'later', retryAfterMs: null, reason: 'no answer within 0.05 s' });
	});

	it('stops at once when it is told to', async () => {
		endpoint.answers.push('hang');
		const abort = new AbortController();
		const sent = sender.send(body, json, abort.signal);
		await endpoint.when(() => endpoint.arrived.length === 1);
		abort.abort();
		assert.deepEqual(await sent, { kind: 'aborted' });
		await endpoint.when(() => endpoint.aborted === 1);
		assert.deepEqual(await sender.send(body, json, abort.signal), { kind: 'aborted' });
		assert.equal(endpoint.arrived.length, 1);
	});

	const soon = { firstMs: 1, maxMs: 2 };

	it('delivers in the end', async () => {
		endpoint.answers.push({ status: 503 }, 'reset', { status: 429 });
		const reasons: string[] = [];
		const result = await deliver(sender, body, json, { backoff: soon, onRetry: (reason) => reasons.push(reason) });
		assert.equal(result.kind, 'ok');
		assert.deepEqual(reasons, ['HTTP 503', 'ECONNRESET', 'HTTP 429']);
	});

	it('waits as long as the receiver asks', async () => {
		endpoint.answers.push({ status: 503, headers: { 'retry-after': '1' } });
		await deliver(sender, body, json, { backoff: soon });
		const [first, second] = endpoint.arrived;
		assert.ok(first && second && second.atMs - first.atMs >= 995);
	});

	it('gives up when its time is up, rather than wait beyond it', async () => {
		endpoint.answers.push({ status: 503, headers: { 'retry-after': '3600' } });
		const startMs = performance.now();
		assert.equal((await deliver(sender, body, json, { giveUpAfterMs: 5_000 })).kind, 'later');
		assert.ok(performance.now() - startMs < 2_000);
	});

	it('stops waiting when it is told to', async () => {
		endpoint.answers.push({ status: 503 });
		const abort = new AbortController();
		const onRetry = () => abort.abort();
		const backoff = { firstMs: 60_000, maxMs: 60_000 };
		const result = await deliver(sender, body, json, { signal: abort.signal, giveUpAfterMs: 1e6, backoff, onRetry });
		assert.deepEqual(result, { kind: 'aborted' });
	});
});

describe('how long to wait between attempts', () => {
	const between = (random: number) => ({ firstMs: 1_000, maxMs: 60_000, random: () => random });

	it('doubles, a random half of it, up to a bound', () => {
		assert.deepEqual(
			[1, 2, 3, 10, 5_000].map((failures) => retryDelayMs(failures, null, between(0))),
			[500, 1_000, 2_000, 30_000, 30_000],
		);
		assert.deepEqual(
			[1, 2, 3, 10].map((failures) => retryDelayMs(failures, null, between(0.5))),
			[750, 1_500, 3_000, 45_000],
		);
	});

	it('is what the receiver asks for, up to an hour', () => {
		assert.equal(retryDelayMs(1, 90_000, between(0)), 90_000);
		assert.equal(retryDelayMs(1, 1, between(0)), 500);
		assert.equal(retryDelayMs(1, 1e12, between(0)), 3_600_000);
	});

	it('is read of a number of seconds or a date, and of nothing else', () => {
		const now = Date.parse('2026-03-04T10:00:00Z');
		assert.deepEqual(
			[
				'120',
				' 0 ',
				'Wed, 04 Mar 2026 10:00:30 GMT',
				'Wed, 04 Mar 2026 09:00:00 GMT',
				null,
				'',
				'soon',
				'-1',
				'1.5',
			].map((text) => retryAfterMs(text, now)),
			[120_000, 0, 30_000, 0, null, null, null, null, null],
		);
	});
});
