import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, it } from 'mocha';
import type { Message } from '../../../../src/core/message.ts';
import type { ApiStreamChunk } from '../../../../src/task/api-handler.ts';
import { GeminiHandler } from '../../../../src/task/handlers/gemini.ts';
import { HandlerError } from '../../../../src/task/handlers/handler-error.ts';
import { wrapApiHandler } from '../../../../src/task/hook/wrap-api-handler.ts';
import { RecordingSink } from '../hook/recording-sink.ts';

type Answer = (request: IncomingMessage, response: ServerResponse, body: Body) => void;

interface Body {
	contents: { role: string; parts: Record<string, unknown>[] }[];
	generationConfig?: { thinkingConfig?: unknown };
	[key: string]: unknown;
}

const asked: Message[] = [{ role: 'user', content: 'When is high water?' }];

/** What the official fake of the other tests has no words for: what Gemini alone does. */
describe("the Gemini handler, in Gemini's own ways", () => {
	let server: Server | undefined;
	const bodies: Body[] = [];

	afterEach(async () => {
		bodies.length = 0;
		await new Promise((resolve) => (server === undefined ? resolve(null) : server.close(resolve)));
		server = undefined;
	});

	/** A handler for a provider that answers so, each time. */
	async function handlerFor(answer: Answer, model = 'gemini-2.5-pro'): Promise<GeminiHandler> {
		const provider = createServer((request, response) => {
			let text = '';
			request.setEncoding('utf8').on('data', (part: string) => {
				text += part;
			});
			request.on('end', () => {
				const body: Body = JSON.parse(text);
				bodies.push(body);
				response.on('close', () => provider.closeIdleConnections());
				answer(request, response, body);
			});
		});
		server = provider;
		await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
		const { port } = provider.address() as AddressInfo;
		return new GeminiHandler({ apiKey: 'secret', model, baseUrl: `http://127.0.0.1:${port}` });
	}

	it('makes up an id for each call without one, keeps it to itself, and sends the thought signature back', async () => {
		const handler = await handlerFor(
			streaming([
				parts({ functionCall: { name: 'tides', args: { port: 'Emden' } }, thoughtSignature: 'c2lnbmVk' }),
				parts(
					{ functionCall: { name: 'tides', args: { port: 'Brest' } } },
					{ functionCall: { id: 'own', name: 'moon' } },
				),
				ended('STOP'),
			]),
		);
		const chunks = await read(handler.createMessage('', asked));
		const calls = chunks.filter((chunk) => chunk.type === 'tool_call');
		assert.deepEqual(
			calls.map(({ name, arguments: args }) => [name, args]),
			[
				['tides', '{"port":"Emden"}'],
				['tides', '{"port":"Brest"}'],
				['moon', '{}'],
			],
		);
		assert.equal(new Set(calls.map(({ id }) => id)).size, 3);
		assert.equal(calls[2]?.id, 'own');
		assert.ok(chunks.some((chunk) => chunk.type === 'finish' && chunk.reason === 'tool_use'));

		const toolCalls = calls.map(({ id, name, arguments: args }) => ({ id, name, arguments: JSON.parse(args) }));
		const results = toolCalls.map(({ id }, at): Message => ({ role: 'tool', toolCallId: id, content: `result ${at}` }));
		await read(handler.createMessage('', [...asked, { role: 'assistant', content: '', toolCalls }, ...results]));
		assert.deepEqual(bodies[1]?.contents.slice(1), [
			{
				role: 'model',
				parts: [
					{ functionCall: { name: 'tides', args: { port: 'Emden' } }, thoughtSignature: 'c2lnbmVk' },
					{ functionCall: { name: 'tides', args: { port: 'Brest' } } },
					{ functionCall: { id: 'own', name: 'moon', args: {} } },
				],
			},
			{
				role: 'user',
				parts: [
					{ functionResponse: { name: 'tides', response: { output: 'result 0' } } },
					{ functionResponse: { name: 'tides', response: { output: 'result 1' } } },
					{ functionResponse: { id: 'own', name: 'moon', response: { output: 'result 2' } } },
				],
			},
		]);
	});

	it('tells thoughts as reasoning, and asks only models that have them', async () => {
		const answer = streaming([parts({ text: 'The moon…', thought: true }), parts({ text: 'At noon.' }), ended('STOP')]);
		const handler = await handlerFor(answer);
		const chunks = await read(handler.createMessage('', asked));
		assert.deepEqual(
			chunks.filter(({ type }) => type === 'text' || type === 'reasoning'),
			[
				{ type: 'reasoning', text: 'The moon…' },
				{ type: 'text', text: 'At noon.' },
			],
		);
		assert.deepEqual(bodies[0]?.generationConfig?.thinkingConfig, { includeThoughts: true });
		server?.close();
		for (const model of ['gemini-2.0-flash', 'models/gemini-1.5-pro', 'gemma-3-27b-it']) {
			const older = await handlerFor(answer, model);
			await read(older.createMessage('', asked));
			assert.equal(bodies.at(-1)?.generationConfig?.thinkingConfig, undefined, model);
			server?.close();
		}
	});

	it('counts what thoughts and built-in tools take, and lets each count replace the one before', async () => {
		const handler = await handlerFor(
			streaming([
				{ ...parts({ text: 'At ' }), usageMetadata: { promptTokenCount: 900, candidatesTokenCount: 1 } },
				{
					...ended('STOP'),
					usageMetadata: {
						promptTokenCount: 1000,
						cachedContentTokenCount: 600,
						toolUsePromptTokenCount: 50,
						candidatesTokenCount: 70,
						thoughtsTokenCount: 30,
						totalTokenCount: 1150,
						serviceTier: 'FLEX',
					},
				},
			]),
		);
		const sink = new RecordingSink();
		await read(wrapApiHandler(handler, { sink, agentId: 'agent', taskId: 't' }).createMessage('', asked));
		const { usage, usageBound, usageMissing, serviceTier } = sink.response;
		assert.deepEqual(
			[usage?.inputTotal, usage?.cacheRead, usage?.uncachedInput, usage?.output, usage?.reasoning],
			[1050, 600, 450, 100, 30],
		);
		assert.deepEqual([usageBound, usageMissing, serviceTier], ['exact', false, 'flex']);
	});

	it('a prompt that is blocked is an error that is not tried again, with the tokens it took', async () => {
		const blocked = { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' }, usageMetadata: { promptTokenCount: 12 } };
		const handler = await handlerFor(streaming([blocked]));
		const sink = new RecordingSink();
		const stream = wrapApiHandler(handler, { sink, agentId: 'agent', taskId: 't' }).createMessage('', asked);
		await assert.rejects(read(stream), (error) => {
			assert.ok(error instanceof HandlerError);
			assert.deepEqual([error.reason, error.message], ['blocked', 'Gemini blocked the prompt (PROHIBITED_CONTENT).']);
			return true;
		});
		assert.equal(bodies.length, 1);
		const { state, finishReason, usage, usageBound } = sink.response;
		assert.deepEqual([state, finishReason, usage?.inputTotal, usageBound], ['error', 'content_filter', 12, 'exact']);
	});

	it("gives the reasons for which it stopped in the record's words", async () => {
		const expected = {
			STOP: 'stop',
			MAX_TOKENS: 'length',
			SAFETY: 'content_filter',
			RECITATION: 'content_filter',
			MALFORMED_FUNCTION_CALL: 'MALFORMED_FUNCTION_CALL',
		};
		let reason = '';
		const handler = await handlerFor((...args) => streaming([ended(reason)])(...args));
		const found: Record<string, string> = {};
		for (reason of Object.keys(expected)) {
			const chunks = await read(handler.createMessage('', asked));
			found[reason] = chunks.flatMap((chunk) => (chunk.type === 'finish' ? chunk.reason : [])).join();
		}
		assert.deepEqual(found, expected);
	});

	it('a key that Google does not know is an error of authentication, for all that it is a bad request', async () => {
		const handler = await handlerFor((_, response) => {
			response.writeHead(400, { 'content-type': 'application/json' });
			const details = [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID' }];
			const message = 'API key secret not valid.';
			response.end(JSON.stringify({ error: { code: 400, message, status: 'INVALID_ARGUMENT', details } }));
		});
		await assert.rejects(read(handler.createMessage('', asked)), (error) => {
			assert.ok(error instanceof HandlerError);
			assert.deepEqual([error.reason, error.message], ['authentication', 'API key ••• not valid.']);
			return true;
		});
	});

	it('a cancel between two tries ends the request at once', async () => {
		const aborter = new AbortController();
		const handler = await handlerFor((_, response) => {
			response.writeHead(503).end();
			setImmediate(() => aborter.abort());
		});
		const started = performance.now();
		const stream = handler.createMessage('', asked, { taskId: 't', signal: aborter.signal });
		await assert.rejects(read(stream), (error) => error instanceof HandlerError && error.reason === 'aborted');
		// The client would have waited at least this long.
		assert.ok(performance.now() - started < 450);
	});

	it('a reader who leaves ends the request at the provider', async () => {
		const { promise: gone, resolve } = Promise.withResolvers<void>();
		const handler = await handlerFor((_, response) => {
			response.on('close', resolve);
			response.writeHead(200, { 'content-type': 'text/event-stream' });
			response.write(event(parts({ text: 'On and on' })));
		});
		for await (const chunk of handler.createMessage('', asked)) if (chunk.type === 'text') break;
		await gone;
	});
});

function streaming(chunks: readonly object[]): Answer {
	return (_, response) => {
		response.writeHead(200, { 'content-type': 'text/event-stream' });
		response.end(chunks.map(event).join(''));
	};
}

function event(chunk: object): string {
	return `data: ${JSON.stringify({ responseId: 'r1', modelVersion: 'gemini-2.5-pro', ...chunk })}\n\n`;
}

function parts(...list: object[]): object {
	return { candidates: [{ index: 0, content: { role: 'model', parts: list } }] };
}

function ended(finishReason: string): object {
	return { candidates: [{ index: 0, content: { role: 'model', parts: [] }, finishReason }] };
}

async function read(stream: AsyncIterable<ApiStreamChunk>): Promise<ApiStreamChunk[]> {
	const chunks: ApiStreamChunk[] = [];
	for await (const chunk of stream) chunks.push(chunk);
	return chunks;
}
