import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { afterEach, describe, it } from 'mocha';
import type { Message } from '../../../../src/core/message.ts';
import type { ApiHandler, ApiStreamChunk } from '../../../../src/task/api-handler.ts';
import { HandlerError, type HandlerErrorReason } from '../../../../src/task/handlers/handler-error.ts';
import type { HostedModelOptions } from '../../../../src/task/handlers/handler-options.ts';
import { loadHandler } from '../../../../src/task/handlers/load.ts';
import { wrapApiHandler } from '../../../../src/task/hook/wrap-api-handler.ts';
import { type FakeProvider, type ProtocolName, startFakeProvider } from '../../../fixtures/providers/fake-provider.ts';
import type { Fault, TrueUsage, Turn } from '../../../fixtures/providers/script.ts';
import { RecordingSink } from '../hook/recording-sink.ts';

const usage: TrueUsage = { uncachedInput: 7, cacheRead: 3, cacheWrite5m: 0, cacheWrite1h: 0, output: 20, reasoning: 0 };
const text = 'Hello, world, and all who are in it today.';
const key = 'sk-very-secret-key';

const conversation: Message[] = [
	{ role: 'user', content: 'first' },
	{
		role: 'assistant',
		content: [
			{ type: 'reasoning', text: 'not sent back' },
			{ type: 'text', text: 'looking' },
		],
		toolCalls: [
			{ id: 'c1', name: 'read_file', arguments: { path: 'a' } },
			{ id: 'c2', name: 'read_file', arguments: '{"broken' },
		],
	},
	{ role: 'tool', toolCallId: 'c1', content: 'content of a' },
	{ role: 'tool', toolCallId: 'c2', content: 'Error: arguments' },
	{ role: 'assistant', content: '' },
	{ role: 'user', content: 'go on' },
];
const tools = [{ name: 'read_file', description: 'Reads', parameters: { type: 'object', properties: {} } }];

