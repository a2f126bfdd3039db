import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import type { CallDetail } from '../../../src/core/views.ts';
import type { CallmeterClient } from '../../../src/sdk/client.ts';
import { fromAnthropic, fromOpenAiChat } from '../../../src/sdk/provider-calls.ts';
import { type FakeProvider, startFakeProvider } from '../../fixtures/providers/fake-provider.ts';
import type { Turn } from '../../fixtures/providers/script.ts';
import type { Serving } from '../server/api/serving.ts';
import { FakeHandler, usage as usageChunk } from '../task/hook/fake-handler.ts';
import { aCall, callsOf, Reporting } from './reporting.ts';

const turn: Turn = {
	text: 'A book of accounts, kept by hand.',
	usage: { uncachedInput: 812, cacheRead: 5_500, cacheWrite5m: 0, cacheWrite1h: 0, output: 143, reasoning: 0 },
};
const answer = {
	completion: 'Yes.',
	finishReason: 'stop',
	usage: { inputTokens: 9, outputTokens: 2, totalTokens: 11 },
};
const { provider: asked, model, messages } = aCall();
const request = { provider: asked, model, messages };

describe('a call under way', () => {
	let user: Reporting;
	let serving: Serving;
	let client: CallmeterClient;
	/** Of this test alone. */
	let session: string;
	let provider: FakeProvider | undefined;
	before(async () => {
		user = new Reporting();
		serving = await user.serve();
		client = user.client();
	});
	after(() => user.remove());
	beforeEach(() => {
		session = randomUUID();
	});
	afterEach(() => provider?.close());

	async function recorded(): Promise<CallDetail> {
		await client.flush();
		const [call, ...others] = await callsOf(serving, session);
		assert.ok(call !== undefined && others.length === 0);
		return call;
	}

	it('is seen while it waits for its answer, and ends with it', async () => {
		const call = client.startLlmCall(session, request);
		assert.equal((await recorded()).row.state, 'pending');
		call.firstToken();
		const { callId } = await call.end(answer);
		const { row, completion } = await recorded();
		assert.deepEqual([row.callId, row.state, row.inputTokens, completion], [callId, 'ok', 9, 'Yes.']);
		assert.ok((row.timeToFirstTokenMs ?? -1) >= 0 && (row.timeToFirstTokenMs ?? 0) <= (row.latencyMs ?? -1));
	});

	it('fails with what was thrown: message, status, code; an abort is no failure', async () => {
		const error = Object.assign(new Error('Overloaded'), { status: 529, code: 'overloaded_error' });
		await client.startLlmCall(session, request).fail(error, { completion: 'Ye' });
		const failed = await recorded();
		assert.deepEqual([failed.row.state, failed.completion], ['error', 'Ye']);
		assert.deepEqual(failed.error, { message: 'Overloaded', status: 529, code: 'overloaded_error' });
		session = randomUUID();
		await client.startLlmCall(session, request).fail(new DOMException('Stop', 'AbortError'));
		assert.equal((await recorded()).row.state, 'cancelled');
	});

	it('ends once: what comes later changes nothing', async () => {
		const call = client.startLlmCall(session, request);
		await call.end(answer);
		assert.deepEqual(await call.fail(new Error('late')), { callId: call.callId });
		await call.cancel();
		assert.equal((await recorded()).row.state, 'ok');
	});

	it('refuses an answer that is not right, with the path, and can still be ended', async () => {
		const call = client.startLlmCall(session, request);
		await assert.rejects(call.end({ ...answer, finishReason: '' }), { reason: 'invalid', message: /finishReason/ });
		await call.end(answer);
		assert.equal((await recorded()).row.state, 'ok');
	});

	it('hands on every event of a stream as it is', async () => {
		const events = [{ choices: [] }, { choices: [{ delta: { content: 'a' } }] }, null, 7];
		const seen: unknown[] = [];
		const call = client.startLlmCall(session, { ...request, api: 'chat' });
		for await (const event of call.watch(streamOf(events))) seen.push(event);
		assert.ok(seen.every((event, at) => event === events[at]) && seen.length === events.length);
	});

	it('whose stream breaks throws what the provider threw, and keeps what had come', async () => {
		provider = await startFakeProvider('anthropic', 'claude-sonnet-4-5', [
			{ ...turn, fault: { kind: 'cut', afterEvents: 5 } },
		]);
		const anthropic = new Anthropic({ apiKey: 'key', baseURL: provider.baseUrl, maxRetries: 0 });
		const params = {
			model: 'claude-sonnet-4-5',
			max_tokens: 100,
			messages: [{ role: 'user' as const, content: 'Hi' }],
		};
		const call = client.startLlmCall(session, fromAnthropic(params));
		await assert.rejects(async () => {
			for await (const _event of await call.watch(anthropic.messages.create({ ...params, stream: true })));
		});
		const { row, completion, usage, usageBound } = await recorded();
		assert.equal(row.state, 'error');
		assert.ok(turn.text?.startsWith(completion ?? 'never'));
		assert.deepEqual([usage?.cacheRead, usageBound], [5_500, 'atLeast']);
	});

	it('whose reader stops is cancelled at the provider too; one that had heard all is not', async () => {
		provider = await startFakeProvider('openai-chat', 'gpt-4o', [
			{ ...turn, fault: { kind: 'hang', afterEvents: 3 } },
			turn,
		]);
		const openai = new OpenAI({ apiKey: 'key', baseURL: provider.baseUrl, maxRetries: 0 });
		const params = {
			model: 'gpt-4o',
			messages: [{ role: 'user' as const, content: 'Hi' }],
			stream: true as const,
			stream_options: { include_usage: true },
		};
		for await (const chunk of await client
			.startLlmCall(session, fromOpenAiChat(params))
			.watch(openai.chat.completions.create(params))) {
			if (chunk.choices[0]?.delta.content) break;
		}
		await provider.served[0]?.clientGone;
		assert.equal((await recorded()).row.state, 'cancelled');
		session = randomUUID();
		for await (const chunk of await client
			.startLlmCall(session, fromOpenAiChat(params))
			.watch(openai.chat.completions.create(params))) {
			if (chunk.usage) break;
		}
		const { row } = await recorded();
		assert.deepEqual([row.state, row.outputTokens], ['ok', 143]);
	});

	it('that the provider turns away throws its error, and is recorded with the status', async () => {
		provider = await startFakeProvider('openai-chat', 'gpt-4o', [
			{ ...turn, fault: { kind: 'status', status: 429, times: 1 } },
		]);
		const openai = new OpenAI({ apiKey: 'key', baseURL: provider.baseUrl, maxRetries: 0 });
		const params = { model: 'gpt-4o', messages: [{ role: 'user' as const, content: 'Hi' }] };
		const call = client.startLlmCall(session, fromOpenAiChat(params));
		await assert.rejects(call.watch(openai.chat.completions.create(params)), OpenAI.RateLimitError);
		const { row, error } = await recorded();
		assert.deepEqual([row.state, error?.status], ['error', 429]);
	});

	it('is left to its own when its answer cannot be read', async () => {
		const value = { usage: 'much', choices: 'none' };
		assert.equal(await client.startLlmCall(session, { ...request, api: 'chat' }).watch(Promise.resolve(value)), value);
		assert.equal((await recorded()).row.state, 'error');
		session = randomUUID();
		assert.equal(await client.startLlmCall(session, request).watch(Promise.resolve(value)), value);
		const { row } = await recorded();
		assert.deepEqual([row.state, row.usageMissing], ['ok', true]);
	});

	describe('of a wrapped handler', () => {
		const say = [
			{ type: 'reasoning', text: 'Hm.' },
			{ type: 'text', text: 'Yes.' },
			{ type: 'tool_call', id: 't', name: 'read', arguments: '{"path":"a"}' },
			{ type: 'tool_call', id: 'u', name: 'bad', arguments: '{"half' },
			{ ...usageChunk, cacheReadTokens: 4 },
			{ type: 'finish', reason: 'tool_use' },
		] as const;

		async function run(handler: FakeHandler): Promise<unknown[]> {
			const chunks: unknown[] = [];
			const stream = handler.createMessage('Be brief.', [{ role: 'user', content: 'Is it?' }], { taskId: session });
			for await (const chunk of stream) chunks.push(chunk);
			return chunks;
		}

		it('is reported without a change to what its agent sees', async () => {
			const chunks = await run(client.wrapApiHandler(new FakeHandler(...say), { agentId: 'loop', mode: 'code' }));
			assert.deepEqual(chunks, say);
			const { row, ...call } = await recorded();
			assert.deepEqual([row.state, row.agentId, row.model, row.finishReason], ['ok', 'loop', 'model-a', 'tool_use']);
			assert.deepEqual([call.completion, call.reasoning, call.systemPrompt], ['Yes.', 'Hm.', 'Be brief.']);
			assert.deepEqual([call.usage?.inputTotal, call.usage?.cacheRead, call.usage?.uncachedInput], [10, 4, 6]);
			assert.deepEqual(
				call.toolCalls.map(({ arguments: args }) => args),
				[{ path: 'a' }, { unparsed: '{"half' }],
			);
		});

		it('is redacted when that is asked for', async () => {
			await run(client.wrapApiHandler(new FakeHandler(...say), { redact: true, title: 'Is it?' }));
			const call = await recorded();
			assert.equal(call.row.contentState, 'redacted');
			assert.ok(!/Is it|Yes\.|Hm\.|Be brief|"path"/.test(JSON.stringify(call)));
			assert.deepEqual([call.row.inputTokens, call.row.outputTokens], [10, 5]);
		});

		it('fails as its handler does', async () => {
			const broken = new FakeHandler(say[1], () => {
				throw Object.assign(new Error('Too many'), { status: 429 });
			});
			await assert.rejects(run(client.wrapApiHandler(broken)), /Too many/);
			const { row, error, completion } = await recorded();
			assert.deepEqual([row.state, error?.status, completion], ['error', 429, 'Yes.']);
		});
	});
});

async function* streamOf<T>(events: readonly T[]): AsyncGenerator<T> {
	yield* events;
}
