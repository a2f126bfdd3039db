import type { StatementSync } from 'node:sqlite';
import type { CallTrace } from '../core/pairing.ts';
import type { CallRecord } from './call-record.ts';
import type { Writer } from './writer.ts';

/** No call is looked for that began longer than this before another ended. */
const LOOK_BACK_MS = 15 * 60_000;
const LOOK_AHEAD_MS = 2_000;

export interface TraceRow {
	n: number;
	call_id: string;
	source_n: number;
	model: string;
	started_ms: number;
	ended_ms: number | null;
	input: number | null;
	output: number | null;
}

/** The records of other sources that may be of the same call as one: of its time, with its counts. As written, not as held. */
export class NearCalls {
	readonly #writer: Writer;
	readonly #near: StatementSync;

	constructor(writer: Writer) {
		this.#writer = writer;
		this.#near = writer.db.prepare(
			`SELECT c.n, c.call_id, c.source_n, coalesce(c.actual_model, d.model) AS model,
				c.started_ms, c.ended_ms, c.input, c.output
			FROM call c JOIN dim d ON d.n = c.dim_n
			WHERE c.started_ms BETWEEN ? AND ? AND c.n <> ? AND c.source_n <> ?
				AND c.input IS ? AND c.output IS ? AND c.response_event IS NOT NULL`,
		);
	}

	of({ n, source_n, started_ms, ended_ms, input, output }: CallRecord): TraceRow[] {
		const from = started_ms - LOOK_BACK_MS;
		const to = (ended_ms ?? started_ms) + LOOK_AHEAD_MS;
		return this.#near.all(from, to, n, source_n, input, output) as unknown as TraceRow[];
	}

	traceOf(record: CallRecord): CallTrace {
		return toTrace({ ...record, model: record.actual_model ?? this.#writer.dims.get(record.dim_n).model });
	}
}

export function toTrace(row: Omit<TraceRow, 'n'>): CallTrace {
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
