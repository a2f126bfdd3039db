import type { SQLInputValue } from 'node:sqlite';
import {
	addDuration,
	addHistogram,
	BETWEEN_HISTOGRAMS,
	decodeHistogram,
	type Histogram,
} from '../../core/latency-histogram.ts';
import {
	addCall,
	addSums,
	type Countable,
	countedColumns,
	noSums,
	olderColumn,
	type Sums,
	sumColumns,
} from '../sums.ts';
import { type Cover, pieceBoundsMs } from '../time-cover.ts';
import { callConditions, callTable } from './call-conditions.ts';
import type { OwnTest, Reader, ResolvedFilter } from './reader.ts';

/** What is added up over the calls of one dimension in one stretch of time. */
export interface Cell {
	sums: Sums;
	/** Empty where latencies were not asked for. */
	latencies: Histogram;
}

/** By the stretch of time's place in the list, and dimension. */
export type Cells = Map<number, Map<number, Cell>>;

/** A part of the time that the cover `i` covers. */
interface Stretch {
	i: number;
	fromMs: number;
	toMs: number;
}

const PIECES = `WITH piece AS MATERIALIZED (
		SELECT value ->> 0 AS i, value ->> 1 AS level, value ->> 2 AS lo, value ->> 3 AS hi FROM json_each(?)
	)`;
const OF_PIECES =
	'FROM piece CROSS JOIN rollup r ON r.level = piece.level AND r.bucket >= piece.lo AND r.bucket < piece.hi';
const BY_CELL = `${OF_PIECES} GROUP BY piece.i, r.dim_n`;
/** As one text a cell: a value for each of some ten thousand rows takes longer than all the rest. */
const LATENCIES = `group_concat(hex(r.histogram), '${BETWEEN_HISTOGRAMS}')`;
const QUERIES = { current: queriesOf((column) => column), older: queriesOf(olderColumn) };
const CALL_COLUMNS = ['started_ms', 'dim_n', ...countedColumns].map((column) => `c.${column}`).join(', ');
const TRACKED = 'SELECT t.at_ms, t.dim_n, t.cost_nano FROM tracked t WHERE t.counted = 1';

/** Whether the sums over time can answer a filter. Calls whose request was not seen are rare: they are taken away. */
export function isSummed({ session, own }: ResolvedFilter): boolean {
	return session === null && (own.size === 0 || (own.size === 1 && own.has('request')));
}

/**
 * Adds up the calls of each cover by dimension: from the sums over time where they can answer the filter, and at edges
 * that no bucket fits from the calls themselves; else from the calls. The covers take the place of the filter's range.
 *
 * Costs that came without tokens count where the filter asks nothing that only a call could answer: they are no calls.
 */
export function callSums(
	reader: Reader,
	covers: readonly Cover[],
	filter: ResolvedFilter,
	want: { latencies: boolean },
): Cells {
	const cells = new CellTable(filter.dims, want.latencies);
	if (isSummed(filter)) {
		addRollups(reader, covers, cells);
		if (filter.own.size > 0) takeOrphans(reader, covers, filter, cells);
		addCalls(reader, covers.flatMap(edgesOf), filter, cells, 1);
	} else addCalls(reader, covers.flatMap(wholeOf), filter, cells, 1);
	return cells.all;
}

function addRollups(reader: Reader, covers: readonly Cover[], cells: CellTable): void {
	const pieces = covers.flatMap((cover, i) => cover.pieces.map(({ level, from, to }) => [i, level, from, to]));
	if (pieces.length === 0) return;
	const bound = JSON.stringify(pieces);
	const queries = reader.isCurrent ? QUERIES.current : QUERIES.older;
	const rows = reader.sql(cells.withLatencies ? queries.withLatencies : queries.withoutLatencies).iterate(bound);
	for (const row of rows) {
		const { i, dim_n, latencies, ...sums } = row as unknown as Sums & {
			i: number;
			dim_n: number;
			latencies: string | null;
		};
		const cell = cells.get(i, dim_n);
		if (!cell) continue;
		addSums(cell.sums, sums);
		if (latencies) addHistogram(cell.latencies, decodeHistogram(Buffer.from(latencies, 'hex')));
	}
}

function queriesOf(columnOf: (column: keyof Sums) => string): { withLatencies: string; withoutLatencies: string } {
	const sums = sumColumns.map((column) => `sum(r.${columnOf(column)}) AS ${column}`).join(', ');
	const select = (latencies: string) =>
		`${PIECES} SELECT piece.i, r.dim_n, ${sums}, ${latencies} AS latencies ${BY_CELL}`;
	return { withLatencies: select(LATENCIES), withoutLatencies: select('NULL') };
}

