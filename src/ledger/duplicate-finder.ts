import type { StatementSync } from 'node:sqlite';
import { type CallTrace, findDuplicate } from '../core/pairing.ts';
import type { CallMerger } from './call-merger.ts';
import type { CallRecord } from './call-record.ts';
import type { Writer } from './writer.ts';

/** No call is looked for that began longer than this before another ended. */
const LOOK_BACK_MS = 15 * 60_000;
const LOOK_AHEAD_MS = 2_000;

interface TraceRow {
	n: number;
	call_id: string;
	source_n: number;
	model: string;
	started_ms: number;
	ended_ms: number | null;
	input: number | null;
	output: number | null;
}

/** Finds that a call was recorded before by another source, without an id in common. Used inside a write transaction. */
export class DuplicateFinder {
	readonly #writer: Writer;
	readonly #merger: CallMerger;
	readonly #near: StatementSync;

	constructor(writer: Writer, merger: CallMerger) {
		this.#writer = writer;
		this.#merger = merger;
		this.#near = writer.db.prepare(
			`SELECT c.n, c.call_id, c.source_n, coalesce(c.actual_model, d.model) AS model,
				c.started_ms, c.ended_ms, c.input, c.output
			FROM call c JOIN dim d ON d.n = c.dim_n
			WHERE c.started_ms BETWEEN ? AND ? AND c.n <> ? AND c.source_n <> ?
				AND c.input IS ? AND c.output IS ? AND c.response_event IS NOT NULL`,
		);
	}

	/**
	 * Merges a call that just got its response with the one other record that is like it, or marks it when there are
	 * several. Returns the call that remains. A ledger with a single source has nothing to look for.
	 */
	check(record: CallRecord): CallRecord {
		if (!this.#writer.hasSeveralSources || record.duplicate_of !== null) return record;
		this.#writer.calls.flush();
		const { model } = this.#writer.dims.get(record.dim_n);
		const end = record.ended_ms ?? record.started_ms;
		const rows = this.#near.all(
			record.started_ms - LOOK_BACK_MS,
			end + LOOK_AHEAD_MS,
			record.n,
			record.source_n,
			record.input,
			record.output,
		) as unknown as TraceRow[];
		if (rows.length === 0) return record;
		const trace = toTrace({ ...record, model: record.actual_model ?? model });
		const found = findDuplicate(trace, rows.map(toTrace));
		if (!found) return record;
		const likeIt = new Set(found.verdict === 'same' ? [found.callId] : found.callIds);
		const first = rows.find((row) => likeIt.has(row.call_id));
		const other = first ? this.#writer.calls.get(first.n) : null;
		if (!other) return record;
		if (found.verdict === 'same' && !this.#isContested(other, record)) {
			return this.#merger.merge(record, other);
		}
		this.#writer.calls.change(record);
		record.duplicate_of = other.n;
		return record;
	}

	/** The other record is as much like a second call of this record's source: nobody can tell which of the two it is. */
	#isContested(other: CallRecord, record: CallRecord): boolean {
		const { model } = this.#writer.dims.get(other.dim_n);
		const rows = this.#near.all(
			other.started_ms - LOOK_BACK_MS,
			(other.ended_ms ?? other.started_ms) + LOOK_AHEAD_MS,
			other.n,
			other.source_n,
			other.input,
			other.output,
		) as unknown as TraceRow[];
		const rivals = rows.filter(({ n }) => n !== record.n).map(toTrace);
		return findDuplicate(toTrace({ ...other, model: other.actual_model ?? model }), rivals) !== null;
	}
}

function toTrace(row: Omit<TraceRow, 'n'>): CallTrace {
	return {
		callId: row.call_id,
		source: String(row.source_n),
		model: row.model,
		startedAtMs: row.started_ms,
		endedAtMs: row.ended_ms,
		inputTokens: row.input,
		outputTokens: row.output,
	};
}
