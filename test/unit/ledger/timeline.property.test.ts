import assert from 'node:assert/strict';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { CallFilter, CallRow, SessionRow, TimelineItem } from '../../../src/core/views.ts';
import type { LedgerStore } from '../../../src/ledger/store.ts';
import { batches, everyCall, passes, someFilter } from './random-ledger.ts';
import { callDraft, openStore, responseDraft, T0, temporaryFolder } from './support.ts';

type Sort = 'newest' | 'oldest';
type Line =
	| { session: string; depth: number; open: boolean; matching: number; below: number }
	| { call: string; depth: number };

describe('Timeline', () => {
	const closedSessions = fc.subarray(['s0', 's1', 's2', 's3', 's4', 's5', 'nobody']);

	it('has each task, its calls and the tasks of its subagents in order, whatever page is asked for', () => {
		fc.assert(
			fc.property(
				batches,
				fc.array(someFilter, { minLength: 1, maxLength: 3 }),
				closedSessions,
				fc.constantFrom<Sort>('newest', 'oldest'),
				fc.integer({ min: 1, max: 9 }),
				(all, filters, closed, sort, limit) => {
					const folder = temporaryFolder();
					const store = openStore(folder.file);
					const otherWindow = openStore(folder.file);
					try {
						const tasks = new Set<string>();
						for (const [i, batch] of all.entries()) {
							(i % 2 ? otherWindow : store).record(batch);
							for (const { sessionId } of batch) tasks.add(sessionId);
							for (const filter of filters) check(store, [...tasks], filter, sort, closed, limit);
						}
						store.erase({ sessionId: 's0', what: 'all' });
						for (const filter of filters) check(store, [...tasks], filter, sort, closed, limit);
					} finally {
						store.close();
						otherWindow.close();
						folder.clean();
					}
				},
			),
			{ numRuns: 60 },
		);
	}).timeout(120_000);

	describe('of tasks', () => {
		const folder = temporaryFolder();
		let store: LedgerStore;
		beforeEach(() => {
			store = openStore(folder.file);
		});
		afterEach(() => {
			store.close();
			folder.clean();
		});
		const call = (id: string, sessionId: string, at: number, parentSessionId: string | null = null) =>
			callDraft(id, { sessionId, parentSessionId, startedAtMs: T0 + at });
		const lines = (closed: string[] = [], sort: Sort = 'oldest') =>
			store
				.timeline({ filter: {}, sort, closed, limit: 500, from: { offset: 0 } })
				.items.map(
					(item) => `${'  '.repeat(item.depth)}${item.type === 'call' ? item.row.callId : item.session.sessionId}`,
				);

		it("nests a subagent's task among its parent's calls, by the time at which it began", () => {
			store.record([
				call('p1', 'parent', 0),
				call('c1', 'child', 10, 'parent'),
				call('p2', 'parent', 20),
				call('c2', 'child', 30, 'parent'),
			]);
			assert.deepEqual(lines(), ['parent', 'p1', '  child', '  c1', '  c2', 'p2']);
			assert.deepEqual(lines([], 'newest'), ['parent', 'p2', '  child', '  c2', '  c1', 'p1']);
			assert.deepEqual(lines(['child']), ['parent', 'p1', '  child', 'p2']);
			assert.deepEqual(lines(['parent']), ['parent']);
		});

		it('takes in a parent that is recorded after its subagent', () => {
			store.record([call('c1', 'child', 10, 'parent')]);
			assert.deepEqual(lines(), ['child', 'c1']);
			store.record([call('p1', 'parent', 0)]);
			assert.deepEqual(lines(), ['parent', 'p1', '  child', '  c1']);
		});

		it('tolerates tasks that are their own or each other’s parent', () => {
			store.record([
				call('a1', 'a', 0, 'b'),
				call('b1', 'b', 5, 'a'),
				call('own1', 'own', 7, 'own'),
				call('far1', 'far', 9, 'nowhere'),
			]);
			assert.deepEqual(lines(), ['a', 'a1', '  b', '  b1', 'own', 'own1', 'far', 'far1']);
		});

		it('draws no task deeper than anyone can follow', () => {
			const chain = Array.from({ length: 200 }, (_, i) => call(`c${i}`, `s${i}`, i, i === 0 ? null : `s${i - 1}`));
			store.record(chain);
			const page = store.timeline({ filter: {}, sort: 'oldest', closed: [], limit: 500, from: { offset: 0 } });
			assert.equal(page.total, 400);
			assert.equal(page.items.filter(({ type }) => type === 'call').length, 200);
			assert.ok(page.items.every(({ depth }) => depth < 64));
		});

		it('puts the task with the latest call first, be it a call of a subagent', () => {
			store.record([call('a1', 'a', 0), call('b1', 'b', 5), call('sub1', 'sub', 9, 'a')]);
			assert.deepEqual(lines([], 'newest'), ['a', '  sub', '  sub1', 'a1', 'b', 'b1']);
			store.record([call('b2', 'b', 20)]);
			assert.deepEqual(lines([], 'newest'), ['b', 'b2', 'b1', 'a', '  sub', '  sub1', 'a1']);
		});

		it('lists tasks that began in the same millisecond in the order in which they were recorded', () => {
			store.record([call('late1', 'late', 0), call('early1', 'early', 0)]);
			store.record([call('sub2-1', 'sub2', 0, 'late'), call('sub1-1', 'sub1', 0, 'late')]);
			const late = ['late', 'late1', '  sub2', '  sub2-1', '  sub1', '  sub1-1'];
			assert.deepEqual(lines(), [...late, 'early', 'early1']);
			const newest = ['early', 'early1', 'late', '  sub1', '  sub1-1', '  sub2', '  sub2-1', 'late1'];
			assert.deepEqual(lines([], 'newest'), newest);
		});

		it('opens at a call, with its task and those above it taken for open', () => {
			const drafts = Array.from({ length: 60 }, (_, i) => call(`p${i}`, 'parent', i));
			store.record([...drafts, call('c1', 'child', 30, 'parent')]);
			const from = { callId: 'c1' };
			const page = store.timeline({ filter: {}, sort: 'oldest', closed: ['parent', 'child'], limit: 10, from });
			assert.equal(page.offset, 28);
			const item = page.items[5];
			assert.equal(item?.type === 'call' && item.row.callId, 'c1');
			const elsewhere = { filter: { sessionId: 'parent' }, sort: 'oldest' as const, closed: [], limit: 10, from };
			assert.equal(store.timeline(elsewhere).offset, 0);
		});

		it("puts a subagent's task back in its place whenever a call of it passes again", () => {
			const pending = () =>
				store
					.timeline({ filter: { state: 'pending' }, sort: 'oldest', closed: [], limit: 9, from: { offset: 0 } })
					.items.map((item) => `${item.depth}:${item.type === 'call' ? item.row.callId : item.session.sessionId}`);
			store.record([call('p1', 'parent', 0), call('c1', 'child', 5, 'parent'), call('x1', 'other', 9)]);
			const before = ['0:parent', '0:p1', '1:child', '1:c1', '0:other', '0:x1'];
			assert.deepEqual(pending(), before);
			store.record([responseDraft('c1', { sessionId: 'child' })]);
			assert.deepEqual(pending(), ['0:parent', '0:p1', '0:other', '0:x1']);
			store.record([call('c2', 'child', 6, 'parent')]);
			assert.deepEqual(pending(), ['0:parent', '0:p1', '1:child', '1:c2', '0:other', '0:x1']);
			store.record([responseDraft('p1', { sessionId: 'parent' })]);
			assert.deepEqual(pending(), ['0:parent', '1:child', '1:c2', '0:other', '0:x1']);
			store.record([responseDraft('c2', { sessionId: 'child' })]);
			assert.deepEqual(pending(), ['0:other', '0:x1']);
		});

		it('follows a call from its start to its end where only pending calls are asked for', () => {
			const pending = () =>
				store.timeline({ filter: { state: 'pending' }, sort: 'newest', closed: [], limit: 9, from: { offset: 0 } });
			assert.equal(pending().total, 0);
			store.record([call('a', 's', 0), call('b', 's', 1)]);
			assert.deepEqual([pending().total, pending().calls, pending().sessions], [3, 2, 1]);
			store.record([responseDraft('a', { sessionId: 's' })]);
			assert.deepEqual([pending().total, pending().calls, pending().sessions], [2, 1, 1]);
			store.record([responseDraft('b', { sessionId: 's' })]);
			assert.deepEqual([pending().total, pending().calls, pending().sessions], [0, 0, 0]);
		});
	});
});

