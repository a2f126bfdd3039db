import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import root from 'otlp-schema/build/src/generated/root.js';
import { peek } from '../../../../src/core/foreign.ts';
import { sendRaw } from '../local-server/raw-request.ts';
import { attributes, chat, logs, nanos, T0, traces } from './payloads.ts';
import { Receiving } from './receiving.ts';

interface Type {
	decode(bytes: Uint8Array): object;
	encode(message: object): { finish(): Uint8Array };
	fromObject(value: object): object;
	toObject(message: object, options?: object): { partialSuccess: { rejectedSpans: string; errorMessage: string } };
}
const trace = ['opentelemetry', 'proto', 'collector', 'trace', 'v1'].reduce<unknown>(peek, root);
const traceRequest = peek(trace, 'ExportTraceServiceRequest') as Type;
const traceResponse = peek(trace, 'ExportTraceServiceResponse') as Type;

/** As protobuf; ids in the schema are bytes, for which its own JSON has base64. */
function protobuf(request: object): Uint8Array {
	const hexIds = JSON.stringify(request, (key, value) =>
		key.endsWith('Id') ? Buffer.from(value, 'hex').toString('base64') : value,
	);
	return traceRequest.encode(traceRequest.fromObject(JSON.parse(hexIds))).finish();
}

const asProtobuf = { 'content-type': 'application/x-protobuf' };

