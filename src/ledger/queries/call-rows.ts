import type { CallRow, RowCost } from '../../core/views.ts';
import { type CallRecord, callColumns, contentStateOf, DIVERGES, USAGE_MISSING } from '../call-record.ts';
import type { CallQuery } from '../ledger.ts';
import type { CallLists } from './call-lists.ts';
import { pageOfCalls } from './page-of-calls.ts';
import type { Reader } from './reader.ts';

type JoinedRow = CallRecord & {
	session_id: string;
	session_title: string | null;
	parent_session_id: string | null;
	source: string;
	duplicate_id: string | null;
};

const SELECT_ROW = `SELECT ${callColumns.map((column) => `c.${column}`).join(', ')},
	s.session_id, s.title AS session_title, s.parent_session_id, source.name AS source, other.call_id AS duplicate_id
	FROM call c JOIN session s ON s.n = c.session_n JOIN source ON source.n = c.source_n
	LEFT JOIN call other ON other.n = c.duplicate_of`;

/** A page of calls and how many there are in all. */
export function callPage(
	reader: Reader,
	lists: CallLists,
	query: CallQuery,
): { rows: CallRow[]; total: number; revision: number } {
	return reader.snapshot(() => {
		const { numbers, total } = pageOfCalls(reader, lists, query);
		return { rows: rowsOf(reader, numbers), total, revision: reader.revision() };
	});
}

/** Calls by their number, in the order given. */
export function rowsOf(reader: Reader, numbers: readonly number[]): CallRow[] {
	const one = reader.sql(`${SELECT_ROW} WHERE c.n = ?`);
	const rows: CallRow[] = [];
	for (const n of numbers) {
		const row = one.get(n) as JoinedRow | undefined;
		if (row) rows.push(toCallRow(reader, row));
	}
	return rows;
}

function toCallRow(reader: Reader, row: JoinedRow): CallRow {
	const dim = reader.dimension(row.dim_n);
	return {
		callId: row.call_id,
		sessionId: row.session_id,
		agentId: dim.agent_id,
		seq: row.seq,
		kind: dim.kind,
		state: dim.state,
		usageMissing: (row.flags & USAGE_MISSING) !== 0,
		orphan: row.call_event === null,
		possibleDuplicateOf: row.duplicate_id,
		provider: dim.provider,
		model: dim.model,
		actualModel: row.actual_model,
		startedAtMs: row.started_ms,
		endedAtMs: row.ended_ms,
		latencyMs: row.latency_us === null ? null : row.latency_us / 1000,
		timeToFirstTokenMs: row.ttft_us === null ? null : row.ttft_us / 1000,
		messageCount: row.message_count,
		inputTokens: row.input,
		outputTokens: row.output,
		cacheReadTokens: row.cache_read,
		cacheWriteTokens: row.cache_write,
		reasoningTokens: row.reasoning,
		cost: rowCost(row, dim.billing),
		finishReason: row.finish_reason,
		contentState: contentStateOf(row),
		sessionTitle: row.session_title,
		parentSessionId: row.parent_session_id,
		source: row.source,
	};
}

function rowCost(row: CallRecord, billing: RowCost['billing']): RowCost | null {
	if (row.cost_basis === null || row.cost_bound === null) return null;
	return {
		nanoUsd: row.cost_nano,
		basis: row.cost_basis,
		bound: row.cost_bound,
		diverges: (row.flags & DIVERGES) !== 0,
		billing,
	};
}
