import type { StatementSync } from 'node:sqlite';
import { type CallTrace, findDuplicate } from '../../core/pairing.ts';
import type { CallRecord } from '../call-record.ts';
import type { Writer } from '../writer.ts';

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

/**
 * Calls of a file that turn out to be calls that were here before: the row goes, its events stay in their chain and tell
 * of the call that was here, which does not change. Used inside a write transaction.
 */
export class CallFolder {
	readonly #writer: Writer;
	readonly #lastBefore: number;
	readonly #moveEvents: StatementSync;
	readonly #dropSeen: StatementSync;
	readonly #near: StatementSync;

	constructor(writer: Writer, lastBefore: number) {
		this.#writer = writer;
		this.#lastBefore = lastBefore;
		this.#moveEvents = writer.db.prepare('UPDATE event SET call_n = ?1 WHERE call_n = ?2');
		this.#dropSeen = writer.db.prepare('DELETE FROM seen WHERE call_n = ?');
		this.#near = writer.db.prepare(
			`SELECT c.n, c.call_id, c.source_n, coalesce(c.actual_model, d.model) AS model,
				c.started_ms, c.ended_ms, c.input, c.output
			FROM call c JOIN dim d ON d.n = c.dim_n
			WHERE c.started_ms BETWEEN ? AND ? AND c.n <= ? AND c.source_n <> ?
				AND c.input IS ? AND c.output IS ? AND c.response_event IS NOT NULL`,
		);
	}

	/** Whether a call was in the ledger before the import. */
	wasHere({ n }: CallRecord): boolean {
		return n <= this.#lastBefore;
	}

	/** Returns the call that remains. */
	fold(record: CallRecord, others: readonly CallRecord[]): CallRecord {
		const other = others.find((each) => this.wasHere(each));
		if (other === undefined || this.wasHere(record)) return record;
		const { calls, prompts, answers } = this.#writer;
		prompts.remove(record.n);
		answers.remove(record.n);
		this.#moveEvents.run(other.n, record.n);
		this.#dropSeen.run(record.n);
		calls.remove(record, other);
		return other;
	}

	/** Looks for a call that was here, of another source and without an id in common, but like this one. */
	findTwin(record: CallRecord): CallRecord {
		if (this.#lastBefore === 0 || this.wasHere(record) || record.duplicate_of !== null) return record;
		const { calls, dims } = this.#writer;
		const end = record.ended_ms ?? record.started_ms;
		const { started_ms, source_n, input, output } = record;
		const rows = this.#near.all(
			started_ms - LOOK_BACK_MS,
			end + LOOK_AHEAD_MS,
			this.#lastBefore,
			source_n,
			input,
			output,
		) as unknown as TraceRow[];
		if (rows.length === 0) return record;
		const model = record.actual_model ?? dims.get(record.dim_n).model;
		const found = findDuplicate(toTrace({ ...record, model }), rows.map(toTrace));
		if (!found) return record;
		const id = found.verdict === 'same' ? found.callId : found.callIds[0];
		const other = id === undefined ? null : calls.find(id);
		if (!other) return record;
		if (found.verdict === 'same') return this.fold(record, [other]);
		calls.change(record);
		record.duplicate_of = other.n;
		return record;
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
