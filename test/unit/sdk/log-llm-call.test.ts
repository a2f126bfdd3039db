import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { CallmeterClient } from '../../../src/sdk/client.ts';
import type { LlmCallParams } from '../../../src/sdk/types.ts';
import type { Serving } from '../server/api/serving.ts';
import { aCall, callsOf, Reporting } from './reporting.ts';

const uuidV4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('logLlmCall', () => {
	let user: Reporting;
	let serving: Serving;
	before(async () => {
		user = new Reporting();
		serving = await user.serve();
	});
	after(() => user.remove());
	/** Of this test alone. */
	let session: string;
	beforeEach(() => {
		session = randomUUID();
	});

	it('story 3.2: SDK method sends paired llm_call + llm_response events', async () => {
		const { callId } = await user.client().logLlmCall(session, aCall());
		const [call, ...others] = await callsOf(serving, session);
		assert.ok(call !== undefined && others.length === 0);
		const { row } = call;
		assert.deepEqual([row.callId, row.sessionId, row.state, row.provider], [callId, session, 'ok', 'anthropic']);
		assert.deepEqual([row.inputTokens, row.outputTokens, row.latencyMs], [1_200, 30, 800]);
		assert.equal(call.completion, 'A book of accounts.');
		assert.equal(call.systemPrompt, 'Answer briefly.');
		assert.deepEqual(call.messages, [{ role: 'user', content: 'What is a ledger?' }]);
		const { rows } = await serving.ledger.sessions({ filter: {}, sort: 'newest', offset: 0, limit: 10 });
		assert.equal(rows.find(({ sessionId }) => sessionId === session)?.calls, 1);
	});

	it('story 3.2: auto-generates callId (UUID v4), another for each call', async () => {
		const client = user.client();
		const ids = await Promise.all([1, 2, 3].map(() => client.logLlmCall(session, aCall())));
		for (const { callId } of ids) assert.match(callId, uuidV4);
		assert.equal(new Set(ids.map(({ callId }) => callId)).size, 3);
	});

	it('story 3.2: redact option strips prompt/completion content, arguments, tools, error text and title too', async () => {
		const secret = 'the-secret-word';
		const call = aCall({
			redact: true,
			messages: [
				{ role: 'user', content: [{ type: 'text', text: secret }] },
				{ role: 'assistant', content: secret, toolCalls: [{ id: 't', name: secret, arguments: { [secret]: secret } }] },
				{ role: 'tool', content: secret, toolCallId: 't' },
			],
			systemPrompt: secret,
			tools: [{ name: secret, description: secret, parameters: { [secret]: secret } }],
			parameters: { temperature: 0.5, stopSequences: [secret] },
			title: secret,
			completion: secret,
			reasoning: secret,
			toolCalls: [{ id: 't', name: secret, arguments: { [secret]: secret } }],
			finishReason: 'error',
			error: { message: secret, status: 500 },
		});
		const client = user.client();
		await client.logLlmCall(session, call);
		await user.client({ redact: true }).logLlmCall(session, { ...call, redact: undefined });
		const calls = await callsOf(serving, session);
		assert.equal(calls.length, 2);
		for (const stored of calls) {
			assert.ok(!JSON.stringify(stored).includes(secret));
			assert.equal(stored.row.contentState, 'redacted');
			assert.deepEqual([stored.row.inputTokens, stored.row.outputTokens, stored.error?.status], [1_200, 30, 500]);
			assert.equal(stored.row.messageCount, 3);
		}
	});

	it('story 3.2: analytics method calls GET /api/analytics/llm', async () => {
		const client = user.client({ agentId: session });
		await client.logLlmCall(session, aCall());
		await client.logLlmCall('task-2', aCall({ model: 'gpt-4o', provider: 'openai', costUsd: 0.5 }));
		const { summary, byModel, byTime } = await client.getLlmAnalytics({ agentId: session, granularity: 'hour' });
		assert.deepEqual([summary.totalCalls, summary.totalInputTokens, summary.totalOutputTokens], [2, 2_400, 60]);
		assert.equal(summary.avgLatencyMs, 800);
		assert.equal(byModel.length, 2);
		assert.ok(byTime.length >= 24);
		assert.equal(
			byTime.reduce((sum, { calls }) => sum + calls, 0),
			2,
		);
		for (const filter of [{ model: 'gpt-4o' }, { provider: 'openai' }]) {
			assert.equal((await client.getLlmAnalytics({ agentId: session, ...filter })).summary.totalCalls, 1);
		}
		await assert.rejects(client.getLlmAnalytics({ from: 'yesterday' }), { reason: 'invalid', message: /from/ });
		await assert.rejects(client.getLlmAnalytics({ from: '2030-01-01T00:00:00Z', to: '2020-01-01T00:00:00Z' }), {
			reason: 'invalid',
			message: /from: must be before to/,
		});
	});

	const wrong: [what: string, changes: object, path: RegExp][] = [
		['no messages', { messages: [] }, /messages: messages is empty/],
		['a role that is none', { messages: [{ role: 'robot', content: '' }] }, /messages\.0\.role/],
		['arguments as text', { toolCalls: [{ id: 'a', name: 'b', arguments: '{}' }] }, /toolCalls\.0\.arguments/],
		['half a token', { usage: { inputTokens: 0.5, outputTokens: 1, totalTokens: 2 } }, /usage\.inputTokens/],
		['no provider', { provider: '' }, /provider/],
		['a negative cost', { costUsd: -1 }, /costUsd is negative/],
		['no latency', { latencyMs: undefined }, /latencyMs/],
	];
	for (const [what, changes, path] of wrong) {
		it(`story 3.3: logLlmCall refuses ${what} at once, with the path`, async () => {
			const params = { ...aCall(), ...changes } as LlmCallParams;
			await assert.rejects(user.client().logLlmCall(session, params), { reason: 'invalid', message: path });
			assert.equal(user.client().status().waiting.events, 0);
		});
	}

	it('refuses a session without a name, and names that are too long', async () => {
		const agentId = 'a'.repeat(201);
		await assert.rejects(user.client({ agentId }).logLlmCall('task', aCall()), {
			reason: 'invalid',
			message: /agentId/,
		});
		await assert.rejects(user.client().logLlmCall('s'.repeat(501), aCall()), {
			reason: 'invalid',
			message: /sessionId/,
		});
		await assert.rejects(user.client().logLlmCall('', aCall()), { reason: 'invalid', message: /sessionId/ });
		assert.throws(() => user.client().startLlmCall('', aCall()), { reason: 'invalid' });
	});

	it('story 3.2: redact leaves names of errors, ends and parameters, and no sentence in their place', async () => {
		const sentence = 'blocked: the-secret-word';
		const parameters = { temperature: 0.5, [sentence]: 1 };
		const call = aCall({ redact: true, parameters, finishReason: 'error' });
		await user.client().logLlmCall(session, { ...call, error: { message: sentence, code: 'server_error' } });
		await user.client().logLlmCall(session, { ...call, error: { message: sentence, code: sentence } });
		await user.client().logLlmCall(session, { ...call, finishReason: sentence });
		const calls = await callsOf(serving, session);
		assert.ok(!JSON.stringify(calls).includes('the-secret-word'));
		assert.deepEqual(
			calls.map(({ error, row, parameters: kept }) => [error?.code ?? null, row.finishReason, kept]),
			[
				['server_error', 'error', { temperature: 0.5 }],
				[null, 'error', { temperature: 0.5 }],
				[null, 'unknown', { temperature: 0.5 }],
			],
		);
	});

	it('takes what JSON has no word for, without that', async () => {
		const schema: Record<string, unknown> = { type: 'object', title: 'kept' };
		schema.self = schema;
		const toJSON = () => {
			throw new Error('not this one');
		};
		const tools = [{ name: 'read', parameters: schema }];
		await user.client().logLlmCall(session, aCall({ tools, parameters: { seed: 7n, hook: { toJSON } } }));
		const [call] = await callsOf(serving, session);
		assert.deepEqual([call?.tools[0]?.parameters?.title, call?.parameters.seed], ['kept', '7']);
	});

	it('takes a duration that no clock has', async () => {
		const response = { completion: null, finishReason: 'stop', usage: null, latencyMs: 1e300 };
		await user.client().startLlmCall(session, aCall()).end(response);
		const [call] = await callsOf(serving, session);
		assert.equal(call?.row.state, 'ok');
	});

	it('leaves a cost that is not known to the price table, and never makes it 0', async () => {
		const client = user.client();
		const usage = {
			inputTokens: 100_000,
			outputTokens: 0,
			totalTokens: 100_000,
			cacheReadTokens: 0,
			cacheWriteTokens: 0,
		};
		await client.logLlmCall(session, aCall({ costUsd: null, usage }));
		await client.logLlmCall(session, aCall({ costUsd: undefined, usage, model: 'a-model-nobody-knows' }));
		const [known, unknown] = await callsOf(serving, session);
		assert.equal(known?.row.cost?.nanoUsd, 300_000_000);
		assert.equal(unknown?.row.cost?.nanoUsd ?? null, null);
	});

	it('tells all that it is told: agent, mode, folder, title, kind, ids, tier, bounds, cache writes by time to live', async () => {
		const usage = {
			inputTokens: 1_000,
			outputTokens: 50,
			totalTokens: 1_050,
			thinkingTokens: 10,
			cacheReadTokens: 600,
			cacheWriteTokens: 300,
			cacheWrite5mTokens: 100,
			cacheWrite1hTokens: 200,
		};
		await user.client({ agentId: 'my-agent', billing: 'subscription' }).logLlmCall(
			session,
			aCall({
				usage,
				title: 'Find the bug',
				mode: 'code',
				kind: 'subagent',
				reasoning: 'Hm.',
				responseModel: 'claude-sonnet-4-5-20250929',
				responseId: 'msg_1',
				requestId: 'req_1',
				serviceTier: 'batch',
				inferenceProvider: 'bedrock',
				usageBound: 'atLeast',
				timeToFirstTokenMs: 120,
			}),
		);
		const [call] = await callsOf(serving, session);
		assert.ok(call !== undefined);
		const { row } = call;
		assert.deepEqual(
			[row.agentId, row.kind, row.actualModel, row.timeToFirstTokenMs, row.cost?.billing],
			['my-agent', 'subagent', 'claude-sonnet-4-5-20250929', 120, 'subscription'],
		);
		assert.deepEqual([call.folder, call.reasoning, call.serviceTier], [user.project, 'Hm.', 'batch']);
		assert.ok(['msg_1', 'req_1'].every((id) => call.aliases.includes(id)));
		assert.deepEqual(call.usage, {
			inputTotal: 1_000,
			uncachedInput: 100,
			cacheRead: 600,
			cacheWrite5m: 100,
			cacheWrite1h: 200,
			cacheWriteUnknownTtl: 0,
			output: 50,
			reasoning: 10,
		});
		assert.equal(call.usageBound, 'atLeast');
	});

	it('sends what is handed in together in one request', async () => {
		const client = user.client();
		await Promise.all(Array.from({ length: 300 }, () => client.logLlmCall(session, aCall())));
		assert.equal((await callsOf(serving, session)).length, 300);
		assert.deepEqual([client.status().delivered, client.status().pending], [600, 0]);
	});

	it('takes no more calls when it is closed', async () => {
		const client = new CallmeterClient({ folder: user.project });
		await client.close();
		await assert.rejects(client.logLlmCall(session, aCall()), { reason: 'closed' });
		await client.close();
	});
});
