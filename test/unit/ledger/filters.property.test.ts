import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { slotMs, slotOf } from '../../../src/core/latency-histogram.ts';
import type { CallFilter, CallRow, CallSort, Granularity, Totals } from '../../../src/core/views.ts';
import type { LedgerStore } from '../../../src/ledger/store.ts';
import { batches, everyCall, FROM, isUnpriced, passes, someFilter, TO } from './random-ledger.ts';
import { callDraft, openStore, responseDraft, T0, temporaryFolder } from './support.ts';

const DAY = 86_400_000;
const ALL_TIME = { fromMs: FROM - 3 * DAY, toMs: TO + 3 * DAY };

describe('Filters', () => {
	it('story 4.4: llm_call, llm_response and both tell calls apart by which of their events were seen', () => {
		const folder = temporaryFolder();
		const store = openStore(folder.file);
		store.record([callDraft('pending'), responseDraft('orphan'), callDraft('pair'), responseDraft('pair')]);
		const seen = (filter: CallFilter) =>
			store
				.calls({ filter, sort: 'newest', offset: 0, limit: 9 })
				.rows.map(({ callId }) => callId)
				.sort();
		assert.deepEqual(seen({ event: 'llm_call' }), ['pair', 'pending']);
		assert.deepEqual(seen({ event: 'llm_response' }), ['orphan', 'pair']);
		assert.deepEqual(seen({ event: 'paired' }), ['pair']);
		assert.deepEqual(seen({ event: 'llm_call', orphan: true }), []);
		store.close();
		folder.clean();
	});

	it('that only a call can answer leave out costs that came without one', () => {
		const folder = temporaryFolder();
		const store = openStore(folder.file);
		const origin = { source: 'source-1' };
		const cost = { eventType: 'cost_tracked' as const, sessionId: 'session-1', agentId: 'agent-1', origin };
		store.record([callDraft('a'), responseDraft('a'), { ...cost, atMs: T0, costUsd: 1 }]);
		const call = 600_000;
		assert.equal(store.totals({}).costNanoUsd, 1e9 + call);
		const filters: CallFilter[] = [{ event: 'paired' }, { source: 'source-1' }, { minLatencyMs: 0 }];
		for (const filter of filters) assert.equal(store.totals(filter).costNanoUsd, call);
		store.close();
		folder.clean();
	});

	const property = (check: (store: LedgerStore, filter: CallFilter) => void) =>
		fc.assert(
			fc.property(batches, fc.array(someFilter, { minLength: 1, maxLength: 4 }), (all, filters) => {
				const folder = temporaryFolder();
				const store = openStore(folder.file);
				try {
					// After each batch: what is remembered of a filter follows what is recorded.
					for (const batch of all) {
						store.record(batch);
						for (const filter of filters) check(store, filter);
					}
				} finally {
					store.close();
					folder.clean();
				}
			}),
			{ numRuns: 40 },
		);

	it('list the calls that pass, in the order asked for, whatever page is asked for', () => {
		property((store, filter) => {
			const expected = everyCall(store).filter((row) => passes(row, filter));
			for (const sort of ['newest', 'oldest', 'cost', 'latency', 'tokens'] as const) {
				const listed = pages(store, filter, sort, 7, expected.length);
				assert.deepEqual(listed.map(({ callId }) => callId).sort(), expected.map(({ callId }) => callId).sort());
				assert.deepEqual(listed.map(keyOf(sort)), expected.toSorted(byKey(sort)).map(keyOf(sort)), sort);
				for (const [at, { callId }] of listed.entries()) {
					assert.equal(store.positionOf({ filter, sort, callId }), at);
				}
			}
			const missed = everyCall(store).find((row) => !passes(row, filter));
			if (missed) assert.equal(store.positionOf({ filter, sort: 'newest', callId: missed.callId }), null);
			assert.equal(store.positionOf({ filter, sort: 'newest', callId: 'nobody' }), null);
		});
	}).timeout(120_000);

	it('add up to the sum over the calls that they list', () => {
		property((store, filter) => {
			const rows = everyCall(store).filter((row) => passes(row, filter));
			const { latency, ...sums } = store.totals(filter);
			assert.deepEqual(sums, sumOf(rows));
			assertLatency(latency, rows);
			for (const group of store.byModel(filter)) {
				const { provider, model, latency: ofGroup, ...sumsOfGroup } = group;
				const own = rows.filter((row) => row.provider === provider && row.model === model);
				assert.deepEqual(sumsOfGroup, sumOf(own));
				assertLatency(ofGroup, own);
			}
		});
	}).timeout(120_000);

	it('give analytics whose parts are the sums over the calls of each', () => {
		property((store, filter) => {
			const rows = everyCall(store).filter((row) => passes(row, filter));
			for (const granularity of ['hour', 'day', 'week'] satisfies Granularity[]) {
				const query = { range: ALL_TIME, granularity, timeZone: 'Europe/Berlin', filter };
				const { totals, byModel, byAgent, byFolder, buckets, latencyBars } = store.analytics(query);
				assert.deepEqual(totals, store.totals(filter));
				assert.deepEqual(byModel, store.byModel(filter));
				assert.deepEqual(
					byAgent.map(({ name, latency, ...sums }) => [name, sums]),
					byAgent.map(({ name }) => [name, sumOf(rows.filter(({ agentId }) => agentId === name))]),
				);
				assert.equal(sum(byAgent, 'calls'), rows.length);
				assert.equal(sum(byFolder, 'calls'), rows.length);
				assert.equal(sum(byFolder, 'costNanoUsd'), totals.costNanoUsd);
				assert.equal(sum(latencyBars, 'calls'), rows.filter(({ latencyMs }) => latencyMs !== null).length);
				for (const [i, bucket] of buckets.entries()) {
					assert.equal(bucket.startMs, buckets[i - 1]?.endMs ?? bucket.startMs);
					const own = rows.filter(({ startedAtMs: at }) => at >= bucket.startMs && at < bucket.endMs);
					assert.equal(bucket.calls, own.length);
					assert.deepEqual(bucket.tokens, tokensOf(own));
					assertLatency(bucket.latency, own);
				}
				assert.deepEqual(
					buckets.map(({ startMs, endMs, groups }) => ({ startMs, endMs, groups })),
					store.series(query),
				);
			}
		});
	}).timeout(120_000);

	it('have facets that count the calls of the range', () => {
		property((store, given) => {
			const [fromMs, toMs] = [FROM + 2.3 * DAY, TO - 8.6 * DAY];
			const filter = { ...given, ...(given.range || given.kind ? {} : { range: { fromMs, toMs } }) };
			const { range } = filter;
			const rows = everyCall(store).filter((row) => passes(row, range ? { range } : {}));
			const facets = store.facets(filter);
			const counts = (of: (row: CallRow) => string) => {
				const counted = new Map<string, number>();
				for (const row of rows) counted.set(of(row), (counted.get(of(row)) ?? 0) + 1);
				return counted;
			};
			assert.deepEqual(
				new Map(facets.agents.map((each) => [each.agentId, each.calls])),
				counts((row) => row.agentId),
			);
			assert.deepEqual(
				new Map(facets.models.map((each) => [`${each.provider}/${each.model}`, each.calls])),
				counts((row) => `${row.provider}/${row.model}`),
			);
			assert.deepEqual(
				new Map(facets.kinds.map((each) => [each.kind, each.calls])),
				counts((row) => row.kind),
			);
			assert.deepEqual(
				new Map(facets.states.map((each) => [each.state, each.calls])),
				counts((row) => row.state),
			);
			assert.deepEqual(
				new Map(facets.sources.map((each) => [each.source, each.calls])),
				counts((row) => row.source),
			);
			assert.equal(sum(facets.folders, 'calls'), rows.length);
			for (const list of Object.values(facets) as { calls: number }[][]) {
				assert.deepEqual(
					list,
					list.toSorted((a, b) => b.calls - a.calls),
				);
			}
		});
	}).timeout(120_000);
});

