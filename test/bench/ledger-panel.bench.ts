import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CallFilter } from '../../src/core/views.ts';
import type { LedgerStore } from '../../src/ledger/store.ts';
import type { Figure } from '../run/bench.ts';
import { DAY, makeLargeLedger, openStore, p95, pair, random, thousands } from './ledger/large-ledger.ts';

/** What the panel asks of a large ledger: its pages, sums and timelines. */
export const name = 'ledger-panel';

const QUERY_MS = 50;
const FIRST_TIMELINE_MS = 200;

export async function run(): Promise<Figure[]> {
	const folder = mkdtempSync(join(tmpdir(), 'callmeter-bench-'));
	try {
		return [...millionCalls(folder), ...timeline(folder, 1_000, 100), ...timeline(folder, 100_000, 1)];
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

function millionCalls(folder: string): Figure[] {
	const { file, endMs } = makeLargeLedger(folder);
	const store = openStore(file);
	const calls = store.totals({}).calls;
	const of = (what: string) => `ledger, ${thousands(calls)} calls: ${what}`;
	const zones = ['Europe/Berlin', 'Asia/Kathmandu', 'UTC', 'America/New_York'];
	const shapes = [
		[1, 'hour'],
		[7, 'hour'],
		[30, 'day'],
		[90, 'day'],
		[365, 'week'],
	] as const;
	const analyticsMs = p95(100, (i) => {
		const [days, granularity] = shapes[i % shapes.length] ?? shapes[0];
		const toMs = endMs - random(200 * DAY);
		const filter: CallFilter = i % 3 === 0 ? { model: 'gpt-4o' } : i % 3 === 1 ? { event: 'paired' } : {};
		const range = { fromMs: toMs - days * DAY, toMs };
		store.analytics({ range, granularity, timeZone: zones[random(4)] ?? 'UTC', filter });
	});
	const sorts = ['cost', 'latency', 'tokens'] as const;
	const sortedMs = p95(150, (i) => {
		store.calls({ filter: {}, sort: sorts[i % 3] ?? 'cost', offset: random(calls), limit: 100 });
	});
	const filters: CallFilter[] = [
		{ model: 'gpt-4o' },
		{ event: 'paired' },
		{ minLatencyMs: 60_000 },
		{ range: { fromMs: endMs - 30 * DAY, toMs: endMs } },
	];
	const page = (filter: CallFilter) => {
		const { total } = store.calls({ filter, sort: 'cost', offset: 0, limit: 1 });
		store.calls({ filter, sort: 'cost', offset: random(total), limit: 100 });
	};
	const firstMs = Math.max(...filters.map((filter) => p95(1, () => page(filter))));
	const filteredMs = p95(100, (i) => page(filters[i % filters.length] ?? {}));
	const facetsMs = p95(100, (i) => {
		const toMs = endMs - random(200 * DAY);
		store.facets(i % 2 ? { range: { fromMs: toMs - 90 * DAY, toMs } } : {});
	});
	const sessionsMs = p95(100, (i) => {
		const filter: CallFilter = i % 2 ? { range: { fromMs: endMs - 30 * DAY, toMs: endMs } } : {};
		store.sessions({ filter, sort: 'cost', offset: 0, limit: 5 });
	});
	store.close();
	return [
		within(of('analytics page (p95)'), analyticsMs, QUERY_MS),
		within(of('any page by cost, latency or tokens (p95)'), sortedMs, QUERY_MS),
		{ figure: of('first page by cost under a filter'), measured: ms(firstMs), budget: '', ok: true },
		within(of('any further page by cost under a filter (p95)'), filteredMs, QUERY_MS),
		within(of('facets (p95)'), facetsMs, QUERY_MS),
		within(of('dearest tasks (p95)'), sessionsMs, QUERY_MS),
	];
}

function timeline(folder: string, sessions: number, callsEach: number): Figure[] {
	const store = openStore(join(folder, `tasks-${sessions}.db`));
	const calls = sessions * callsEach;
	const draft = (i: number) => {
		const session = Math.floor(i / callsEach);
		// Every tenth task is a subagent's.
		const parentSessionId = session % 10 === 9 ? `task-${session - 1}` : null;
		const [call, response] = pair(i, null, undefined, undefined, `task-${session}`);
		return [{ ...call, parentSessionId }, response];
	};
	for (let i = 0; i < calls; i += 1_000) store.record(Array.from({ length: 1_000 }, (_, k) => draft(i + k)).flat());
	const page = (offset: number, filter: CallFilter = {}) =>
		store.timeline({ filter, sort: 'newest', closed: [], limit: 100, from: { offset } });
	const of = (what: string) => `ledger, ${thousands(calls)} calls in ${thousands(sessions)} tasks: ${what}`;
	let total = 0;
	const firstMs = p95(1, () => {
		total = page(0).total;
	});
	const pageMs = p95(200, () => page(random(total)));
	const liveMs = p95(60, (i) => recordOne(store, i, sessions, page));
	store.close();
	return [
		within(of('first page of the timeline'), firstMs, FIRST_TIMELINE_MS),
		within(of('any further page (p95)'), pageMs, QUERY_MS),
		within(of('a live call and the page anew (p95)'), liveMs, QUERY_MS),
	];
}

/** A call of a task that is there, then its end, then a call of a new task. */
function recordOne(store: LedgerStore, i: number, sessions: number, page: (offset: number) => unknown): void {
	const at = Date.UTC(2027, 0, 1) + i * 1_000;
	const session = i % 3 === 2 ? `new-${i}` : `task-${random(sessions)}`;
	const [call, response] = pair(10_000_000 + i - (i % 3 === 1 ? 1 : 0), null, at, undefined, session);
	store.record([i % 3 === 1 ? response : call]);
	page(0);
}

function within(figure: string, measuredMs: number, budgetMs: number): Figure {
	return { figure, measured: ms(measuredMs), budget: `≤ ${budgetMs} ms`, ok: measuredMs <= budgetMs };
}

function ms(value: number): string {
	return `${value.toFixed(1)} ms`;
}
