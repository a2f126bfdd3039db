import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import type { EventInput, EventReceipts } from '../../../../src/core/outside/event-input.ts';
import { maxEventsAtOnce } from '../../../../src/core/outside/event-input.ts';
import { pairOf, Serving } from './serving.ts';

describe('events over HTTP', () => {
	let serving: Serving;
	before(async () => {
		serving = new Serving();
		await serving.start();
	});
	after(() => serving.stop());

	const receiptsOf = async (response: Response) => (await response.json()) as EventReceipts;
	const cost = (more: Partial<EventInput>): EventInput => ({
		sessionId: 'costs',
		eventType: 'cost_tracked',
		payload: { costUsd: 0.5 },
		...more,
	});
	const costOf = async (sessionId: string) => {
		const { sessions } = await serving.get<{ sessions: { sessionId: string; totalCostUsd: number }[] }>(
			'/sessions?limit=500',
		);
		return sessions.find((each) => each.sessionId === sessionId)?.totalCostUsd;
	};

	it('story 2.3: ingest: llm_call and llm_response are recorded, each with an id, a hash and its callId, in order', async () => {
		const { events, rejected } = await serving.record(...pairOf({ callId: 'a' }), ...pairOf({ callId: 'b' }));
		assert.equal(rejected, 0);
		assert.deepEqual(
			events.map(({ callId, outcome }) => [callId, outcome]),
			['a', 'a', 'b', 'b'].map((callId) => [callId, 'appended']),
		);
		for (const { id, hash } of events) {
			assert.match(id ?? '', /^[0-9A-HJKMNP-TV-Z]{26}$/);
			assert.match(hash ?? '', /^[0-9a-f]{64}$/);
		}
		assert.equal(new Set(events.map(({ hash }) => hash)).size, 4);
		const report = await serving.get<{ ok: boolean; events: number }>('/verify?sessionId=session');
		assert.deepEqual([report.ok, report.events], [true, 4]);
	});

	it('story 2.3: pairing: call and response find each other by callId, whichever comes first', async () => {
		const [call, response] = pairOf({ callId: 'late', sessionId: 'pairing' });
		await serving.record(response);
		await serving.record(call);
		const { calls } = await serving.get<{ calls: { callId: string; state: string; latencyMs: number }[] }>(
			'/calls?sessionId=pairing',
		);
		assert.deepEqual(
			calls.map(({ callId, state, latencyMs }) => [callId, state, latencyMs]),
			[['late', 'ok', 1_000]],
		);
	});

	it('story 2.3: pairing: a call that says only how long it took began that long before its answer', async () => {
		const [{ timestamp: _1, ...call }, { timestamp: _2, ...response }] = pairOf({ callId: 'took', sessionId: 'took' });
		const beforeMs = Date.now();
		// The same twice: both are known again.
		for (const id of ['1', '1']) await serving.record({ ...call, id }, { ...response, id: `${id}-response` });
		const row = (await serving.ledger.call('took'))?.row;
		const endedAtMs = row?.endedAtMs ?? 0;
		assert.deepEqual([row?.latencyMs, endedAtMs - (row?.startedAtMs ?? 0)], [1_000, 1_000]);
		assert.ok(endedAtMs >= beforeMs);
		const { events } = await serving.get<{ events: number }>('/verify?sessionId=took');
		assert.equal(events, 2);
	});

	it('ingest: what names no agent is of the way it came by, and what our SDK sends is told as such', async () => {
		const byWay = async (agent: string, userAgent: string) => {
			const events = pairOf({ callId: agent, sessionId: agent }).map(({ agentId: _, ...event }) => event);
			const headers = { 'content-type': 'application/json', 'user-agent': userAgent };
			await serving.ask('/events', { method: 'POST', headers, body: JSON.stringify({ events }) });
			const { rows } = await serving.ledger.calls({ filter: { agentId: agent }, sort: 'newest', offset: 0, limit: 10 });
			const [row] = rows;
			return [row?.callId, row && (await serving.ledger.call(row.callId))?.origin.source];
		};
		assert.deepEqual(await byWay('http', 'curl/8.0'), ['http', 'http']);
		assert.deepEqual(await byWay('sdk', 'callmeter-sdk'), ['sdk', 'sdk']);
	});

	it('story 2.3: pairing: a call without its response is pending, and ends with it', async () => {
		const [call, response] = pairOf({ callId: 'open', sessionId: 'pending' });
		const state = async () =>
			(await serving.get<{ calls: { state: string }[] }>('/calls?sessionId=pending')).calls.map((each) => each.state);
		await serving.record(call);
		assert.deepEqual(await state(), ['pending']);
		await serving.record(response);
		assert.deepEqual(await state(), ['ok']);
	});

	it('story 2.3: ingest: an event sent again changes nothing, and is answered with the same id and hash', async () => {
		const events = [...pairOf({ callId: 'again', sessionId: 'again' }), cost({ id: 'again-cost', sessionId: 'again' })];
		const first = await serving.record(...events);
		const second = await serving.record(...events);
		assert.deepEqual(
			second.events,
			first.events.map((receipt) => ({ ...receipt, outcome: 'unchanged' })),
		);
		assert.equal(await costOf('again'), 0.75);
	});

	it('story 2.3: ingest: another content under an id is told, and what was recorded stays', async () => {
		await serving.record(cost({ id: 'same', sessionId: 'conflict' }));
		const response = await serving.post({
			events: [cost({ id: 'same', sessionId: 'conflict', payload: { costUsd: 9 } })],
		});
		assert.equal(response.status, 400);
		const { events } = await receiptsOf(response);
		assert.match(events[0]?.error ?? '', /^id: .*another content/);
		assert.equal(await costOf('conflict'), 0.5);
	});

	it('story 2.3: ingest: costs without an id are each counted, also within one request', async () => {
		const nameless = cost({ sessionId: 'nameless' });
		await serving.record(nameless, nameless);
		await serving.record(nameless);
		assert.equal(await costOf('nameless'), 1.5);
	});

	it('story 2.3: ingest: a bad event does not lose the others, and is told with the path of what is wrong', async () => {
		const [call, answer] = pairOf({ callId: 'mixed', sessionId: 'mixed' });
		const bad = {
			...answer,
			payload: { ...answer.payload, usage: { inputTokens: -1, outputTokens: 1, totalTokens: 0 } },
		};
		const response = await serving.post({ events: [call, bad, 7, cost({ sessionId: 'mixed' })] });
		assert.equal(response.status, 200);
		const { events, rejected } = await receiptsOf(response);
		assert.equal(rejected, 2);
		assert.deepEqual(
			events.map(({ outcome }) => outcome),
			['appended', 'rejected', 'rejected', 'appended'],
		);
		assert.match(events[1]?.error ?? '', /payload\.usage\.inputTokens: must not be negative/);
	});

	it('names the field of a time that no ledger has, as the sender wrote it', async () => {
		const [call] = pairOf({ callId: 'ancient', at: '0999-01-01T00:00:00Z' });
		const { events } = (await (await serving.post({ events: [call] })).json()) as EventReceipts;
		assert.equal(events[0]?.error, 'timestamp: timestamp lies before 1970');
	});

	it('story 2.3: ingest: answers 400 when no event was valid, and records nothing', async () => {
		const response = await serving.post({ events: [{ eventType: 'llm_call' }] });
		assert.equal(response.status, 400);
		const body = (await response.json()) as EventReceipts & { error: { message: string } };
		assert.match(body.error.message, /No event/);
		assert.match(body.events[0]?.error ?? '', /sessionId is required.*payload is required/);
	});

	it('takes a bare list and a single event as well as { events }', async () => {
		const [call, answer] = pairOf({ callId: 'forms', sessionId: 'forms' });
		assert.equal((await receiptsOf(await serving.post([call]))).events[0]?.outcome, 'appended');
		assert.equal((await receiptsOf(await serving.post(answer))).events[0]?.outcome, 'appended');
	});

	it('takes a body that is compressed with gzip', async () => {
		const body = gzipSync(JSON.stringify({ events: pairOf({ callId: 'gzip', sessionId: 'gzip' }) }));
		const response = await serving.post(body, { 'content-encoding': 'gzip' });
		assert.deepEqual([response.status, (await receiptsOf(response)).rejected], [200, 0]);
	});

	it('names what is wrong with the list itself', async () => {
		for (const [body, path, message] of [
			[{}, 'events', /events is required/],
			[{ events: [] }, 'events', /events is empty/],
			[{ events: Array(maxEventsAtOnce + 1).fill(cost({})) }, 'events', /at most 1,000/],
			['"text"', '', /object/],
		] as const) {
			const response = await serving.post(body);
			const { error } = (await response.json()) as { error: { message: string; issues: { path: string }[] } };
			assert.equal(response.status, 400);
			assert.equal(error.issues[0]?.path, path);
			assert.match(error.message, message);
		}
	});

	it('takes 1,000 events in one request, in the order of the list', async () => {
		const events = Array.from({ length: 500 }, (_, n) => pairOf({ callId: `many-${n}`, sessionId: 'many' })).flat();
		const receipts = await serving.record(...events);
		assert.deepEqual(
			receipts.events.map(({ callId }) => callId),
			events.map(({ payload }) => payload.callId),
		);
	});

	it('story 2.1: a cost without a call adds to its session’s cost and to no count', async () => {
		await serving.record(cost({ id: 'only', sessionId: 'only-cost' }));
		const { sessions } = await serving.get<{ sessions: Record<string, unknown>[] }>('/sessions?limit=500');
		const session = sessions.find(({ sessionId }) => sessionId === 'only-cost');
		assert.deepEqual(
			[session?.totalCostUsd, session?.llmCallCount, session?.totalInputTokens, session?.totalOutputTokens],
			[0.5, 0, 0, 0],
		);
	});
});
