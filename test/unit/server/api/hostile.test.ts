import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { EventReceipts } from '../../../../src/core/outside/event-input.ts';
import { isProof } from '../../../../src/server/discovery/server-proof.ts';
import { sendRaw } from '../local-server/raw-request.ts';
import { pairOf, Serving } from './serving.ts';

const mb = 1 << 20;

/** Requests that must not get through, over real sockets: each is refused clearly, and the server goes on as if nothing had been. */
describe('hostile requests to the HTTP API', () => {
	let serving: Serving;
	let number = 0;

	before(async () => {
		serving = new Serving({ timeouts: { headersMs: 300, checkMs: 50 }, idleMs: 300 });
		await serving.start();
	});

	/** Nothing was recorded by what was refused, and a good request is taken. */
	afterEach(async () => {
		const before = (await serving.ledger.totals({})).calls;
		assert.equal(before, number, 'a refused request left something behind');
		await serving.record(...pairOf({ callId: `after-${number++}` }));
		assert.equal((await serving.ledger.totals({})).calls, number);
		assert.equal((await serving.ledger.verify()).ok, true);
	});
	after(() => serving.stop());

	const events = (callId = 'hostile') => JSON.stringify({ events: pairOf({ callId }) });

	/** A request by hand, closed after its answer. `headers` end in line breaks. */
	function raw(headers: string, body = '', line = 'POST /api/events HTTP/1.1'): Promise<string> {
		return sendRaw(serving.port, `${line}\r\n${headers}Connection: close\r\n\r\n${body}`);
	}
	const host = () => `Host: 127.0.0.1:${serving.port}\r\n`;
	const token = () => `Authorization: Bearer ${serving.token}\r\n`;
	const json = 'Content-Type: application/json\r\n';
	const length = (body: string) => `Content-Length: ${Buffer.byteLength(body)}\r\n`;
	const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d+) /.exec(answer)?.[1]);

	for (const [what, header] of Object.entries({
		'no token': '',
		'a wrong token': 'Authorization: Bearer wrong\r\n',
		'an empty token': 'Authorization: Bearer \r\n',
		'the token without its scheme': 'Authorization: token-of-the-test\r\n',
		'the token by another scheme': 'Authorization: Basic token-of-the-test\r\n',
		'a part of the token': 'Authorization: Bearer token-of-the-tes\r\n',
		'more than the token': 'Authorization: Bearer token-of-the-test,x\r\n',
	})) {
		it(`with ${what} are answered 401, before their body is read`, async () => {
			// Sixteen MB are promised and never sent: an answer shows that nobody waits for them.
			const answer = await raw(`${host()}${header}${json}Content-Length: ${16 * mb}\r\n`);
			assert.equal(statusOf(answer), 401);
			assert.match(answer, /www-authenticate: Bearer/i);
			assert.doesNotMatch(answer, /token-of-the-test|access-control/i);
		});
	}

	it('that wait to be asked for their body are not asked before all else is right', async () => {
		const expect = `Expect: 100-continue\r\n${json}`;
		for (const [headers, status] of [
			[`${expect}Content-Length: 2\r\n`, 401],
			[`${token()}${expect}Content-Length: ${16 * mb + 1}\r\n`, 413],
			[`${token()}Expect: 100-continue\r\nContent-Length: 2\r\n`, 415],
		] as const) {
			assert.equal(statusOf(await raw(host() + headers)), status);
		}
		const body = events('asked');
		const answer = await raw(`${host()}${token()}${expect}${length(body)}`, body);
		assert.match(answer, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /);
		number++;
	});

	it('with the token in the URL are answered 401: a URL ends up in logs', async () => {
		const line = `GET /api/calls?token=${serving.token} HTTP/1.1`;
		assert.equal(statusOf(await raw(host(), '', line)), 401);
	});

	it('without a token are told nothing of what there is', async () => {
		for (const path of ['/api', '/api/', '/api/calls', '/api/nothing', '/api/openapi.json', '/api/server/x']) {
			assert.equal(statusOf(await raw(host(), '', `GET ${path} HTTP/1.1`)), 401, path);
		}
		const answer = await raw(host(), '', 'GET /api/server HTTP/1.1');
		assert.equal(statusOf(answer), 200);
		assert.match(answer, /\{"product":"callmeter","version":"1.2.3","instance":"instance-of-the-test"\}/);
	});

	it('for a proof are answered for this port and this challenge alone', async () => {
		const { port } = serving;
		const challenge = 'a-challenge-of-the-test';
		const ask = async (text: string) => {
			const answer = await fetch(`${serving.endpoint}/api/server?challenge=${text}`);
			return { status: answer.status, said: (await answer.json()) as { proof?: string } };
		};
		const { proof } = (await ask(challenge)).said;
		assert.equal(isProof(proof, serving.token, port, challenge), true);
		assert.equal(isProof(proof, serving.token, port + 1, challenge), false);
		assert.equal(isProof(proof, serving.token, port, `${challenge}2`), false);
		assert.equal(isProof(proof, 'another token', port, challenge), false);
		for (const bad of ['', 'short', 'x'.repeat(129), 'a%20challenge%20with%20blanks']) {
			assert.equal((await ask(bad)).status, 400, bad);
		}
	});

	for (const [what, headers] of Object.entries({
		'another name in Host (DNS rebinding)': (port: number) => `Host: rebound.example:${port}\r\n`,
		'the Origin of a web page': (port: number) => `Host: 127.0.0.1:${port}\r\nOrigin: https://page.example\r\n`,
		'an Origin of this machine': (port: number) => `Host: 127.0.0.1:${port}\r\nOrigin: http://127.0.0.1:${port}\r\n`,
		'the Sec-Fetch-Site of a page': (port: number) => `Host: 127.0.0.1:${port}\r\nSec-Fetch-Site: same-site\r\n`,
	})) {
		it(`with ${what} are answered 403, with the right token too, and without CORS`, async () => {
			const body = events();
			const answer = await raw(headers(serving.port) + token() + json + length(body), body);
			assert.equal(statusOf(answer), 403);
			assert.doesNotMatch(answer, /access-control/i);
			const preflight = await raw(headers(serving.port), '', 'OPTIONS /api/events HTTP/1.1');
			assert.equal(statusOf(preflight), 403);
			assert.doesNotMatch(preflight, /access-control/i);
			assert.equal(statusOf(await raw(headers(serving.port), '', 'GET /api/server HTTP/1.1')), 403);
		});
	}

	it('of other methods are answered 405 with those that there are, and of other paths 404', async () => {
		const put = await raw(host() + token(), '', 'PUT /api/events HTTP/1.1');
		assert.equal(statusOf(put), 405);
		assert.match(put, /allow: POST/i);
		assert.equal(statusOf(await raw(host() + token(), '', 'POST /api/calls HTTP/1.1')), 405);
		const steps = ['..', '%2e%2E', '.%2e', 'x/../..', '..\\..'];
		const elsewhere = steps.map((step) => `/api/calls/${step}/sessions`);
		for (const path of ['/api', '/api/', '/api/calls/', '/api/events/x', '/api//events', '/apix', ...elsewhere]) {
			assert.equal(statusOf(await raw(host() + token(), '', `GET ${path} HTTP/1.1`)), 404, path);
		}
	});

	it('of other content types and compressions are answered 415, before their body is read', async () => {
		const promise = `Content-Length: ${16 * mb}\r\n`;
		for (const type of ['', 'Content-Type: text/plain\r\n', 'Content-Type: application/x-www-form-urlencoded\r\n']) {
			assert.equal(statusOf(await raw(host() + token() + type + promise)), 415, type);
		}
		assert.equal(statusOf(await raw(`${host()}${token()}${json}Content-Encoding: br\r\n${promise}`)), 415);
	});

	it('that say that they are too large are answered 413, before their body is read', async () => {
		assert.equal(statusOf(await raw(`${host()}${token()}${json}Content-Length: ${16 * mb + 1}\r\n`)), 413);
	});

	it('that are too large and do not say so are answered 413', async () => {
		const status = await new Promise((resolve, reject) => {
			const headers = { authorization: `Bearer ${serving.token}`, 'content-type': 'application/json' };
			const { port } = serving;
			const outgoing = request(
				{ port, host: '127.0.0.1', method: 'POST', path: '/api/events', headers },
				(response) => {
					resolve(response.statusCode);
					outgoing.destroy();
				},
			);
			outgoing.on('error', reject);
			const piece = Buffer.alloc(mb, ' ');
			const write = (left: number): void => {
				if (left === 0 || outgoing.destroyed) return;
				if (outgoing.write(piece)) setImmediate(write, left - 1);
				else outgoing.once('drain', () => write(left - 1));
			};
			write(18);
		});
		assert.equal(status, 413);
	});

	it('that grow when they are inflated are answered 413, and what is no gzip 400', async () => {
		const bomb = gzipSync(Buffer.alloc(64 * mb, ' '), { level: 1 });
		assert.ok(bomb.length < mb);
		assert.equal((await serving.post(bomb, { 'content-encoding': 'gzip' })).status, 413);
		assert.equal((await serving.post('{"events":[]}', { 'content-encoding': 'gzip' })).status, 400);
		const cut = gzipSync(events());
		const half = cut.subarray(0, cut.length / 2);
		assert.equal((await serving.post(half, { 'content-encoding': 'gzip' })).status, 400);
	});

	it('of no JSON are answered 400, without a word of what was sent', async () => {
		const bodies = [
			'',
			'secret words',
			'{"events":[',
			'{"events":[{"secret words',
			Buffer.from([0x22, 0xff, 0xfe, 0x22]),
		];
		for (const body of bodies) {
			const response = await serving.post(body);
			assert.equal(response.status, 400);
			assert.doesNotMatch(await response.text(), /secret/);
		}
	});

	it('nested beyond all measure are refused, and those beside them recorded', async () => {
		const deep = `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
		const [call, answer] = pairOf({ callId: 'deep' });
		const text = JSON.stringify({ events: [call, answer] }).replace('"messages":', `"parameters":${deep},"messages":`);
		const response = await serving.post(text);
		assert.ok([200, 400].includes(response.status), String(response.status));
		const { events: receipts } = (await response.json()) as EventReceipts;
		assert.equal(receipts[1]?.outcome, 'appended');
		number++;
	});

	it('with keys that would change every object change none', async () => {
		const text = events('proto').replace(
			'"messages":',
			'"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"messages":',
		);
		assert.equal((await serving.post(text)).status, 200);
		assert.equal(Reflect.get({}, 'polluted'), undefined);
		number++;
	});

	it('whose headers do not come are ended', async () => {
		const answer = await sendRaw(serving.port, `POST /api/events HTTP/1.1\r\n${host()}${token()}X-Slow: `);
		assert.equal(statusOf(answer), 408);
	});

	it('whose body does not come are answered 408', async () => {
		const answer = await raw(`${host()}${token()}${json}Content-Length: 1000\r\n`, '{"events":');
		assert.equal(statusOf(answer), 408);
	});

	it('by the hundred whose bodies do not come keep nobody else out', async function () {
		this.timeout(10_000);
		const slow = Array.from({ length: 100 }, async () => {
			const socket = connect(serving.port, '127.0.0.1');
			socket.on('error', () => undefined);
			await once(socket, 'connect');
			socket.write(`POST /api/events HTTP/1.1\r\n${host()}${token()}${json}Content-Length: 1000\r\n\r\n{`);
			await once(socket.resume(), 'close');
		});
		await serving.record(...pairOf({ callId: 'meanwhile' }));
		number++;
		await Promise.all(slow);
	});

	it('that are given up half-way leave nothing behind', async () => {
		for (const sent of [0, 10, 500]) {
			const socket = connect(serving.port, '127.0.0.1');
			await once(socket, 'connect');
			const body = events('half');
			socket.write(`POST /api/events HTTP/1.1\r\n${host()}${token()}${json}${length(body)}\r\n${body.slice(0, sent)}`);
			await new Promise((resolve) => setImmediate(resolve));
			socket.destroy();
			await once(socket, 'close');
		}
	});

	it('a thousand at once: each is recorded and answered, or refused and told when to come again; nothing is lost', async function () {
		this.timeout(60_000);
		const agent = new Agent({ maxSockets: 1_000 });
		const { port } = serving;
		const headers = { authorization: `Bearer ${serving.token}`, 'content-type': 'application/json' };
		const post = (n: number): Promise<{ status: number; retryAfter: string | undefined }> =>
			new Promise((resolve, reject) => {
				const options = { port, host: '127.0.0.1', method: 'POST', path: '/api/events', headers, agent };
				const outgoing = request(options, (response) => {
					response.resume();
					resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] });
				});
				outgoing.on('error', reject);
				outgoing.end(events(`thousand-${n}`));
			});
		const answers = await Promise.all(Array.from({ length: 1_000 }, (_, n) => post(n)));
		agent.destroy();
		const taken = answers.filter(({ status }) => status === 200).length;
		const later = answers.filter(({ status, retryAfter }) => status === 429 && Number(retryAfter) > 0).length;
		assert.equal(taken + later, 1_000);
		assert.ok(taken >= 256, `${taken} were taken`);
		number += taken;
	});

	it('for more streams than there may be are answered 429', async () => {
		const aborts = new AbortController();
		const { signal } = aborts;
		const streams = await Promise.all(Array.from({ length: 33 }, () => serving.ask('/stream', { signal })));
		assert.deepEqual(streams.map(({ status }) => status).sort(), [...Array(32).fill(200), 429]);
		aborts.abort();
		// Their places are free again once the server has seen that they left.
		let again = 429;
		for (let tries = 0; again === 429 && tries < 500; tries++) {
			const stream = await serving.ask('/stream');
			again = stream.status;
			await stream.body?.cancel();
		}
		assert.equal(again, 200);
	});

	it('for streams that are given up at once leave no place taken', async function () {
		this.timeout(20_000);
		for (let n = 0; n < 40; n++) {
			const socket = connect(serving.port, '127.0.0.1');
			await once(socket, 'connect');
			socket.write(`GET /api/stream HTTP/1.1\r\n${host()}${token()}\r\n`);
			// Some go before the server has looked at them, some while it answers.
			if (n % 2 === 0) await new Promise((resolve) => setImmediate(resolve));
			socket.destroy();
			await once(socket, 'close');
		}
		let status = 429;
		for (let tries = 0; status === 429 && tries < 500; tries++) {
			const stream = await serving.ask('/stream');
			status = stream.status;
			await stream.body?.cancel();
		}
		assert.equal(status, 200);
	});

	it('after which all answers still say what they are, and are kept by nobody', async () => {
		const { headers } = await serving.ask('/calls');
		assert.equal(headers.get('content-type'), 'application/json');
		assert.equal(headers.get('x-content-type-options'), 'nosniff');
		assert.equal(headers.get('cache-control'), 'no-store');
		assert.equal(headers.get('access-control-allow-origin'), null);
	});
});
