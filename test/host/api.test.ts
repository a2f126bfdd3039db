import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { CallmeterApi } from '../../src/api.ts';
import { callmeter, completedCalls, drain, StreamingHandler } from './support.ts';

const chunks = [
	{ type: 'text', text: 'Hello' },
	{ type: 'usage', inputTokens: 1000, outputTokens: 100, cacheReadTokens: 500 },
	{ type: 'finish', reason: 'stop' },
] as const;

describe('the API for other extensions', () => {
	let api: CallmeterApi;

	before(async () => {
		api = await callmeter();
	});

	it('has a version and its members', () => {
		assert.equal(api.version, 1);
		for (const member of [
			'hookTask',
			'wrapApiHandler',
			'record',
			'onDidCompleteCall',
			'onDidRunDiagnostics',
		] as const) {
			assert.equal(typeof api[member], 'function', member);
		}
	});

	it('records a call of a wrapped handler, priced', async () => {
		const taskId = randomUUID();
		const completed = completedCalls(api, 1, ({ sessionId }) => sessionId === taskId);
		const handler = api.wrapApiHandler(new StreamingHandler(chunks), { agentId: 'test-agent', taskId });
		await drain(handler.createMessage());
		const [row] = await completed;
		assert.ok(row !== undefined);
		const { agentId, state, model, provider, inputTokens, cacheReadTokens, outputTokens, finishReason } = row;
		assert.deepEqual(
			{ agentId, state, model, provider, inputTokens, cacheReadTokens, outputTokens, finishReason },
			{
				agentId: 'test-agent',
				state: 'ok',
				model: 'gpt-4o',
				provider: 'openai',
				inputTokens: 1000,
				cacheReadTokens: 500,
				outputTokens: 100,
				finishReason: 'stop',
			},
		);
		// 500 × $2.50 + 500 × $1.25 + 100 × $10.00 a million tokens.
		assert.equal(row.cost?.nanoUsd, 2_875_000);
	});

	it('records every call of a hooked task, whatever its methods are called on', async () => {
		const { hookTask } = api;
		const task = { taskId: randomUUID(), api: new StreamingHandler(chunks) };
		const completed = completedCalls(api, 2, ({ sessionId }) => sessionId === task.taskId);
		const unhook = hookTask(task, { agentId: 'test-agent' });
		await drain(task.api.createMessage());
		await drain(task.api.createMessage());
		unhook();
		assert.deepEqual(
			(await completed).map(({ seq }) => seq),
			[1, 2],
		);
	});

	it('tells what was recorded through its analytics', async () => {
		const sessionId = randomUUID();
		const startedAtMs = Date.now();
		const identity = { callId: randomUUID(), sessionId, agentId: 'test-agent', provider: 'openai', model: 'gpt-4o' };
		const origin = { source: 'test' };
		await api.record([
			{ ...identity, origin, eventType: 'llm_call', startedAtMs, messages: [{ role: 'user', content: 'Hi' }] },
			{
				...identity,
				origin,
				eventType: 'llm_response',
				endedAtMs: startedAtMs + 500,
				protocol: 'openai',
				state: 'ok',
				completion: 'Hello',
				usage: {
					inputTotal: 7,
					uncachedInput: 7,
					cacheRead: 0,
					cacheWrite5m: 0,
					cacheWrite1h: 0,
					cacheWriteUnknownTtl: 0,
					output: 3,
					reasoning: 0,
				},
			},
		]);
		const totals = await api.analytics.totals({ sessionId });
		assert.equal(totals.calls, 1);
		assert.equal(totals.inputTokens, 7);
		assert.equal(totals.outputTokens, 3);
		const [model] = await api.analytics.byModel({ sessionId });
		assert.equal(model?.model, 'gpt-4o');
		const detail = await api.analytics.call(identity.callId);
		assert.deepEqual(detail?.messages, [{ role: 'user', content: 'Hi' }]);
		assert.equal(detail?.completion, 'Hello');
	});

	it('rejects a draft that is not valid and names the field', async () => {
		const draft = {
			eventType: 'llm_call' as const,
			callId: '',
			sessionId: 's',
			agentId: 'test-agent',
			origin: { source: 'test' },
			startedAtMs: 0,
			provider: 'openai',
			model: 'gpt-4o',
		};
		await assert.rejects(api.record([draft]), /callId/);
	});

	it('hands a thing that is no handler back as it is', () => {
		const thing = { name: 'no handler' };
		assert.equal(api.wrapApiHandler(thing, { agentId: 'test-agent' }), thing);
	});

	it('never throws at an agent that hands in what it should not', async () => {
		const wrong = [undefined, null, {}, { agentId: 7 }] as unknown as { agentId: string }[];
		for (const options of wrong) {
			const task = { taskId: randomUUID(), api: new StreamingHandler(chunks) };
			const before = task.api;
			api.hookTask(task, options)();
			assert.equal(task.api, before);
			assert.equal(api.wrapApiHandler(before, options), before);
		}
		api.hookTask(undefined as unknown as object, { agentId: 'test-agent' })();
	});

	it('rejects a query that is not valid and names the field', async () => {
		await assert.rejects(api.analytics.calls({ limit: 1e9 }), /limit/);
		await assert.rejects(api.analytics.totals({ sessionId: 7 } as unknown as { sessionId: string }), /sessionId/);
	});
});
