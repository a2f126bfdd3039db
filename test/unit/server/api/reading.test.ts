import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import type { CallJson } from '../../../../src/core/outside/call-json.ts';
import { APPLICATION_ID, migrations } from '../../../../src/ledger/migrations.ts';
import type { SessionJson } from '../../../../src/server/api/answers.ts';
import { apiPaths } from '../../../../src/server/api/api-paths.ts';
import { operations } from '../../../../src/server/api/operations.ts';
import { pairOf, Serving } from './serving.ts';

interface Calls {
	calls: CallJson[];
	total: number;
}
interface Sessions {
	sessions: SessionJson[];
	total: number;
}
interface Hits {
	hits: { callId: string; place: string; snippet: string; matches: [number, number][]; call: CallJson }[];
	more: boolean;
}

describe('what the HTTP API tells of calls', () => {
	let serving: Serving;
	before(async () => {
		serving = new Serving();
		await serving.start();
		await serving.record(
			...pairOf({
				callId: 'one/two',
				at: '2026-02-08T10:00:00Z',
				costUsd: 0.1,
				prompt: 'The walrus and the carpenter',
			}),
			...pairOf({
				callId: 'b',
				at: '2026-02-08T11:00:00Z',
				costUsd: 0.3,
				latencyMs: 9_000,
				completion: 'Walrus tusks.',
			}),
			...pairOf({ callId: 'c', at: '2026-02-08T12:00:00Z', costUsd: 0.2, sessionId: 'second', agentId: 'other' }),
		);
	});
	after(() => serving.stop());

	const idsOf = async (query: string) =>
		(await serving.get<Calls>(`/calls?${query}`)).calls.map(({ callId }) => callId);

	it('story 2.1: llm_response events update session cost and token counts', async () => {
		const counters = async () => {
			const { sessions } = await serving.get<Sessions>('/sessions');
			const session = sessions.find(({ sessionId }) => sessionId === 'counted');
			return (
				session && [session.llmCallCount, session.totalInputTokens, session.totalOutputTokens, session.totalCostUsd]
			);
		};
		const [call, response] = pairOf({ callId: 'counted', sessionId: 'counted', at: '2026-02-01T00:00:00Z' });
		assert.equal(await counters(), undefined);
		await serving.record(call);
		assert.deepEqual((await counters())?.slice(1), [0, 0, 0]);
		await serving.record(response);
		assert.deepEqual(await counters(), [1, 100, 20, 0.25]);
		await serving.record(...pairOf({ callId: 'counted-2', sessionId: 'counted', at: '2026-02-01T00:01:00Z' }));
		assert.deepEqual(await counters(), [2, 200, 40, 0.5]);
	});

	it('story 2.1: a cost_tracked for a call that has its response adds nothing to the session', async () => {
		await serving.record(...pairOf({ callId: 'twice', sessionId: 'twice', at: '2026-02-01T01:00:00Z' }));
		const payload = { callId: 'twice', costUsd: 0.25 };
		await serving.record({ id: 'twice-cost', sessionId: 'twice', eventType: 'cost_tracked', payload });
		const { sessions } = await serving.get<Sessions>('/sessions');
		assert.equal(sessions.find(({ sessionId }) => sessionId === 'twice')?.totalCostUsd, 0.25);
	});

	it('story 2.1: backward compatible: sessions of an old ledger, without LLM events, show 0', async () => {
		const old = new Serving({
			prepare: (file) => {
				const db = new DatabaseSync(file);
				db.exec(`${migrations[0]} PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = 1;
					INSERT INTO session (n, session_id, agent_id, started_ms, last_ms) VALUES (1, 'old', 'agent', 1, 1)`);
				db.close();
			},
		});
		try {
			await old.start();
			const { sessions } = await old.get<Sessions>('/sessions');
			assert.deepEqual(
				sessions.map((each) => [each.sessionId, each.llmCallCount, each.totalInputTokens, each.totalOutputTokens]),
				[['old', 0, 0, 0]],
			);
			assert.equal(sessions[0]?.totalCostUsd, 0);
			await old.record(...pairOf({ callId: 'new', sessionId: 'old' }));
			assert.equal((await old.get<Sessions>('/sessions')).sessions[0]?.llmCallCount, 1);
		} finally {
			await old.stop();
		}
	});

	it('story 2.1: session query results include token counts, with filters, order and pages', async () => {
		const { sessions, total } = await serving.get<Sessions>('/sessions?agentId=other');
		assert.equal(total, 1);
		assert.deepEqual(
			[sessions[0]?.sessionId, sessions[0]?.totalInputTokens, sessions[0]?.totalOutputTokens, sessions[0]?.startedAt],
			['second', 100, 20, '2026-02-08T12:00:00.000Z'],
		);
		const costliest = await serving.get<Sessions>('/sessions?sort=cost&limit=1');
		assert.equal(costliest.sessions.length, 1);
		assert.ok(costliest.total > 1);
		const next = await serving.get<Sessions>('/sessions?sort=cost&limit=1&offset=1');
		assert.ok((next.sessions[0]?.totalCostUsd ?? 0) <= (costliest.sessions[0]?.totalCostUsd ?? 0));
	});

	it('lists calls by filter, order and page, and says how many there are', async () => {
		const range = 'from=2026-02-08T00:00:00Z&to=2026-02-09T00:00:00Z';
		assert.deepEqual(await idsOf(range), ['c', 'b', 'one/two']);
		assert.deepEqual(await idsOf(`${range}&sort=cost`), ['b', 'c', 'one/two']);
		assert.deepEqual(await idsOf(`${range}&sort=oldest&limit=1&offset=1`), ['b']);
		assert.deepEqual(await idsOf(`${range}&sessionId=second`), ['c']);
		assert.deepEqual(await idsOf(`${range}&minLatencyMs=5000`), ['b']);
		assert.deepEqual(await idsOf(`${range}&minCostUsd=0.2&sort=oldest`), ['b', 'c']);
		assert.deepEqual(await idsOf(`${range}&source=http&state=error`), []);
		assert.equal((await serving.get<Calls>(`/calls?${range}&limit=1`)).total, 3);
	});

	it('tells a call with its content, or without when that is asked for', async () => {
		const whole = await serving.ask('/calls/one%2Ftwo');
		const text = await whole.text();
		assert.match(text, /walrus/);
		assert.match(text, /A book of accounts/);
		const bare = await (await serving.ask('/calls/one%2Ftwo?content=false')).text();
		assert.doesNotMatch(bare, /walrus|accounts/);
		assert.equal(JSON.parse(bare).usage.inputTotal, 100);
		assert.equal((await serving.ask('/calls/nobody')).status, 404);
	});

	it('story 2.3: payload search finds words of prompts and of completions, with the call that they are of', async () => {
		const { hits, more } = await serving.get<Hits>('/search?q=walrus');
		assert.equal(more, false);
		assert.deepEqual(
			hits.map(({ callId, place }) => [callId, place]),
			[
				['b', 'completion'],
				['one/two', 'prompt'],
			],
		);
		const [start, end] = hits[1]?.matches[0] ?? [0, 0];
		assert.equal(hits[1]?.snippet.slice(start, end), 'walrus');
		assert.equal(hits[1]?.call.costUsd, 0.1);
		assert.deepEqual((await serving.get<Hits>('/search?q=walrus&agentId=other')).hits, []);
		assert.equal((await serving.get<Hits>('/search?q=walrus&limit=1')).more, true);
		assert.equal((await serving.ask('/search')).status, 400);
	});

	it('verifies the chains', async () => {
		const report = await serving.get<{ ok: boolean; sessions: number; note: string }>('/verify');
		assert.equal(report.ok, true);
		assert.ok(report.sessions >= 2);
	});

	it('answers each request in the shape that its description says, and the description is the one that is served', async () => {
		const paths: Record<string, string> = { getCall: '/calls/b', search: '/search?q=walrus' };
		for (const { id, method, path } of apiPaths) {
			const { answer } = operations[id];
			if (method !== 'GET' || typeof answer === 'string') continue;
			const value = await serving.get(paths[id] ?? path);
			assert.deepEqual(answer.parse(value), value, id);
		}
		const served = await serving.get<{ openapi: string; info: { version: string }; paths: object }>('/openapi.json');
		assert.match(served.openapi, /^3\.1\./);
		assert.equal(served.info.version, serving.about.version);
		assert.deepEqual(Object.keys(served.paths), [...new Set(apiPaths.map(({ path }) => `/api${path}`))]);
	});

	it('describes itself with references that all lead somewhere', async () => {
		const served = await serving.get<Record<string, unknown>>('/openapi.json');
		const references = JSON.stringify(served).matchAll(/"\$ref":"#\/([^"]+)"/g);
		let count = 0;
		for (const [, path = ''] of references) {
			const target = path.split('/').reduce<unknown>((at, key) => Reflect.get(Object(at), key), served);
			assert.equal(typeof target, 'object', path);
			count++;
		}
		assert.ok(count > 10);
	});

	it('says what is wrong with a query, by its name', async () => {
		for (const [path, name] of Object.entries({
			'/calls?limit=0': 'limit',
			'/calls?limit=many': 'limit',
			'/calls?sort=best': 'sort',
			'/calls?from=today': 'from',
			'/calls/b?content=maybe': 'content',
			'/search?q=%20': 'q',
			'/stream?events=weather': 'events',
		})) {
			const response = await serving.ask(path);
			const { error } = (await response.json()) as { error: { message: string; issues: { path: string }[] } };
			assert.deepEqual([response.status, error.issues[0]?.path], [400, name], path);
		}
	});
});
