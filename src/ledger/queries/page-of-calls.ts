import type { CallQuery } from '../ledger.ts';
import { LEVEL_WIDTHS_MS } from '../time-cover.ts';
import { callConditions } from './call-conditions.ts';
import type { CallLists } from './call-lists.ts';
import { isByTime, rankOf, sortedCalls, sortedPage } from './call-order.ts';
import { isSummed } from './call-sums.ts';
import { countCalls } from './count-calls.ts';
import { noFilter, type Reader, type ResolvedFilter } from './reader.ts';

/** Up to this many calls are sorted rather than picked out of all others by time. */
const FEW = 20_000;

type TimeSort = 'newest' | 'oldest';

/** Numbers of the calls on a page, and how many there are in all. Fast at any offset; `few`: see `FEW`. */
export function pageOfCalls(
	reader: Reader,
	lists: CallLists,
	{ filter, sort, offset, limit }: CallQuery,
	few = FEW,
): { numbers: readonly number[]; total: number } {
	const resolved = reader.resolve(filter);
	if (resolved.session !== null) {
		return { numbers: sortedCalls(reader, resolved, sort, { offset, limit }), total: countCalls(reader, resolved) };
	}
	if (isByTime(sort) && isSummed(resolved)) {
		const total = countCalls(reader, resolved);
		const count = Math.max(0, Math.min(limit, total - offset));
		return { numbers: count === 0 ? [] : pageByTime(reader, resolved, sort, offset, count, total <= few), total };
	}
	if (isUnfiltered(resolved)) {
		const total = countCalls(reader, noFilter);
		return { numbers: sortedPage(reader, sort, offset, limit, total), total };
	}
	const list = lists.get(filter, resolved, sort);
	return { numbers: list.slice(offset, offset + limit), total: list.length };
}

/** Where a call stands in the list that a query gives; `null`: not in it, or there is no such call. */
export function positionOf(
	reader: Reader,
	lists: CallLists,
	{ filter, sort, callId }: Pick<CallQuery, 'filter' | 'sort'> & { callId: string },
): number | null {
	const n = reader.callNumber(callId);
	if (n === null) return null;
	const resolved = reader.resolve(filter);
	if (isByTime(sort) && isSummed(resolved)) return rankByTime(reader, resolved, sort, n);
	if (resolved.session === null && isUnfiltered(resolved)) return rankOf(reader, sort, n);
	const numbers = resolved.session === null ? lists.get(filter, resolved, sort) : sortedCalls(reader, resolved, sort);
	const at = numbers.indexOf(n);
	return at < 0 ? null : at;
}

function isUnfiltered({ dims, range, own }: ResolvedFilter): boolean {
	return dims === null && range === null && own.size === 0;
}

function pageByTime(
	reader: Reader,
	filter: ResolvedFilter,
	sort: TimeSort,
	offset: number,
	limit: number,
	areFew: boolean,
): number[] {
	if (filter.dims !== null && areFew) return sortedCalls(reader, filter, sort, { offset, limit });
	const order = sort === 'newest' ? 'DESC' : 'ASC';
	const place = locate(reader, filter, sort, offset + countBeyond(reader, filter, sort));
	const { where, values } = callConditions({ ...filter, range: null });
	const bound = `${where === '' ? 'WHERE' : `${where} AND`} c.started_ms ${sort === 'newest' ? '<' : '>='} ?`;
	const rows = reader
		.columns(
			`SELECT c.n FROM call c INDEXED BY call_started ${bound}
			ORDER BY c.started_ms ${order}, c.n ${order} LIMIT ? OFFSET ?`,
		)
		.all(...values, place.fromMs, limit, place.skip) as unknown as [number][];
	return rows.map(([n]) => n);
}

/** Counts what is before the call by time, and of the same millisecond those that are before it by number. */
function rankByTime(reader: Reader, filter: ResolvedFilter, sort: TimeSort, n: number): number | null {
	const at = reader.sql('SELECT started_ms FROM call WHERE n = ?').get(n);
	const startedMs = Number(at?.started_ms);
	const { fromMs, toMs } = filter.range ?? { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
	if (!at || startedMs < fromMs || startedMs >= toMs) return null;
	const same = sortedCalls(reader, { ...filter, range: { fromMs: startedMs, toMs: startedMs + 1 } }, sort);
	const among = same.indexOf(n);
	if (among < 0) return null;
	const before = sort === 'newest' ? { fromMs: startedMs + 1, toMs } : { fromMs, toMs: startedMs };
	return among + countCalls(reader, { ...filter, range: before });
}

/** Calls that come before the first of the range, in the order asked for. */
function countBeyond(reader: Reader, filter: ResolvedFilter, sort: TimeSort): number {
	if (filter.range === null) return 0;
	const range =
		sort === 'newest'
			? { fromMs: filter.range.toMs, toMs: Number.MAX_SAFE_INTEGER }
			: { fromMs: 0, toMs: filter.range.fromMs };
	return countCalls(reader, { ...filter, range });
}

/**
 * Where the call of a rank stands: its 15 minutes, and how many calls to skip from there. Goes down the levels of the
 * rollup, in each adding up what it passes, so that only the calls of one quarter of an hour are stepped over.
 */
function locate(
	reader: Reader,
	filter: ResolvedFilter,
	sort: TimeSort,
	rank: number,
): { fromMs: number; skip: number } {
	let skip = rank;
	let fromMs = 0;
	let toMs = Number.MAX_SAFE_INTEGER;
	for (let level = LEVEL_WIDTHS_MS.length - 1; level >= 0; level--) {
		const width = LEVEL_WIDTHS_MS[level] ?? 1;
		for (const [bucket, calls] of callsByBucket(reader, filter, sort, level, fromMs, toMs)) {
			if (skip < calls) {
				[fromMs, toMs] = [bucket * width, (bucket + 1) * width];
				break;
			}
			skip -= calls;
		}
	}
	return { fromMs: sort === 'newest' ? toMs : fromMs, skip };
}

function callsByBucket(
	reader: Reader,
	{ dims, own }: ResolvedFilter,
	sort: TimeSort,
	level: number,
	fromMs: number,
	toMs: number,
): [bucket: number, calls: number][] {
	const width = LEVEL_WIDTHS_MS[level] ?? 1;
	const calls = new Map<number, number>();
	const add = (rows: unknown, sign: 1 | -1) => {
		for (const [bucket, dim, count] of rows as [number, number, number][]) {
			if (dims === null || dims.has(dim)) calls.set(bucket, (calls.get(bucket) ?? 0) + sign * count);
		}
	};
	const counted = 'SELECT bucket, dim_n, calls FROM rollup WHERE level = ? AND bucket >= ? AND bucket < ?';
	add(reader.columns(counted).all(level, fromMs / width, toMs / width), 1);
	if (own.has('request')) {
		const index = reader.isCurrent ? 'INDEXED BY call_orphan' : '';
		const orphans = `SELECT c.started_ms / ${width}, c.dim_n, 1 FROM call c ${index}
			WHERE c.call_event IS NULL AND c.started_ms >= ? AND c.started_ms < ?`;
		add(reader.columns(orphans).all(fromMs, toMs), -1);
	}
	return [...calls].sort(([a], [b]) => (sort === 'newest' ? b - a : a - b));
}