/** `tasks`: in the order in which they were recorded. */
function check(
	store: LedgerStore,
	tasks: readonly string[],
	filter: CallFilter,
	sort: Sort,
	closed: readonly string[],
	limit: number,
): void {
	const rows = everyCall(store).filter((row) => passes(row, filter));
	const sessions = store.sessions({ filter: {}, offset: 0, limit: 50 }).rows;
	const expected = expectedLines(rows, sessions, tasks, filter, sort, new Set(closed));
	const listed: TimelineItem[] = [];
	for (let offset = 0; offset <= expected.length; offset += limit) {
		const page = store.timeline({ filter, sort, closed: [...closed], limit, from: { offset } });
		assert.equal(page.offset, offset);
		assert.equal(page.total, expected.length);
		assert.equal(page.calls, rows.length);
		assert.equal(page.revision, store.revision());
		listed.push(...page.items);
	}
	assert.deepEqual(listed.map(toLine), expected);
	const target = rows[Math.floor(rows.length / 2)];
	if (target) assertOpensAt(store, filter, sort, closed, limit, target);
	assert.deepEqual(
		store.sessions({ filter, offset: 0, limit: 50 }).rows.map(({ sessionId }) => sessionId),
		isEmpty(filter) ? sessions.map(({ sessionId }) => sessionId) : withCalls(sessions, rows),
	);
	const dear = store.sessions({ filter, sort: 'cost', offset: 0, limit: 50 });
	const cost = ({ costNanoUsd, subscriptionNanoUsd }: SessionRow) => costNanoUsd + subscriptionNanoUsd;
	assert.deepEqual(
		dear.rows.map(cost),
		dear.rows.map(cost).sort((a, b) => b - a),
	);
	assert.equal(dear.rows.length, dear.total);
	assert.equal(dear.total, isEmpty(filter) ? sessions.length : withCalls(sessions, rows).length);
}