for (const protocol of ['anthropic', 'openai-chat', 'openai-responses', 'gemini'] as const) {
	describe(`the ${protocol} handler`, () => {
		let provider: FakeProvider | undefined;

		afterEach(async () => {
			await provider?.close();
			provider = undefined;
		});

		async function start(turn: Partial<Turn> = {}, options: Partial<HostedModelOptions> = {}) {
			provider = await startFakeProvider(protocol, 'served-model', [{ text, usage, ...turn }]);
			return { provider, handler: await handlerFor(protocol, { baseUrl: provider.baseUrl, ...options }) };
		}

		async function failure(
			handler: ApiHandler,
			signal?: AbortSignal,
		): Promise<{ error: HandlerError; chunks: ApiStreamChunk[] }> {
			const chunks: ApiStreamChunk[] = [];
			try {
				const metadata = { taskId: 't', ...(signal === undefined ? {} : { signal }) };
				for await (const chunk of handler.createMessage('', [{ role: 'user', content: 'x' }], metadata))
					chunks.push(chunk);
			} catch (error) {
				assert.ok(error instanceof HandlerError, String(error));
				return { error, chunks };
			}
			throw new assert.AssertionError({ message: 'It did not fail.' });
		}

		it('streams the text in pieces, then finish and usage', async () => {
			const { handler } = await start();
			const chunks: ApiStreamChunk[] = [];
			for await (const chunk of handler.createMessage('sys', conversation, { taskId: 't', tools })) chunks.push(chunk);
			const texts = chunks.filter(({ type }) => type === 'text');
			assert.ok(texts.length > 1);
			assert.equal(texts.map((chunk) => (chunk.type === 'text' ? chunk.text : '')).join(''), text);
			assert.deepEqual(
				chunks.filter(({ type }) => type === 'finish'),
				[{ type: 'finish', reason: 'stop' }],
			);
			const last = chunks.at(-1);
			assert.ok(last?.type === 'usage');
			assert.equal(last.outputTokens, 20);
		});

		it("sends the conversation in the provider's own shape", async () => {
			const {
				handler,
				provider: { served },
			} = await start({}, { maxTokens: 99, temperature: 0.5 });
			for await (const _ of handler.createMessage('sys', conversation, { taskId: 't', tools }));
			assert.deepEqual(JSON.parse(JSON.stringify(served[0]?.body)), expectedBody(protocol));
			assert.equal(handler.getParameters?.().maxTokens, 99);
		});

		const faults: [string, Fault, HandlerErrorReason, number | null][] = [
			['a wrong key', { kind: 'status', status: 401, times: 1 }, 'authentication', 401],
			['a model that is not there', { kind: 'status', status: 404, times: 1 }, 'notFound', 404],
			['a request too large', { kind: 'status', status: 413, times: 1 }, 'tooLarge', 413],
			['too many requests', { kind: 'status', status: 429, times: 1 }, 'rateLimited', 429],
			['a broken server', { kind: 'status', status: 500, times: 1 }, 'server', 500],
			['a cut connection', { kind: 'cut', afterEvents: 4 }, 'cut', null],
			['a stream that ends too early', { kind: 'close', afterEvents: 4 }, 'cut', null],
			['an event that is no JSON', { kind: 'malformed', afterEvents: 4 }, 'malformed', null],
		];
		for (const [what, fault, reason, status] of faults) {
			it(`${what} is an error with reason ${reason}`, async () => {
				const { handler } = await start({ fault }, { maxRetries: 0 });
				const printed: unknown[] = [];
				const { error: log } = console;
				console.error = (...args: unknown[]): unknown => printed.push(args);
				try {
					const { error } = await failure(handler);
					assert.equal(error.reason, reason);
					assert.equal(error.status, status);
					assert.equal(error.cause, undefined);
					assert.ok(!JSON.stringify(error).includes(key));
				} finally {
					console.error = log;
				}
				assert.deepEqual(printed, [], 'a client library must not print what it could not parse');
			});
		}

		it('an error event in mid-stream is an error that may pass', async () => {
			const { handler } = await start({ fault: { kind: 'error', afterEvents: 4 } });
			const { error } = await failure(handler);
			assert.equal(error.reason, protocol.startsWith('openai') ? 'server' : 'overloaded');
		});

		it('a provider that repeats the key does not get it into the error', async () => {
			const { handler } = await start({ fault: { kind: 'status', status: 401, times: 1 } }, { apiKey: 'Turned away' });
			const { error } = await failure(handler);
			assert.ok(!error.message.includes('Turned away'), error.message);
		});

		it('nobody at the address: reason network', async () => {
			const handler = await handlerFor(protocol, { baseUrl: await deadAddress(), maxRetries: 0 });
			const { error } = await failure(handler);
			assert.equal(error.reason, 'network');
			assert.match(error.message, /ECONNREFUSED/);
		});

		it('an answer that does not begin in time: reason timeout', async () => {
			const silent = createServer();
			await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
			const address = silent.address();
			assert.ok(address !== null && typeof address === 'object');
			try {
				const baseUrl = `http://127.0.0.1:${address.port}`;
				const { error } = await failure(await handlerFor(protocol, { baseUrl, maxRetries: 0, timeoutMs: 50 }));
				assert.equal(error.reason, 'timeout');
			} finally {
				silent.close();
			}
		});

		it('a 429 with Retry-After is waited for within the one call, whose latency shows it', async () => {
			const {
				handler,
				provider: { served },
			} = await start({
				fault: { kind: 'status', status: 429, times: 1, retryAfter: '0.2' },
			});
			const sink = new RecordingSink();
			const observed = wrapApiHandler(handler, { sink, agentId: 'agent', taskId: 't' });
			for await (const _ of observed.createMessage('', [{ role: 'user', content: 'x' }]));
			assert.equal(served.length, 2);
			assert.equal(sink.response.state, 'ok');
			assert.ok((sink.response.latencyMs ?? 0) >= 195);
		});

		it('a cancel of a hung stream ends the request at the provider, and the call is cancelled', async () => {
			const {
				handler,
				provider: { served },
			} = await start({ fault: { kind: 'hang', afterEvents: 4 } });
			const sink = new RecordingSink();
			const aborter = new AbortController();
			const observed = wrapApiHandler(handler, { sink, agentId: 'agent', taskId: 't' });
			const failed = failure(observed, aborter.signal);
			while ((served[0]?.events.length ?? 0) < 4) await new Promise((resolve) => setTimeout(resolve, 5));
			aborter.abort();
			assert.equal((await failed).error.reason, 'aborted');
			await served[0]?.clientGone;
			assert.equal(sink.response.state, 'cancelled');
			assert.equal(sink.response.usageBound, protocol.startsWith('openai') ? 'exact' : 'atLeast');
		});

		it('a consumer that stops early is let go, and the usage is read from the rest', async () => {
			const {
				handler,
				provider: { served },
			} = await start({ fault: { kind: 'slow', delayMs: 5 } });
			const sink = new RecordingSink();
			const observed = wrapApiHandler(handler, { sink, agentId: 'agent', taskId: 't' });
			for await (const chunk of observed.createMessage('', [{ role: 'user', content: 'x' }]))
				if (chunk.type === 'text') break;
			assert.equal(served[0]?.complete, false);
			await sink.responded();
			assert.equal(served[0]?.complete, true);
			assert.equal(sink.response.state, 'ok');
			assert.equal(sink.response.usage?.output, 20);
			assert.equal(sink.response.completion, text);
		});

		it('completionTime and time to first token follow the stream', async () => {
			const { handler } = await start({ fault: { kind: 'slow', delayMs: 15 } });
			const sink = new RecordingSink();
			const observed = wrapApiHandler(handler, { sink, agentId: 'agent', taskId: 't' });
			for await (const _ of observed.createMessage('', [{ role: 'user', content: 'x' }]));
			const { timeToFirstTokenMs, completionTimeMs, latencyMs } = sink.response;
			assert.ok(timeToFirstTokenMs !== null && completionTimeMs !== null && latencyMs !== null);
			assert.ok(
				timeToFirstTokenMs >= 14 && completionTimeMs >= timeToFirstTokenMs + 14 && latencyMs >= completionTimeMs,
			);
		});
	});
}

