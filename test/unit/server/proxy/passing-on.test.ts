import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
	createServer,
	type IncomingMessage,
	type Server,
	type ServerResponse,
	request as sendRequest,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { Proxied } from './proxied.ts';

interface Answered {
	status: number;
	message: string;
	headers: string[];
	body: Buffer;
}

describe('what the proxy passes on', () => {
	let proxied: Proxied;
	let provider: Server;
	let base = '';
	let answer: (request: IncomingMessage, response: ServerResponse, body: Buffer) => void;
	let seen: { url: string; method: string; headers: string[]; body: Buffer }[] = [];

	beforeEach(async () => {
		proxied = new Proxied();
		seen = [];
		answer = (_, response) => response.end('{}');
		provider = createServer((request, response) => {
			const chunks: Buffer[] = [];
			request.on('data', (chunk: Buffer) => chunks.push(chunk));
			request.on('end', () => {
				const body = Buffer.concat(chunks);
				seen.push({ url: request.url ?? '', method: request.method ?? '', headers: request.rawHeaders, body });
				answer(request, response, body);
			});
		});
		await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
		base = await proxied.to('here', `http://127.0.0.1:${(provider.address() as AddressInfo).port}/base`);
	});
	afterEach(async () => {
		provider.close();
		provider.closeAllConnections();
		await proxied.remove();
	});

	function ask(path: string, options: { method?: string; headers?: string[]; body?: Buffer } = {}): Promise<Answered> {
		const { method = 'POST', headers = [], body = Buffer.from('{"model":"gpt-5","messages":[]}') } = options;
		return new Promise((resolve, reject) => {
			const { host } = new URL(base);
			const request = sendRequest(base + path, { method, headers: ['Host', host, ...headers] }, (response) => {
				const chunks: Buffer[] = [];
				response.on('data', (chunk: Buffer) => chunks.push(chunk));
				response.on('error', reject);
				response.on('end', () =>
					resolve({
						status: response.statusCode ?? 0,
						message: response.statusMessage ?? '',
						headers: response.rawHeaders,
						body: Buffer.concat(chunks),
					}),
				);
			});
			request.on('error', reject);
			request.end(method === 'GET' ? undefined : body);
		});
	}

	it('is the request as it came: path, query, headers in their order, and each byte of the body', async () => {
		const body = Buffer.from([0, 255, 10, 13, 128, ...Buffer.from('grüße 👋')]);
		const headers = ['X-Api-Key', 'secret', 'x-ODD-case', 'a', 'x-odd-case', 'b', 'Content-Type', 'application/json'];
		await ask('/v1/chat/completions?beta=1&x=%2F', {
			headers: [...headers, 'Content-Length', String(body.length)],
			body,
		});
		const [request] = seen;
		assert.equal(request?.url, '/base/v1/chat/completions?beta=1&x=%2F');
		assert.deepEqual(request?.body, body);
		const kept = (request?.headers ?? []).join('\n');
		assert.ok(kept.includes(headers.join('\n')), kept);
		assert.doesNotMatch(kept, /via|forwarded/i);
	});

	it('is the answer as it came: status, reason, headers, and each byte', async () => {
		const bytes = gzipSync(JSON.stringify({ error: { message: 'slow down', code: 'rate_limit_exceeded' } }));
		answer = (_, response) => {
			response.sendDate = false;
			response.writeHead(
				429,
				'Enhance Your Calm',
				[
					['Retry-After', '7'],
					['content-encoding', 'gzip'],
					['X-Two', '1'],
					['X-Two', '2'],
				].flat(),
			);
			response.end(bytes);
		};
		const got = await ask('/v1/chat/completions');
		assert.deepEqual([got.status, got.message, got.body], [429, 'Enhance Your Calm', bytes]);
		assert.ok(got.headers.join('\n').startsWith('Retry-After\n7\ncontent-encoding\ngzip\nX-Two\n1\nX-Two\n2'));
		const [call] = await proxied.calls(1);
		assert.deepEqual(
			[call?.row.state, call?.error],
			['error', { message: 'slow down', status: 429, code: 'rate_limit_exceeded' }],
		);
		assert.equal(call?.row.cost?.basis, 'refused');
	});

	it('leaves what is no completion unrecorded', async () => {
		answer = (_, response) => response.end('{"data":[]}');
		assert.equal((await ask('/v1/models', { method: 'GET' })).body.toString(), '{"data":[]}');
		await ask('/v1/messages/count_tokens');
		await ask('/v1/embeddings');
		await proxied.stop();
		assert.equal(seen.length, 3);
	});

	it('is read through its compression, as it came', async () => {
		const text = JSON.stringify({
			id: 'chatcmpl-1f2e3d4c5b6a79881234567890abcdef',
			model: 'gpt-5',
			choices: [{ message: { role: 'assistant', content: 'Noon.' }, finish_reason: 'stop' }],
			usage: { prompt_tokens: 10, completion_tokens: 2, total_tokens: 12 },
		});
		answer = (_, response) => response.setHeader('content-encoding', 'gzip').end(gzipSync(text));
		await ask('/v1/chat/completions', {
			headers: ['content-encoding', 'gzip'],
			body: gzipSync('{"model":"gpt-5","messages":[{"role":"user","content":"When?"}]}'),
		});
		const [call] = await proxied.calls(1);
		assert.deepEqual(
			[call?.completion, call?.row.inputTokens, call?.row.outputTokens, call?.messages[0]?.content],
			['Noon.', 10, 2, 'When?'],
		);
	});

	it('comes piece by piece: nothing waits for the end', async () => {
		const steps: string[] = [];
		answer = (_, response) => {
			response.writeHead(200, { 'content-type': 'text/event-stream' });
			response.write('data: {"choices":[{"delta":{"content":"a"}}]}\n\n');
			steps.push('first written');
			setTimeout(() => {
				steps.push('last written');
				response.end('data: [DONE]\n\n');
			}, 300);
		};
		const response = await fetch(`${base}/v1/chat/completions`, { method: 'POST', body: '{"model":"gpt-5"}' });
		const reader = response.body?.getReader();
		await reader?.read();
		steps.push('first read');
		while ((await reader?.read())?.done === false);
		assert.deepEqual(steps, ['first written', 'first read', 'last written']);
	});

	it('may be 200 MB', async () => {
		const size = 200 * 1024 * 1024;
		const piece = Buffer.alloc(1024 * 1024, 'x');
		const start = Buffer.from('{"model":"gpt-5","messages":[{"role":"user","content":"');
		let received = 0;
		const sums = [createHash('sha256'), createHash('sha256')] as const;
		provider.removeAllListeners('request');
		provider.on('request', (request: IncomingMessage, response: ServerResponse) => {
			request.on('data', (chunk: Buffer) => {
				received += chunk.length;
				sums[1].update(chunk);
			});
			request.on('end', () => response.end('{"model":"gpt-5","usage":{"prompt_tokens":5,"completion_tokens":1}}'));
		});
		async function* body() {
			sums[0].update(start);
			yield start;
			for (let sent = 0; sent < size; sent += piece.length) {
				sums[0].update(piece);
				yield piece;
			}
		}
		const init = { method: 'POST', body: body(), duplex: 'half' } as unknown as RequestInit;
		const response = await fetch(`${base}/v1/chat/completions`, init);
		assert.equal(response.status, 200);
		await response.text();
		assert.equal(received, size + start.length);
		assert.equal(sums[0].digest('hex'), sums[1].digest('hex'));
		const [call] = await proxied.calls(1);
		assert.deepEqual([call?.row.model, call?.messages.length, call?.row.inputTokens], ['gpt-5', 0, 5]);
	}).timeout(60_000);

	it('ends with a clear answer when the provider is not there, and is recorded', async () => {
		provider.close();
		provider.closeAllConnections();
		const got = await ask('/v1/chat/completions');
		assert.equal(got.status, 502);
		assert.match(got.body.toString(), /here could not be reached \(ECONNREFUSED\)/);
		const [call] = await proxied.calls(1);
		assert.deepEqual([call?.row.state, call?.error?.code], ['error', 'ECONNREFUSED']);
	});

	it('frames a body in pieces as such, whatever the method', async () => {
		await ask('/v1/files/1', { method: 'DELETE', headers: ['Transfer-Encoding', 'chunked'] });
		await ask('/v1/models', { method: 'GET' });
		assert.deepEqual(
			seen.map(({ method, body }) => [method, body.toString()]),
			[
				['DELETE', '{"model":"gpt-5","messages":[]}'],
				['GET', ''],
			],
		);
	});

	it('survives announced trailers and answers that are no HTTP to pass on', async () => {
		provider.removeAllListeners('request');
		provider.on('request', (request: IncomingMessage) => {
			const first = request.method === 'HEAD' ? 'HTTP/1.1 200 OK\r\nTrailer: X-Sum' : 'HTTP/1.1 099 Odd';
			request.socket.end(`${first}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
		});
		const { hostname, port, pathname } = new URL(base);
		const head = await new Promise<IncomingMessage>((resolve, reject) => {
			sendRequest({ hostname, port, path: `${pathname}/x`, method: 'HEAD' }, resolve)
				.on('error', reject)
				.end();
		});
		assert.deepEqual([head.statusCode, head.headers.trailer], [200, undefined]);
		assert.equal((await ask('/v1/models', { method: 'GET' })).status, 502);
	});

	it('refuses WebSockets clearly', async () => {
		const headers = ['Connection', 'Upgrade', 'Upgrade', 'websocket', 'Sec-WebSocket-Version', '13'];
		const got = await ask('/v1/responses', { method: 'GET', headers });
		assert.equal(got.status, 426);
		assert.equal(seen.length, 0);
	});

	it('is read as a stream, also when nothing names it one', async () => {
		answer = (_, response) =>
			response.end(
				'data: {"id":"chatcmpl-77","model":"gpt-5","choices":[{"delta":{"content":"Noon."},"finish_reason":"stop"}]}\n\n' +
					'data: {"id":"chatcmpl-77","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":2}}\n\ndata: [DONE]\n\n',
			);
		await ask('/v1/chat/completions');
		const [call] = await proxied.calls(1);
		assert.deepEqual(
			[call?.row.state, call?.completion, call?.row.inputTokens, call?.row.outputTokens],
			['ok', 'Noon.', 10, 2],
		);
	});

	it('goes nowhere but to what the user allowed', async () => {
		const origin = new URL(base).origin;
		for (const path of ['/proxy/elsewhere/v1/messages', '/proxy', '/proxy//evil.example/v1/messages']) {
			assert.equal((await fetch(origin + path, { method: 'POST', body: '{}' })).status, 404);
		}
		// A path that looks like another host is a path.
		await ask('//evil.example/v1/messages');
		assert.equal(seen[0]?.url, '/base//evil.example/v1/messages');
	});
});
