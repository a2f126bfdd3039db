import type { SQLInputValue } from 'node:sqlite';
import type { CallQuery } from '../ledger.ts';
import { LEVEL_WIDTHS_MS } from '../time-cover.ts';
import { callConditions } from './call-conditions.ts';
import { countCalls } from './count-calls.ts';
import type { Reader, ResolvedFilter } from './reader.ts';

/** Up to this many calls are sorted rather than picked out of all others by time. */
const FEW = 20_000;

/** Numbers of the calls on a page, fast at any offset. `total` is how many calls pass the filter; up to `few` are sorted. */
export function pageOfCalls(
	reader: Reader,
	filter: ResolvedFilter,
	{ sort, offset, limit }: Pick<CallQuery, 'sort' | 'offset' | 'limit'>,
	total: number,
	few = FEW,
): number[] {
	const count = Math.max(0, Math.min(limit, total - offset));
	if (count === 0) return [];
	const order = sort === 'newest' ? 'DESC' : 'ASC';
	if (filter.session !== null || (filter.dims !== null && total <= few)) {
		const { where, values } = callConditions(filter);
		const index = filter.session !== null ? 'call_session' : 'call_dim';
		return numbers(
			reader,
			`SELECT c.n FROM call c INDEXED BY ${index} ${where} ORDER BY c.started_ms ${order}, c.n ${order} LIMIT ? OFFSET ?`,
			[...values, count, offset],
		);
	}
	const place = locate(reader, filter, sort, offset + countBeyond(reader, filter, sort));
	const { where, values } = callConditions({ ...filter, range: null });
	const bound = `${where === '' ? 'WHERE' : `${where} AND`} c.started_ms ${sort === 'newest' ? '<' : '>='} ?`;
	return numbers(
		reader,
		`SELECT c.n FROM call c INDEXED BY call_started ${bound}
		ORDER BY c.started_ms ${order}, c.n ${order} LIMIT ? OFFSET ?`,
		[...values, place.fromMs, count, place.skip],
	);
}

function numbers(reader: Reader, sql: string, values: readonly SQLInputValue[]): number[] {
	return reader
		.sql(sql)
		.all(...values)
		.map((row) => Number(row.n));
}

/** Calls that come before the first of the range, in the order asked for. */
function countBeyond(reader: Reader, filter: ResolvedFilter, sort: CallQuery['sort']): number {
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
	sort: CallQuery['sort'],
	rank: number,
): { fromMs: number; skip: number } {
	let skip = rank;
	let fromMs = 0;
	let toMs = Number.MAX_SAFE_INTEGER;
	for (let level = LEVEL_WIDTHS_MS.length - 1; level >= 0; level--) {
		const width = LEVEL_WIDTHS_MS[level] ?? 1;
		for (const [bucket, calls] of callsByBucket(reader, filter, sort, level, fromMs / width, toMs / width)) {
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
	{ dims }: ResolvedFilter,
	sort: CallQuery['sort'],
	level: number,
	from: number,
	to: number,
): [bucket: number, calls: number][] {
	const rows = reader
		.sql('SELECT bucket, dim_n, calls FROM rollup WHERE level = ? AND bucket >= ? AND bucket < ?')
		.all(level, from, to);
	const calls = new Map<number, number>();
	for (const row of rows) {
		if (dims !== null && !dims.has(Number(row.dim_n))) continue;
		calls.set(Number(row.bucket), (calls.get(Number(row.bucket)) ?? 0) + Number(row.calls));
	}
	return [...calls].sort(([a], [b]) => (sort === 'newest' ? b - a : a - b));
}
