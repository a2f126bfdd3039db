import type { Bucket } from '../../core/pricing/cost.ts';
import type { CallFilter, CallRow, GroupTotals, Totals } from '../../core/views.ts';
import type { CallCost } from '../ledger.ts';
import type { Asker } from './answer.ts';
import { type CacheMiss, cacheMisses, missCostNanoUsd } from './cache-misses.ts';

/** Calls that are looked at one by one, the newest of them. */
const maxLookedAt = 5_000;
const pageSize = 500;

/** The calls of one task among those that were looked at. */
export interface Session {
	sessionId: string;
	agentId: string;
	calls: number;
	pending: number;
	nanoUsd: number;
	unpriced: number;
	/** Some cost is a lower, or an upper bound. */
	least: boolean;
	most: boolean;
}

export interface Miss extends CacheMiss {
	/** What it cost above reading from the cache; `null`: not known. */
	extraNanoUsd: number | null;
}

/** Everything that was found out, before it is put into fields and into words. */
export interface Findings {
	totals: Totals;
	byModel: GroupTotals[];
	rows: CallRow[];
	costliest: CallRow[];
	sessions: Session[];
	buckets: { bucket: Bucket | 'reported'; tokens: number | null; nanoUsd: number }[];
	misses: Miss[];
	top: number;
}

/** Looks at the calls of a filter: their sums, and the newest of them one by one. */
export async function findOut(filter: CallFilter, top: number, asker: Asker): Promise<Findings> {
	const { ledger } = asker;
	const [totals, byModel, costliest, rows] = await Promise.all([
		ledger.totals(filter),
		ledger.byModel(filter),
		ledger.calls({ filter, sort: 'cost', offset: 0, limit: top }),
		newestOf(filter, asker),
	]);
	const costs = await costsOf(rows, asker);
	return {
		totals,
		byModel,
		rows,
		costliest: costliest.rows.filter(({ cost }) => (cost?.nanoUsd ?? 0) > 0),
		sessions: sessionsOf(rows),
		buckets: bucketsOf(rows, costs),
		misses: missesOf(rows, costs),
		top,
	};
}

async function newestOf(filter: CallFilter, { ledger, signal }: Asker): Promise<CallRow[]> {
	const rows = new Map<string, CallRow>();
	for (let offset = 0; offset < maxLookedAt; offset += pageSize) {
		signal?.throwIfAborted();
		const page = await ledger.calls({ filter, sort: 'newest', offset, limit: pageSize });
		for (const row of page.rows) rows.set(row.callId, row);
		if (page.rows.length < pageSize) break;
	}
	return [...rows.values()];
}

async function costsOf(rows: readonly CallRow[], { ledger, signal }: Asker): Promise<Map<string, CallCost>> {
	const costs = new Map<string, CallCost>();
	for (let at = 0; at < rows.length; at += pageSize) {
		signal?.throwIfAborted();
		for (const cost of await ledger.costs(rows.slice(at, at + pageSize).map(({ callId }) => callId))) {
			costs.set(cost.callId, cost);
		}
	}
	return costs;
}

function sessionsOf(rows: readonly CallRow[]): Session[] {
	const sessions = new Map<string, Session>();
	for (const { sessionId, agentId, cost, state } of rows) {
		const none = { sessionId, agentId, calls: 0, pending: 0, nanoUsd: 0, unpriced: 0, least: false, most: false };
		const session = sessions.get(sessionId) ?? none;
		sessions.set(sessionId, session);
		session.calls++;
		session.nanoUsd += cost?.nanoUsd ?? 0;
		if (state === 'pending') session.pending++;
		else if ((cost?.nanoUsd ?? null) === null && cost?.basis !== 'refused') session.unpriced++;
		session.least ||= cost?.bound === 'atLeast';
		session.most ||= cost?.bound === 'atMost';
	}
	return [...sessions.values()].sort((a, b) => b.nanoUsd - a.nanoUsd || b.calls - a.calls);
}

function bucketsOf(rows: readonly CallRow[], costs: ReadonlyMap<string, CallCost>): Findings['buckets'] {
	const sums = new Map<Bucket, { tokens: number; picoUsd: number }>();
	let reported = 0;
	for (const { callId } of rows) {
		const cost = costs.get(callId)?.cost;
		if (cost === undefined) continue;
		if (cost.basis !== 'computed') {
			reported += cost.shownNanoUsd ?? 0;
			continue;
		}
		for (const { bucket, tokens, ratePicoUsd } of cost.lines) {
			const sum = sums.get(bucket) ?? { tokens: 0, picoUsd: 0 };
			sums.set(bucket, { tokens: sum.tokens + tokens, picoUsd: sum.picoUsd + tokens * ratePicoUsd });
		}
	}
	return [
		...[...sums].map(([bucket, { tokens, picoUsd }]) => ({ bucket, tokens, nanoUsd: Math.round(picoUsd / 1000) })),
		...(reported > 0 ? [{ bucket: 'reported' as const, tokens: null, nanoUsd: reported }] : []),
	].sort((a, b) => b.nanoUsd - a.nanoUsd);
}

function missesOf(rows: readonly CallRow[], costs: ReadonlyMap<string, CallCost>): Miss[] {
	return (
		cacheMisses(rows)
			// Nothing could have been saved where nothing is ever read from a cache.
			.filter(({ row }) => costs.get(row.callId)?.neverCached !== true)
			.map((miss) => {
				const paid = costs.get(miss.row.callId);
				return { ...miss, extraNanoUsd: paid === undefined ? null : missCostNanoUsd(miss, paid) };
			})
			.sort((a, b) => (b.extraNanoUsd ?? 0) - (a.extraNanoUsd ?? 0) || b.tokens - a.tokens)
	);
}