function pages(store: LedgerStore, filter: CallFilter, sort: CallSort, limit: number, total: number): CallRow[] {
	const rows: CallRow[] = [];
	for (let offset = 0; offset <= total; offset += limit) {
		const page = store.calls({ filter, sort, offset, limit });
		assert.equal(page.total, total);
		rows.push(...page.rows);
	}
	return rows;
}

/** What a sort looks at: its value, and the time by which equal ones are in order. */
function keyOf(sort: CallSort): (row: CallRow) => (number | null)[] {
	return (row) => {
		const { inputTokens: input, outputTokens: output } = row;
		const tokens = input === null && output === null ? null : (input ?? 0) + (output ?? 0);
		const value = { cost: row.cost?.nanoUsd ?? null, latency: row.latencyMs, tokens, newest: 0, oldest: 0 }[sort];
		return [value, row.startedAtMs];
	};
}

function byKey(sort: CallSort): (a: CallRow, b: CallRow) => number {
	return (a, b) => {
		const [[x = null, atX = 0], [y = null, atY = 0]] = [keyOf(sort)(a), keyOf(sort)(b)];
		const byTime = Number(atY) - Number(atX);
		if (sort === 'oldest') return -byTime;
		if (x === y) return byTime;
		return (y ?? -1) - (x ?? -1);
	};
}

