import type { SQLInputValue } from 'node:sqlite';
import { addDuration, addHistogram, decodeHistogram, type Histogram } from '../../core/latency-histogram.ts';
import { addCall, addSums, type Countable, countedColumns, noSums, type Sums, sumColumns } from '../sums.ts';
import { type Cover, pieceBoundsMs } from '../time-cover.ts';
import type { Reader, ResolvedFilter } from './reader.ts';

/** Sums by dimension for each of several stretches of time, by their place in the list. */
export type GroupedSums = Map<number, Map<number, Sums>>;

const ROLLUP_SUMS = `
	WITH piece AS MATERIALIZED (
		SELECT value ->> 0 AS i, value ->> 1 AS level, value ->> 2 AS lo, value ->> 3 AS hi FROM json_each(?)
	)
	SELECT piece.i, r.dim_n, ${sumColumns.map((column) => `sum(r.${column}) AS ${column}`).join(', ')}
	FROM piece CROSS JOIN rollup r ON r.level = piece.level AND r.bucket >= piece.lo AND r.bucket < piece.hi
	GROUP BY piece.i, r.dim_n`;

const ROLLUP_HISTOGRAMS = `
	WITH piece AS MATERIALIZED (
		SELECT value ->> 0 AS level, value ->> 1 AS lo, value ->> 2 AS hi FROM json_each(?)
	)
	SELECT r.dim_n, r.histogram
	FROM piece CROSS JOIN rollup r ON r.level = piece.level AND r.bucket >= piece.lo AND r.bucket < piece.hi
	WHERE r.histogram IS NOT NULL`;

const CALLS = `SELECT c.started_ms, c.dim_n, ${countedColumns.map((column) => `c.${column}`).join(', ')} FROM call c`;
const TRACKED = 'SELECT t.at_ms, t.dim_n, t.cost_nano FROM tracked t WHERE t.counted = 1';

/**
 * Adds up the calls of each cover by dimension: from the rollups, and at edges that no bucket fits from the calls
 * themselves. A filter by session always reads the session's calls. Range and session of `filter` are those of the covers.
 */
export function callSums(reader: Reader, covers: readonly Cover[], filter: ResolvedFilter): GroupedSums {
	const groups: GroupedSums = new Map();
	if (filter.session !== null) {
		covers.forEach((cover, i) => {
			for (const [fromMs, toMs] of stretches(cover)) addCalls(reader, i, fromMs, toMs, filter, groups);
		});
		return groups;
	}
	const pieces = covers.flatMap((cover, i) => cover.pieces.map(({ level, from, to }) => [i, level, from, to]));
	if (pieces.length > 0) {
		for (const row of reader.sql(ROLLUP_SUMS).iterate(JSON.stringify(pieces))) {
			const { i, dim_n, ...sums } = row as unknown as Sums & { i: number; dim_n: number };
			if (filter.dims === null || filter.dims.has(dim_n)) addSums(group(groups, i, dim_n), sums);
		}
	}
	covers.forEach((cover, i) => {
		for (const { fromMs, toMs } of cover.edges) addCalls(reader, i, fromMs, toMs, filter, groups);
	});
	return groups;
}

/** Latencies of the calls of a cover, by dimension. */
export function latencies(reader: Reader, cover: Cover, filter: ResolvedFilter): Map<number, Histogram> {
	const byDim = new Map<number, Histogram>();
	const histogramOf = (dim: number): Histogram => {
		const histogram = byDim.get(dim) ?? new Map();
		byDim.set(dim, histogram);
		return histogram;
	};
	const edges =
		filter.session === null ? cover.edges.map(({ fromMs, toMs }) => [fromMs, toMs] as const) : stretches(cover);
	if (filter.session === null && cover.pieces.length > 0) {
		const pieces = JSON.stringify(cover.pieces.map(({ level, from, to }) => [level, from, to]));
		for (const row of reader.sql(ROLLUP_HISTOGRAMS).iterate(pieces)) {
			const dim = Number(row.dim_n);
			if (filter.dims !== null && !filter.dims.has(dim)) continue;
			addHistogram(histogramOf(dim), decodeHistogram(row.histogram as Uint8Array));
		}
	}
	for (const [fromMs, toMs] of edges) {
		for (const call of callsBetween(reader, fromMs, toMs, filter)) {
			if (call.latency_us !== null) addDuration(histogramOf(call.dim_n), call.latency_us / 1000);
		}
	}
	return byDim;
}

/** A cover back in milliseconds: pieces of one cover are next to each other, so that its ends are enough. */
function stretches({ pieces, edges }: Cover): (readonly [number, number])[] {
	if (pieces.length === 0) return edges.map(({ fromMs, toMs }) => [fromMs, toMs] as const);
	const bounds = [...pieces.map(pieceBoundsMs), ...edges.map(({ fromMs, toMs }) => [fromMs, toMs] as const)];
	return [[Math.min(...bounds.map(([from]) => from)), Math.max(...bounds.map(([, to]) => to))]];
}

function addCalls(
	reader: Reader,
	i: number,
	fromMs: number,
	toMs: number,
	filter: ResolvedFilter,
	groups: GroupedSums,
): void {
	for (const call of callsBetween(reader, fromMs, toMs, filter)) addCall(group(groups, i, call.dim_n), call, 1);
	const session = filter.session === null ? '' : 'AND t.session_n = ?';
	const values: SQLInputValue[] = [fromMs, toMs];
	if (filter.session !== null) values.push(filter.session);
	const tracked = reader.sql(`${TRACKED} AND t.at_ms >= ? AND t.at_ms < ? ${session}`);
	for (const row of tracked.iterate(...values)) {
		const dim = Number(row.dim_n);
		if (filter.dims === null || filter.dims.has(dim)) group(groups, i, dim).cost_nano += Number(row.cost_nano);
	}
}

function* callsBetween(
	reader: Reader,
	fromMs: number,
	toMs: number,
	{ session, dims }: ResolvedFilter,
): Iterable<Countable & { dim_n: number }> {
	const values: SQLInputValue[] = [fromMs, toMs];
	if (session !== null) values.unshift(session);
	const where = session === null ? 'WHERE' : 'WHERE c.session_n = ? AND';
	const calls = reader.sql(`${CALLS} ${where} c.started_ms >= ? AND c.started_ms < ?`);
	for (const row of calls.iterate(...values)) {
		const call = row as unknown as Countable & { dim_n: number };
		if (dims === null || dims.has(call.dim_n)) yield call;
	}
}

function group(groups: GroupedSums, i: number, dim: number): Sums {
	let byDim = groups.get(i);
	if (!byDim) {
		byDim = new Map();
		groups.set(i, byDim);
	}
	let sums = byDim.get(dim);
	if (!sums) {
		sums = noSums();
		byDim.set(dim, sums);
	}
	return sums;
}
