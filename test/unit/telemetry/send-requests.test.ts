import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, it } from 'mocha';
import { OtlpSender } from '../../../src/telemetry/otlp-sender.ts';
import { sendRequests } from '../../../src/telemetry/send-requests.ts';

const quick = { firstMs: 1, maxMs: 5, random: () => 0 };

describe('Requests sent one after the other', () => {
	let server: Server | undefined;
	afterEach(async () => {
		server?.close();
		server?.closeAllConnections();
	});

	/** A collector that answers as it is told, and what it was sent. */
	async function collector(answer: (response: ServerResponse, times: number) => void) {
		const bodies: string[] = [];
		const requests: IncomingMessage[] = [];
		server = createServer(async (request, response) => {
			const parts: Buffer[] = [];
			for await (const part of request) parts.push(part as Buffer);
			bodies.push(gunzipSync(Buffer.concat(parts)).toString());
			requests.push(request);
			answer(response, bodies.length);
		}).listen(0, '127.0.0.1');
		await once(server, 'listening');
		const { port } = server.address() as AddressInfo;
		const headers = { authorization: 'Bearer key' };
		const sender = new OtlpSender({ url: `http://127.0.0.1:${port}/v1/traces`, headers, userAgent: 'callmeter/1' });
		return { bodies, requests, sender };
	}

	async function* three() {
		yield '{"a":1}';
		yield '{"a":2}';
		yield '{"a":3}';
	}

	it('issue 6, export: a receiver that is busy is asked again when it says, and what it did not take is told', async () => {
		const waits: number[] = [];
		const { bodies, requests, sender } = await collector((response, times) => {
			if (times === 1) response.writeHead(429, { 'retry-after': '0' }).end();
			else if (times === 2) response.writeHead(503).end();
			else if (times === 4)
				response.end(JSON.stringify({ partialSuccess: { rejectedSpans: '2', errorMessage: 'too old' } }));
			else response.end('{}');
		});
		const sent = await sendRequests(three(), sender, { backoff: quick, onRetry: (_, delayMs) => waits.push(delayMs) });
		assert.deepEqual(sent, { taken: 3, rejected: 2, messages: ['too old'], problem: null });
		assert.deepEqual(bodies, ['{"a":1}', '{"a":1}', '{"a":1}', '{"a":2}', '{"a":3}']);
		assert.equal(waits.length, 2);
		assert.ok(
			requests.every(
				({ headers }) => headers.authorization === 'Bearer key' && headers['content-type'] === 'application/json',
			),
		);
	});

	it('ends with the first that is refused, and says how far it came', async () => {
		const { bodies, sender } = await collector((response, times) =>
			response.writeHead(times === 2 ? 401 : 200).end('{}'),
		);
		const sent = await sendRequests(three(), sender);
		assert.deepEqual([sent.taken, sent.problem], [1, { kind: 'refused', reason: 'HTTP 401' }]);
		assert.equal(bodies.length, 2);
	});
});
