import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import type { CallFilter } from '../../../src/core/views.ts';
import { CallLists } from '../../../src/ledger/queries/call-lists.ts';
import { pageOfCalls } from '../../../src/ledger/queries/page-of-calls.ts';
import { Reader } from '../../../src/ledger/queries/reader.ts';
import type { LedgerStore } from '../../../src/ledger/store.ts';
import { callDraft, openStore, responseDraft, T0, temporaryFolder } from './support.ts';

const DAY = 86_400_000;
const MODELS = ['claude-sonnet-4-5', 'gpt-4o', 'other'];

describe('Pages of calls', () => {
	const times = fc.array(fc.integer({ min: 0, max: 100 * DAY }), { minLength: 1, maxLength: 60 });
	const filters = fc.record<CallFilter>(
		{
			model: fc.constantFrom(...MODELS),
			state: fc.constantFrom('ok' as const, 'pending' as const),
			sessionId: fc.constantFrom('s0', 's1', 'nowhere'),
			event: fc.constantFrom('llm_call' as const, 'paired' as const),
			range: fc.record({
				fromMs: fc.integer({ min: T0 - DAY, max: T0 + 50 * DAY }),
				toMs: fc.integer({ min: T0, max: T0 + 101 * DAY }),
			}),
		},
		{ requiredKeys: [] },
	);

	const isPending = (i: number) => i % 4 === 0;
	const isOrphan = (i: number) => i % 5 === 3 && !isPending(i);

	it('put together are all calls that pass the filter, in order', () => {
		fc.assert(
			fc.property(
				times,
				filters,
				fc.integer({ min: 1, max: 17 }),
				fc.constantFrom('newest' as const, 'oldest' as const),
				(all, filter, limit, sort) => {
					const folder = temporaryFolder();
					const store = openStore(folder.file);
					try {
						store.record(
							all.flatMap((after, i) => {
								const about = { sessionId: `s${i % 2}`, model: MODELS[i % 3] ?? '' };
								const call = callDraft(`c${i}`, { ...about, startedAtMs: T0 + after });
								const response = responseDraft(`c${i}`, { ...about, endedAtMs: T0 + after + 1, latencyMs: 1 });
								return isPending(i) ? [call] : isOrphan(i) ? [response] : [call, response];
							}),
						);
						const expected = all
							.map((after, i) => ({ i, at: T0 + after }))
							.filter(({ i, at }) => {
								if (filter.model !== undefined && MODELS[i % 3] !== filter.model) return false;
								if (filter.state !== undefined && isPending(i) !== (filter.state === 'pending')) return false;
								if (filter.event !== undefined && isOrphan(i)) return false;
								if (filter.event === 'paired' && isPending(i)) return false;
								if (filter.sessionId !== undefined && filter.sessionId !== `s${i % 2}`) return false;
								return !filter.range || (at >= filter.range.fromMs && at < filter.range.toMs);
							})
							.sort((a, b) => (sort === 'newest' ? b.at - a.at || b.i - a.i : a.at - b.at || a.i - b.i))
							.map(({ i }) => `c${i}`);
						assert.deepEqual(allPages(store, filter, sort, limit, expected.length), expected);
						assert.deepEqual(located(folder.file, filter, sort, limit, expected.length), expected);
					} finally {
						store.close();
						folder.clean();
					}
				},
			),
			{ numRuns: 60 },
		);
	}).timeout(60_000);

	it('step over responses without a call by time, where calls are asked for', () => {
		const folder = temporaryFolder();
		const store = openStore(folder.file);
		const ids = Array.from({ length: 60 }, (_, i) => i);
		store.record(
			ids.map((i) => {
				const at = T0 + i * DAY;
				return i % 3 === 0
					? responseDraft(`c${i}`, { endedAtMs: at, latencyMs: 0 })
					: callDraft(`c${i}`, { startedAtMs: at });
			}),
		);
		for (const range of [undefined, { fromMs: T0 + 5 * DAY, toMs: T0 + 51 * DAY }]) {
			const filter: CallFilter = { event: 'llm_call', ...(range && { range }) };
			const oldest = ids.filter((i) => i % 3 !== 0 && (!range || (i >= 5 && i < 51))).map((i) => `c${i}`);
			for (const sort of ['newest', 'oldest'] as const) {
				const expected = sort === 'oldest' ? oldest : oldest.toReversed();
				assert.deepEqual(allPages(store, filter, sort, 7, expected.length), expected);
			}
		}
		store.close();
		folder.clean();
	});
});

function allPages(
	store: LedgerStore,
	filter: CallFilter,
	sort: 'newest' | 'oldest',
	limit: number,
	total: number,
): string[] {
	const ids: string[] = [];
	for (let offset = 0; offset <= total; offset += limit) {
		const page = store.calls({ filter, sort, offset, limit });
		assert.equal(page.total, total);
		ids.push(...page.rows.map(({ callId }) => callId));
	}
	return ids;
}

/** The same, as a ledger does it whose filters leave too many calls to sort. */
function located(file: string, filter: CallFilter, sort: 'newest' | 'oldest', limit: number, total: number): string[] {
	const db = new DatabaseSync(file, { readOnly: true });
	const reader = new Reader(db);
	const lists = new CallLists(reader);
	const ids: string[] = [];
	for (let offset = 0; offset <= total; offset += limit) {
		const page = pageOfCalls(reader, lists, { filter, sort, offset, limit }, 0);
		assert.equal(page.total, total);
		for (const n of page.numbers) ids.push(`c${n - 1}`);
	}
	db.close();
	return ids;
}
