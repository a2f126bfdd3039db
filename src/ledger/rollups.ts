import type { DatabaseSync, StatementSync } from 'node:sqlite';
import {
	addDuration,
	addHistogram,
	decodeHistogram,
	encodeHistogram,
	type Histogram,
} from '../core/latency-histogram.ts';
import { RowWriter } from './row-writer.ts';
import type { Countable } from './sums.ts';
import { addCall, addSums, isNothing, noSums, type Sums, sumColumns } from './sums.ts';
import { LEVEL_WIDTHS_MS } from './time-cover.ts';

interface Cell {
	bucket: number;
	dim: number;
	sums: Sums;
	histogram: Histogram;
}

interface Statements {
	find: StatementSync;
	remove: StatementSync;
	writer: RowWriter<RollupRow>;
}

type RollupRow = Sums & { level: number; bucket: number; dim_n: number; histogram: Uint8Array | null };

/**
 * Sums by time bucket and dimension, on four levels (15 minutes, hour, day, 32 days; UTC). Changes are gathered in memory
 * and written once a transaction, so that a batch of a thousand calls touches each bucket once.
 */
export class Rollups {
	readonly #cells = new Map<string, Cell>();
	readonly #db: DatabaseSync;
	#statements: Statements | null = null;

	constructor(db: DatabaseSync) {
		this.#db = db;
	}

	/** Counts a call, or with `sign` -1 takes it away as it was counted before. */
	count(call: Countable & { started_ms: number; dim_n: number }, sign: 1 | -1): void {
		const cell = this.#cell(call.started_ms, call.dim_n);
		addCall(cell.sums, call, sign);
		if (call.latency_us !== null) addDuration(cell.histogram, call.latency_us / 1000, sign);
	}

	/** Counts a cost without tokens. It is no call. */
	countCost(atMs: number, dim: number, costNano: number): void {
		this.#cell(atMs, dim).sums.cost_nano += costNano;
	}

	flush(): void {
		let cells: Iterable<Cell> = this.#cells.values();
		LEVEL_WIDTHS_MS.forEach((width, level) => {
			const wider = LEVEL_WIDTHS_MS[level + 1];
			const folded = new Map<string, Cell>();
			for (const cell of cells) {
				this.#apply(level, cell);
				if (wider !== undefined) fold(cell, Math.floor((cell.bucket * width) / wider), folded);
			}
			cells = folded.values();
		});
		this.#cells.clear();
	}

	forget(): void {
		this.#cells.clear();
	}

	#cell(atMs: number, dim: number): Cell {
		const bucket = Math.floor(atMs / LEVEL_WIDTHS_MS[0]);
		const key = `${bucket}/${dim}`;
		let cell = this.#cells.get(key);
		if (!cell) {
			cell = { bucket, dim, sums: noSums(), histogram: new Map() };
			this.#cells.set(key, cell);
		}
		return cell;
	}

	#apply(level: number, cell: Cell): void {
		if (isNothing(cell.sums) && cell.histogram.size === 0) return;
		this.#statements ??= prepare(this.#db);
		const { find, remove, writer } = this.#statements;
		const stored = find.get(level, cell.bucket, cell.dim) as (Sums & { histogram: Uint8Array | null }) | undefined;
		const sums = { ...cell.sums };
		let histogram = cell.histogram;
		if (stored) {
			addSums(sums, stored);
			histogram = stored.histogram ? decodeHistogram(stored.histogram) : new Map();
			addHistogram(histogram, cell.histogram);
		}
		if (isNothing(sums)) remove.run(level, cell.bucket, cell.dim);
		else {
			writer.write({
				level,
				bucket: cell.bucket,
				dim_n: cell.dim,
				...sums,
				histogram: histogram.size === 0 ? null : encodeHistogram(histogram),
			});
		}
	}
}

/** When something is first written: a ledger of an earlier version, which is only looked at, may lack columns. */
function prepare(db: DatabaseSync): Statements {
	return {
		find: db.prepare(
			`SELECT ${sumColumns.join(', ')}, histogram FROM rollup WHERE level = ? AND bucket = ? AND dim_n = ?`,
		),
		remove: db.prepare('DELETE FROM rollup WHERE level = ? AND bucket = ? AND dim_n = ?'),
		writer: new RowWriter(db, 'rollup', ['level', 'bucket', 'dim_n', ...sumColumns, 'histogram'], 'INSERT OR REPLACE'),
	};
}

function fold(cell: Cell, bucket: number, into: Map<string, Cell>): void {
	const key = `${bucket}/${cell.dim}`;
	const wide = into.get(key);
	if (wide) {
		addSums(wide.sums, cell.sums);
		addHistogram(wide.histogram, cell.histogram);
	} else {
		into.set(key, { bucket, dim: cell.dim, sums: { ...cell.sums }, histogram: new Map(cell.histogram) });
	}
}