function handlerFor(protocol: ProtocolName, options: Partial<HostedModelOptions>): Promise<ApiHandler> {
	const all = { apiKey: key, model: 'asked-model', ...options };
	if (protocol === 'anthropic' || protocol === 'gemini') return loadHandler({ kind: protocol, ...all });
	return loadHandler({ kind: 'openai', api: protocol === 'openai-chat' ? 'chat' : 'responses', ...all });
}

/** A port that was free a moment ago. */
async function deadAddress(): Promise<string> {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const address = server.address();
	await new Promise((resolve) => server.close(resolve));
	assert.ok(address !== null && typeof address === 'object');
	return `http://127.0.0.1:${address.port}`;
}

function expectedBody(protocol: ProtocolName): unknown {
	const cache_control = { type: 'ephemeral', ttl: '5m' };
	const parameters = { type: 'object', properties: {} };
	switch (protocol) {
		case 'anthropic':
			return {
				model: 'asked-model',
				max_tokens: 99,
				temperature: 0.5,
				stream: true,
				system: [{ type: 'text', text: 'sys', cache_control }],
				tools: [{ name: 'read_file', description: 'Reads', input_schema: parameters }],
				messages: [
					{ role: 'user', content: [{ type: 'text', text: 'first' }] },
					{
						role: 'assistant',
						content: [
							{ type: 'text', text: 'looking' },
							{ type: 'tool_use', id: 'c1', name: 'read_file', input: { path: 'a' } },
							{ type: 'tool_use', id: 'c2', name: 'read_file', input: { text: '{"broken' } },
						],
					},
					{
						role: 'user',
						content: [
							{ type: 'tool_result', tool_use_id: 'c1', content: 'content of a' },
							{ type: 'tool_result', tool_use_id: 'c2', content: 'Error: arguments' },
						],
					},
					{ role: 'assistant', content: [{ type: 'text', text: '(nothing)' }] },
					{ role: 'user', content: [{ type: 'text', text: 'go on', cache_control }] },
				],
			};
		case 'gemini':
			return {
				generationConfig: { maxOutputTokens: 99, temperature: 0.5 },
				systemInstruction: { role: 'user', parts: [{ text: 'sys' }] },
				tools: [
					{ functionDeclarations: [{ name: 'read_file', description: 'Reads', parametersJsonSchema: parameters }] },
				],
				contents: [
					{ role: 'user', parts: [{ text: 'first' }] },
					{
						role: 'model',
						parts: [
							{ text: 'looking' },
							{ functionCall: { id: 'c1', name: 'read_file', args: { path: 'a' } } },
							{ functionCall: { id: 'c2', name: 'read_file', args: { text: '{"broken' } } },
						],
					},
					{
						role: 'user',
						parts: [
							{ functionResponse: { id: 'c1', name: 'read_file', response: { output: 'content of a' } } },
							{ functionResponse: { id: 'c2', name: 'read_file', response: { output: 'Error: arguments' } } },
						],
					},
					{ role: 'model', parts: [{ text: '(nothing)' }] },
					{ role: 'user', parts: [{ text: 'go on' }] },
				],
			};
		case 'openai-chat':
			return {
				model: 'asked-model',
				max_completion_tokens: 99,
				temperature: 0.5,
				stream: true,
				stream_options: { include_usage: true },
				tools: [{ type: 'function', function: { name: 'read_file', description: 'Reads', parameters } }],
				messages: [
					{ role: 'system', content: 'sys' },
					{ role: 'user', content: 'first' },
					{
						role: 'assistant',
						content: 'looking',
						tool_calls: [
							{ id: 'c1', type: 'function', function: { name: 'read_file', arguments: '{"path":"a"}' } },
							{ id: 'c2', type: 'function', function: { name: 'read_file', arguments: '{"broken' } },
						],
					},
					{ role: 'tool', tool_call_id: 'c1', content: 'content of a' },
					{ role: 'tool', tool_call_id: 'c2', content: 'Error: arguments' },
					{ role: 'assistant', content: '' },
					{ role: 'user', content: 'go on' },
				],
			};
		case 'openai-responses':
			return {
				model: 'asked-model',
				max_output_tokens: 99,
				temperature: 0.5,
				stream: true,
				store: false,
				instructions: 'sys',
				tools: [{ type: 'function', name: 'read_file', description: 'Reads', parameters, strict: false }],
				input: [
					{ role: 'user', content: 'first' },
					{ role: 'assistant', content: 'looking' },
					{ type: 'function_call', call_id: 'c1', name: 'read_file', arguments: '{"path":"a"}' },
					{ type: 'function_call', call_id: 'c2', name: 'read_file', arguments: '{"broken' },
					{ type: 'function_call_output', call_id: 'c1', output: 'content of a' },
					{ type: 'function_call_output', call_id: 'c2', output: 'Error: arguments' },
					{ role: 'assistant', content: '' },
					{ role: 'user', content: 'go on' },
				],
			};
	}
}
