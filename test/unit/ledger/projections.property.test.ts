import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import type { DraftInput } from '../../../src/core/draft.ts';
import type { Granularity, TimeRange } from '../../../src/core/views.ts';
import type { LedgerStore } from '../../../src/ledger/store.ts';
import { callDraft, openStore, responseDraft, temporaryFolder, usage } from './support.ts';

/** Half hour, three quarters, clocks that change by 30 minutes, and the day that Samoa left out. */
const ZONES = ['UTC', 'Europe/Berlin', 'Asia/Kolkata', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Pacific/Apia'];
/** Around Europe's change of clocks in March 2026. */
const FROM = Date.UTC(2026, 2, 20);
const TO = Date.UTC(2026, 3, 12);

interface Sum {
	calls: number;
	unpriced: number;
	costNanoUsd: number;
	subscriptionNanoUsd: number;
	inputTokens: number;
	outputTokens: number;
}

const event = fc.record({
	call: fc.integer({ min: 0, max: 30 }),
	type: fc.constantFrom('call', 'response', 'cost'),
	at: fc.integer({ min: FROM, max: TO - 1 }),
	model: fc.constantFrom('claude-sonnet-4-5', 'gpt-4o', 'model-without-price'),
	state: fc.constantFrom('ok' as const, 'error' as const, 'cancelled' as const),
	kind: fc.constantFrom('chat' as const, 'subagent' as const),
	billing: fc.constantFrom('api' as const, 'subscription' as const),
	output: fc.option(fc.integer({ min: 0, max: 5000 })),
	input: fc.integer({ min: 0, max: 200_000 }),
	hasUsage: fc.boolean(),
	latencyMs: fc.option(fc.double({ min: 0, max: 60_000, noNaN: true })),
});

function toDraft(e: typeof event extends fc.Arbitrary<infer T> ? T : never): DraftInput {
	const callId = `call-${e.call}`;
	const identity = { sessionId: `session-${e.call % 4}`, origin: { source: 'source-1', billing: e.billing } };
	if (e.type === 'cost') {
		return { eventType: 'cost_tracked', agentId: 'agent-1', callId, atMs: e.at, costUsd: e.input / 1e6, ...identity };
	}
	if (e.type === 'call') {
		return callDraft(callId, { ...identity, startedAtMs: e.at, model: e.model, kind: e.kind });
	}
	return responseDraft(callId, {
		...identity,
		endedAtMs: e.at + 1_000,
		model: e.model,
		state: e.state,
		usage: e.hasUsage ? usage({ inputTotal: e.input, uncachedInput: e.input, output: e.output }) : null,
		latencyMs: e.latencyMs,
	});
}

describe('Projections', () => {
	it('day = week = month = session = sum of calls, always', () => {
		fc.assert(
			fc.property(
				fc.array(fc.array(event, { minLength: 1, maxLength: 25 }), { minLength: 1, maxLength: 5 }),
				fc.constantFrom(...ZONES),
				(batches, zone) => {
					const folder = temporaryFolder();
					const store = openStore(folder.file);
					try {
						for (const batch of batches) store.record(batch.map(toDraft));
						check(store, zone);
					} finally {
						store.close();
						folder.clean();
					}
				},
			),
			{ numRuns: 60 },
		);
	}).timeout(120_000);
});

function check(store: LedgerStore, timeZone: string): void {
	const { rows } = store.calls({ filter: {}, sort: 'oldest', offset: 0, limit: 500 });
	const truth = sum(
		rows.map((row) => ({
			calls: 1,
			unpriced: row.cost && row.cost.nanoUsd === null ? 1 : 0,
			costNanoUsd: row.cost?.billing === 'api' ? (row.cost.nanoUsd ?? 0) : 0,
			subscriptionNanoUsd: row.cost?.billing === 'subscription' ? (row.cost.nanoUsd ?? 0) : 0,
			inputTokens: row.inputTokens ?? 0,
			outputTokens: row.outputTokens ?? 0,
		})),
	);
	const all = store.totals({});
	// Costs without tokens and without a response stand in the totals beside the calls.
	assert.ok(all.costNanoUsd >= truth.costNanoUsd && all.subscriptionNanoUsd >= truth.subscriptionNanoUsd);
	const { costNanoUsd, subscriptionNanoUsd } = all;
	const expected = { ...truth, costNanoUsd, subscriptionNanoUsd };

	assert.deepEqual(only(all), expected);
	const sessions = store.sessions({ filter: {}, offset: 0, limit: 50 }).rows;
	assert.deepEqual(sum(sessions), expected);
	for (const session of sessions) {
		assert.deepEqual(only(store.totals({ sessionId: session.sessionId })), only(session));
	}
	assert.deepEqual(sum(store.byModel({}).map(only)), expected);

	const range = { fromMs: FROM - 40 * 86_400_000, toMs: TO + 40 * 86_400_000 };
	for (const granularity of ['hour', 'day', 'week'] satisfies Granularity[]) {
		const groups = store.series({ range, granularity, timeZone, filter: {} }).flatMap((bucket) => bucket.groups);
		assert.deepEqual(sum(groups), expected, granularity);
	}
	const middle = FROM + 9 * 86_400_000 + 12_345_678;
	const parts: TimeRange[] = [
		{ fromMs: 0, toMs: FROM + 1 },
		{ fromMs: FROM + 1, toMs: middle },
		{ fromMs: middle, toMs: middle + 1_000 },
		{ fromMs: middle + 1_000, toMs: Number.MAX_SAFE_INTEGER },
	];
	assert.deepEqual(sum(parts.map((part) => only(store.totals({ range: part })))), expected);
	const states = (['pending', 'ok', 'error', 'cancelled'] as const).map((state) => store.totals({ state }));
	assert.deepEqual(sum(states.map(only)), expected);
	assert.equal(all.calls, rows.length);
	assert.equal(all.pending, rows.filter(({ state }) => state === 'pending').length);
	assert.equal(store.verify().ok, true);
}

function only({ calls, unpriced, costNanoUsd, subscriptionNanoUsd, inputTokens, outputTokens }: Sum): Sum {
	return { calls, unpriced, costNanoUsd, subscriptionNanoUsd, inputTokens, outputTokens };
}

function sum(parts: readonly Sum[]): Sum {
	const total: Sum = { calls: 0, unpriced: 0, costNanoUsd: 0, subscriptionNanoUsd: 0, inputTokens: 0, outputTokens: 0 };
	for (const part of parts) {
		total.calls += part.calls;
		total.unpriced += part.unpriced;
		total.costNanoUsd += part.costNanoUsd;
		total.subscriptionNanoUsd += part.subscriptionNanoUsd;
		total.inputTokens += part.inputTokens;
		total.outputTokens += part.outputTokens;
	}
	return total;
}