function assertOpensAt(
	store: LedgerStore,
	filter: CallFilter,
	sort: Sort,
	closed: readonly string[],
	limit: number,
	{ callId }: CallRow,
): void {
	const page = store.timeline({ filter, sort, closed: [...closed], limit, from: { callId } });
	const at = page.items.findIndex((item) => item.type === 'call' && item.row.callId === callId);
	assert.ok(at >= 0, `${callId} is not on its page`);
	assert.ok(at === Math.floor(limit / 2) || page.offset === 0);
}

function isEmpty(filter: CallFilter): boolean {
	return Object.keys(filter).length === 0;
}

function withCalls(sessions: readonly SessionRow[], rows: readonly CallRow[]): string[] {
	return sessions.map(({ sessionId }) => sessionId).filter((id) => rows.some((row) => row.sessionId === id));
}

function toLine(item: TimelineItem): Line {
	if (item.type === 'call') return { call: item.row.callId, depth: item.depth };
	const { session, depth, open, matching, matchingBelow } = item;
	return { session: session.sessionId, depth, open, matching, below: matchingBelow };
}

/** The same from the calls alone, slowly. Tasks that began together, or ended together, stand in the order of `tasks`. */
function expectedLines(
	rows: readonly CallRow[],
	sessions: readonly SessionRow[],
	tasks: readonly string[],
	filter: CallFilter,
	sort: Sort,
	closed: ReadonlySet<string>,
): Line[] {
	const byId = new Map(sessions.map((session) => [session.sessionId, session]));
	const parents = new Map<string, string>();
	for (const { sessionId, parentSessionId } of filter.sessionId === undefined ? sessions : []) {
		if (parentSessionId !== null && parentSessionId !== sessionId && byId.has(parentSessionId)) {
			parents.set(sessionId, parentSessionId);
		}
	}
	const start = (id: string) => byId.get(id)?.startedAtMs ?? 0;
	const recorded = (a: string, b: string) => tasks.indexOf(a) - tasks.indexOf(b);
	const shown = new Set<string>();
	for (const { sessionId } of rows) {
		for (let at: string | undefined = sessionId; at !== undefined && !shown.has(at); at = parents.get(at))
			shown.add(at);
	}
	// The only ring there is.
	if (parents.get('s4') === 's5' && parents.get('s5') === 's4') {
		const isFourth = (start('s4') - start('s5') || recorded('s4', 's5')) < 0;
		parents.delete(isFourth ? 's4' : 's5');
	}
	const own = (id: string) => rows.filter(({ sessionId }) => sessionId === id);
	const below = (id: string) => [...shown].filter((other) => parents.get(other) === id).sort(recorded);
	const tree = (id: string): CallRow[] => [...own(id), ...below(id).flatMap(tree)];
	const lines: Line[] = [];
	const sign = sort === 'newest' ? -1 : 1;
	const write = (id: string, depth: number): void => {
		const open = !closed.has(id);
		const matching = own(id).length;
		lines.push({ session: id, depth, open, matching, below: tree(id).length - matching });
		if (!open) return;
		const parts = [
			...own(id).map((row) => ({ at: row.startedAtMs, session: null, call: row.callId })),
			...below(id).map((session) => ({ at: start(session), session, call: null })),
		];
		// `own` comes oldest first and before `below`: of equal times that order stays.
		parts.sort((a, b) => a.at - b.at);
		if (sort === 'newest') parts.reverse();
		for (const { session, call } of parts) {
			if (session !== null) write(session, depth + 1);
			else lines.push({ call, depth });
		}
	};
	const last = (id: string) => Math.max(...tree(id).map(({ startedAtMs }) => startedAtMs));
	const roots = [...shown]
		.filter((id) => !parents.has(id))
		.sort((a, b) => sign * (last(a) - last(b) || recorded(a, b)));
	for (const id of roots) write(id, 0);
	return lines;
}