function takeOrphans(reader: Reader, covers: readonly Cover[], filter: ResolvedFilter, cells: CellTable): void {
	const stretches = covers.flatMap(({ pieces }, i) => wholeOf({ pieces, edges: [] }, i));
	addCalls(reader, stretches, { ...filter, own: new Map<OwnTest, null>([['orphan', null]]) }, cells, -1);
	addTracked(reader, stretches, filter, cells, -1);
}

/** Stretches that touch are read in one go. */
function addCalls(
	reader: Reader,
	stretches: readonly Stretch[],
	filter: ResolvedFilter,
	cells: CellTable,
	sign: 1 | -1,
): void {
	for (const run of runsOf(stretches)) {
		const span = { ...filter, range: { fromMs: run[0].fromMs, toMs: run[run.length - 1]?.toMs ?? 0 } };
		const { where, values } = callConditions(span);
		const calls = reader.sql(`SELECT ${CALL_COLUMNS} FROM ${callTable(reader, span)} ${where}`);
		for (const row of calls.iterate(...values)) {
			const call = row as unknown as Countable & { started_ms: number; dim_n: number };
			const cell = cells.get(placeOf(run, call.started_ms), call.dim_n);
			if (!cell) continue;
			addCall(cell.sums, call, sign);
			if (cells.withLatencies && call.latency_us !== null) addDuration(cell.latencies, call.latency_us / 1000, sign);
		}
	}
	if (filter.own.size === 0) addTracked(reader, stretches, filter, cells, sign);
}

function addTracked(
	reader: Reader,
	stretches: readonly Stretch[],
	{ session }: ResolvedFilter,
	cells: CellTable,
	sign: 1 | -1,
): void {
	for (const run of runsOf(stretches)) {
		const values: SQLInputValue[] = [run[0].fromMs, run[run.length - 1]?.toMs ?? 0];
		if (session !== null) values.push(session);
		const of = session === null ? '' : 'AND t.session_n = ?';
		for (const row of reader.sql(`${TRACKED} AND t.at_ms >= ? AND t.at_ms < ? ${of}`).iterate(...values)) {
			const cell = cells.get(placeOf(run, Number(row.at_ms)), Number(row.dim_n));
			if (cell) cell.sums.cost_nano += sign * Number(row.cost_nano);
		}
	}
}

function edgesOf({ edges }: Cover, i: number): Stretch[] {
	return edges.map(({ fromMs, toMs }) => ({ i, fromMs, toMs }));
}

/** A cover back in milliseconds: pieces of one cover are next to each other, so that its ends are enough. */
function wholeOf(cover: Cover, i: number): Stretch[] {
	if (cover.pieces.length === 0) return edgesOf(cover, i);
	const bounds = [
		...cover.pieces.map(pieceBoundsMs),
		...cover.edges.map(({ fromMs, toMs }) => [fromMs, toMs] as const),
	];
	return [{ i, fromMs: Math.min(...bounds.map(([from]) => from)), toMs: Math.max(...bounds.map(([, to]) => to)) }];
}

type Run = [Stretch, ...Stretch[]];

/** Stretches in the order of time, those that touch together. They do not overlap. */
function runsOf(stretches: readonly Stretch[]): Run[] {
	const runs: Run[] = [];
	for (const stretch of stretches.toSorted((a, b) => a.fromMs - b.fromMs)) {
		const last = runs.at(-1);
		if (last?.at(-1)?.toMs === stretch.fromMs) last.push(stretch);
		else runs.push([stretch]);
	}
	return runs;
}

/** The cover of the stretch that a moment lies in. */
function placeOf(run: Run, ms: number): number {
	let low = 0;
	let high = run.length - 1;
	while (low < high) {
		const middle = (low + high + 1) >> 1;
		if ((run[middle] ?? run[0]).fromMs <= ms) low = middle;
		else high = middle - 1;
	}
	return (run[low] ?? run[0]).i;
}

class CellTable {
	readonly all: Cells = new Map();
	readonly withLatencies: boolean;
	readonly #dims: ReadonlySet<number> | null;

	constructor(dims: ReadonlySet<number> | null, withLatencies: boolean) {
		this.#dims = dims;
		this.withLatencies = withLatencies;
	}

	/** `null` for a dimension that does not pass the filter. */
	get(i: number, dim: number): Cell | null {
		if (this.#dims !== null && !this.#dims.has(dim)) return null;
		let byDim = this.all.get(i);
		if (!byDim) {
			byDim = new Map();
			this.all.set(i, byDim);
		}
		let cell = byDim.get(dim);
		if (!cell) {
			cell = { sums: noSums(), latencies: new Map() };
			byDim.set(dim, cell);
		}
		return cell;
	}
}