function sumOf(rows: readonly CallRow[]): Omit<Totals, 'latency'> {
	const cost = (billing: 'api' | 'subscription') =>
		rows.reduce((total, row) => total + (row.cost?.billing === billing ? (row.cost.nanoUsd ?? 0) : 0), 0);
	const count = (test: (row: CallRow) => boolean) => rows.filter(test).length;
	const priced = rows.filter(({ cost: of }) => of !== null && of.nanoUsd !== null);
	const least = rows.some(isUnpriced) || priced.some((row) => row.cost?.bound === 'atLeast');
	const most = priced.some((row) => row.cost?.bound === 'atMost');
	return {
		calls: rows.length,
		pending: count(({ state }) => state === 'pending'),
		errors: count(({ state }) => state === 'error'),
		cancelled: count(({ state }) => state === 'cancelled'),
		unpriced: count(isUnpriced),
		usageMissing: count(({ usageMissing }) => usageMissing),
		inputTokens: sum(rows, 'inputTokens'),
		outputTokens: sum(rows, 'outputTokens'),
		cacheReadTokens: sum(rows, 'cacheReadTokens'),
		cacheToldTokens: sum(
			rows.filter(({ cacheReadTokens }) => cacheReadTokens !== null),
			'inputTokens',
		),
		cacheWriteTokens: sum(rows, 'cacheWriteTokens'),
		reasoningTokens: sum(rows, 'reasoningTokens'),
		costNanoUsd: cost('api'),
		subscriptionNanoUsd: cost('subscription'),
		bound: most ? (least ? 'about' : 'atMost') : least ? 'atLeast' : 'exact',
	};
}

function tokensOf(rows: readonly CallRow[]) {
	const read = sum(rows, 'cacheReadTokens');
	const write = sum(rows, 'cacheWriteTokens');
	const reasoning = sum(rows, 'reasoningTokens');
	return {
		uncachedInput: Math.max(0, sum(rows, 'inputTokens') - read - write),
		cacheRead: read,
		cacheWrite: write,
		output: Math.max(0, sum(rows, 'outputTokens') - reasoning),
		reasoning,
	};
}

function assertLatency(latency: Totals['latency'], rows: readonly CallRow[]): void {
	const known = rows.flatMap(({ latencyMs }) => latencyMs ?? []).sort((a, b) => a - b);
	const average = known.length === 0 ? null : known.reduce((total, ms) => total + ms, 0) / known.length;
	if (average === null) assert.equal(latency.avgMs, null);
	else assert.ok(Math.abs((latency.avgMs ?? Number.NaN) - average) < 1e-6);
	for (const [part, ms] of [
		[0.5, latency.p50Ms],
		[0.9, latency.p90Ms],
		[0.99, latency.p99Ms],
	] as const) {
		const exact = known[Math.max(1, Math.ceil(known.length * part)) - 1];
		assert.equal(ms, exact === undefined ? null : slotMs(slotOf(exact)));
	}
}

function sum<Key extends string>(parts: readonly { [K in Key]: number | null }[], key: Key): number {
	return parts.reduce((total, part) => total + (part[key] ?? 0), 0);
}