describe('the OTLP receiver: the protocol', () => {
	let receiving: Receiving;
	beforeEach(async () => {
		receiving = new Receiving();
		await receiving.start();
	});
	afterEach(() => receiving.stop());

	it('takes the example trace of the protocol, and finds no call in it', async () => {
		const answer = await receiving.post('traces', {
			resourceSpans: [
				{
					resource: { attributes: attributes({ 'service.name': 'my.service' }) },
					scopeSpans: [
						{
							scope: { name: 'my.library', version: '1.0.0', attributes: attributes({ 'my.scope.attribute': 'some' }) },
							spans: [
								{
									traceId: '5B8EFFF798038103D269B633813FC60C',
									spanId: 'EEE19B7EC3C1B174',
									parentSpanId: 'EEE19B7EC3C1B173',
									name: "I'm a server span",
									startTimeUnixNano: '1544712660000000000',
									endTimeUnixNano: '1544712661000000000',
									kind: 2,
									attributes: attributes({ 'my.span.attr': 'some value' }),
								},
							],
						},
					],
				},
			],
		});
		assert.equal(answer.status, 200);
		assert.equal(answer.headers.get('content-type'), 'application/json');
		assert.deepEqual(await answer.json(), {});
		assert.deepEqual([await receiving.rows(), receiving.receiver.counts.ignored], [[], 1]);
	});

	it('takes the example logs of the protocol, and finds no call in them', async () => {
		const values = {
			'string.attribute': 'some string',
			'boolean.attribute': true,
			'int.attribute': 10,
			'double.attribute': 637.704,
			'array.attribute': ['many', 'values'],
			'map.attribute': { 'some.map.key': 'some value' },
		};
		const body = logs({
			body: 'Example log record',
			traceId: '5B8EFFF798038103D269B633813FC60C',
			spanId: 'EEE19B7EC3C1B174',
			values,
		});
		const answer = await receiving.post('logs', body);
		assert.deepEqual([answer.status, await answer.json()], [200, {}]);
		assert.equal(receiving.receiver.counts.ignored, 1);
	});

	it('takes the example metrics of the protocol, and leaves them out', async () => {
		const point = { startTimeUnixNano: '1544712660300000000', timeUnixNano: '1544712660300000000' };
		const metrics = [
			{
				name: 'my.counter',
				unit: '1',
				sum: { aggregationTemporality: 1, isMonotonic: true, dataPoints: [{ asDouble: 5, ...point }] },
			},
			{ name: 'my.gauge', gauge: { dataPoints: [{ asInt: '10', timeUnixNano: '1544712660300000000' }] } },
			{
				name: 'my.histogram',
				histogram: {
					aggregationTemporality: 1,
					dataPoints: [{ ...point, count: '2', sum: 2, bucketCounts: ['1', '1'], explicitBounds: [1], min: 0, max: 2 }],
				},
			},
			{
				name: 'my.exponential.histogram',
				exponentialHistogram: {
					aggregationTemporality: 1,
					dataPoints: [
						{
							...point,
							count: 3,
							sum: 10,
							scale: 0,
							zeroCount: '1',
							positive: { offset: 1, bucketCounts: ['0', '2'] },
						},
					],
				},
			},
		];
		const answer = await receiving.post('metrics', {
			resourceMetrics: [{ resource: {}, scopeMetrics: [{ scope: { name: 'my.library' }, metrics }] }],
		});
		assert.deepEqual([answer.status, await answer.json()], [200, {}]);
		assert.deepEqual([await receiving.rows(), receiving.receiver.counts.ignored], [[], 4]);
	});

	it('reads the same from JSON and protobuf, plain and compressed: one call, sent four times', async () => {
		const request = traces(chat());
		const binary = protobuf(request);
		const gzip = { 'content-encoding': 'gzip' };
		const answers = [
			await receiving.post('traces', request),
			await receiving.post('traces', binary, asProtobuf),
			await receiving.post('traces', gzipSync(JSON.stringify(request)), gzip),
			await receiving.post('traces', gzipSync(binary), { ...asProtobuf, ...gzip }),
		];
		assert.deepEqual(
			answers.map(({ status }) => status),
			[200, 200, 200, 200],
		);
		assert.deepEqual(
			answers.map(({ headers }) => headers.get('content-type')),
			['application/json', 'application/x-protobuf', 'application/json', 'application/x-protobuf'],
		);
		const { row } = await receiving.only();
		assert.deepEqual([row.inputTokens, row.outputTokens, row.cacheReadTokens], [1_000, 100, 500]);
		assert.equal(receiving.receiver.counts.calls, 1);
	});

	it('takes ids as hex in either case or as base64, and whole numbers as text or as numbers', async () => {
		const hex = { traceId: '5b8efff798038103d269b633813fc60c', spanId: 'eee19b7ec3c1b174' };
		const base64 = {
			traceId: Buffer.from(hex.traceId, 'hex').toString('base64'),
			spanId: Buffer.from(hex.spanId, 'hex').toString('base64'),
		};
		await receiving.post('traces', traces(chat()));
		await receiving.post('traces', traces(chat(hex)));
		await receiving.post('traces', traces(chat(base64)));
		const numbers = JSON.stringify(traces(chat())).replace(
			/"(intValue|startTimeUnixNano|endTimeUnixNano)":"(\d+)"/g,
			'"$1":$2',
		);
		assert.match(numbers, /"intValue":1000/);
		await receiving.post('traces', numbers);
		assert.equal((await receiving.rows()).length, 1);
		assert.equal((await receiving.only()).row.startedAtMs, T0);
	});

	for (const [encoding, headers] of [
		['JSON', {}],
		['protobuf', asProtobuf],
	] as const) {
		it(`says in ${encoding} how many spans it could not take, and why`, async () => {
			const timeless = JSON.parse(
				JSON.stringify(traces(chat({ spanId: 'EEE19B7EC3C1B175' }))).replaceAll(nanos(T0), '0'),
			);
			const { resourceSpans } = traces(chat()) as { resourceSpans: object[] };
			const request = { resourceSpans: [...resourceSpans, ...timeless.resourceSpans] };
			const answer = await receiving.post('traces', encoding === 'JSON' ? request : protobuf(request), headers);
			assert.equal(answer.status, 200);
			const bytes = new Uint8Array(await answer.arrayBuffer());
			const said =
				encoding === 'JSON'
					? JSON.parse(Buffer.from(bytes).toString())
					: traceResponse.toObject(traceResponse.decode(bytes), { longs: String });
			const { rejectedSpans, errorMessage } = said.partialSuccess;
			assert.equal(rejectedSpans, '1');
			assert.match(errorMessage, /1 of the records .* time/);
			assert.equal((await receiving.rows()).length, 1);
		});
	}

	for (const [name, body, headers] of [
		['text that is no JSON', '{"resourceSpans":', {}],
		['JSON that is no object', '[]', {}],
		['JSON of another shape', '{"resourceSpans":{"a":1}}', {}],
		['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22]), {}],
		['bytes that are no protobuf', Buffer.from([0x0a, 0xff, 0xff, 0xff, 0x0f, 1]), asProtobuf],
		['bytes that are no gzip', Buffer.from('not gzip'), { 'content-encoding': 'gzip' }],
		['a compressed body that is cut off', gzipSync('{}').subarray(0, 12), { 'content-encoding': 'gzip' }],
		[
			'values nested a hundred thousand deep',
			`{"resourceSpans":[{"scopeSpans":[{"spans":[{"attributes":[{"key":"k","value":${'{"arrayValue":{"values":['.repeat(100_000)}${']}}'.repeat(100_000)}}]}]}]}]}`,
			{},
		],
	] as const) {
		it(`answers 400, which is final, to ${name}, and goes on`, async () => {
			const answer = await receiving.post('traces', body, headers);
			assert.equal(answer.status, 400);
			assert.equal(answer.headers.get('retry-after'), null);
			assert.equal((await receiving.post('traces', traces(chat()))).status, 200);
			assert.equal((await receiving.rows()).length, 1);
		});
	}

	it('answers 400 in the encoding of the request, as a google.rpc.Status', async () => {
		const json = await receiving.post('traces', '[]');
		assert.deepEqual(await json.json(), { code: 3, message: 'The body is not a valid OTLP request.' });
		const binary = await receiving.post('traces', Buffer.from([0xff]), asProtobuf);
		assert.equal(binary.headers.get('content-type'), 'application/x-protobuf');
		const bytes = Buffer.from(await binary.arrayBuffer());
		assert.equal(bytes.toString('latin1'), `\x08\x03\x12\x25The body is not a valid OTLP request.`);
	});

	it('answers 413 to more than 16 MB: announced, sent, or inflated', async () => {
		const announced = await sendRaw(
			Number(new URL(receiving.endpoint).port),
			`POST /v1/traces HTTP/1.1\r\nHost: ${new URL(receiving.endpoint).host}\r\nContent-Type: application/json\r\nContent-Length: 16777217\r\n\r\n`,
		);
		assert.match(announced, /^HTTP\/1\.1 413 /);
		const bomb = gzipSync(Buffer.alloc(200 << 20, ' '));
		assert.ok(bomb.length < 1 << 20);
		assert.equal((await receiving.post('traces', bomb, { 'content-encoding': 'gzip' })).status, 413);
		// In chunks, without a word of how many: the server hangs up, which may come before its answer is read.
		const endless = async function* () {
			for (let sent = 0; sent < 32; sent++) yield Buffer.alloc(1 << 20, ' ');
		};
		const sent = await fetch(`${receiving.endpoint}/v1/traces`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: Readable.toWeb(Readable.from(endless())),
			duplex: 'half',
		} as RequestInit).then(
			({ status }) => status,
			() => 413,
		);
		assert.equal(sent, 413);
		assert.equal((await receiving.post('traces', traces(chat()))).status, 200);
	});

	it('answers 415 to other types and compressions, 405 to other methods, 404 to other paths', async () => {
		const type = await receiving.post('traces', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' });
		const compression = await receiving.post('traces', '{}', { 'content-encoding': 'br' });
		const method = await fetch(`${receiving.endpoint}/v1/traces`);
		const path = await receiving.post('traces/more', '{}');
		assert.deepEqual([type.status, compression.status, method.status, path.status], [415, 415, 405, 404]);
		assert.equal(method.headers.get('allow'), 'POST');
	});

	it('answers 503 with the time to come again while the ledger is closed, and takes the call once it is open', async () => {
		assert.equal((await receiving.post('traces', traces())).status, 200);
		await receiving.ledger.close();
		const refused = await receiving.post('traces', traces(chat()));
		assert.equal(refused.status, 503);
		assert.ok(Number(refused.headers.get('retry-after')) > 0);
		receiving.reopen();
		// As an exporter does: again and again, until it is taken.
		for (;;) {
			const { status } = await receiving.post('traces', traces(chat()));
			if (status === 200) break;
			assert.equal(status, 503);
			await setTimeout(50);
		}
		assert.equal((await receiving.rows()).length, 1);
	});

	it('answers 429 with the time to come again when too much is under way', async () => {
		const head = { signal: 'traces', encoding: 'json', gzip: false } as const;
		const open = Array.from({ length: 256 }, () => receiving.receiver.deliver(head));
		const refused = await receiving.post('traces', traces(chat()));
		assert.equal(refused.status, 429);
		assert.ok(Number(refused.headers.get('retry-after')) > 0);
		for (const delivery of open) if (typeof delivery !== 'string') delivery.drop();
		assert.equal((await receiving.post('traces', traces(chat()))).status, 200);
	});

	it('survives a client that goes away in the middle of a body', async () => {
		const port = Number(new URL(receiving.endpoint).port);
		const socket = connect(port, '127.0.0.1');
		await once(socket, 'connect');
		socket.write(
			`POST /v1/traces HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"res`,
		);
		socket.destroy();
		assert.equal((await receiving.post('traces', traces(chat()))).status, 200);
		assert.equal((await receiving.rows()).length, 1);
	});
});
