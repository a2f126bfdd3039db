import type { SQLInputValue } from 'node:sqlite';
import type { CallRow, RowCost } from '../../core/views.ts';
import { type CallRecord, callColumns, DIVERGES, USAGE_MISSING } from '../call-record.ts';
import type { CallQuery } from '../ledger.ts';
import { coverRange, everything } from '../time-cover.ts';
import { callSums } from './call-sums.ts';
import type { Reader, ResolvedFilter } from './reader.ts';

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
export function callPage(reader: Reader, query: CallQuery): { rows: CallRow[]; total: number; revision: number } {
	return reader.snapshot(() => {
		const filter = reader.resolve(query.filter);
		const total = countCalls(reader, filter);
		const numbers = pageNumbers(reader, filter, query, total);
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

export function countCalls(reader: Reader, filter: ResolvedFilter): number {
	const cover = filter.range ? coverRange(filter.range) : everything;
	let calls = 0;
	for (const sums of callSums(reader, [cover], filter).get(0)?.values() ?? []) calls += sums.calls;
	return calls;
}

/**
 * The page's place in the index by time. Skipping rows costs some nanoseconds each, as nothing but the index is read,
 * and from the nearer end.
 */
function pageNumbers(
	reader: Reader,
	filter: ResolvedFilter,
	{ sort, offset, limit }: CallQuery,
	total: number,
): number[] {
	const count = Math.max(0, Math.min(limit, total - offset));
	if (count === 0) return [];
	const fromEnd = offset > total / 2;
	const skip = fromEnd ? total - offset - count : offset;
	const descending = (sort === 'newest') !== fromEnd;
	const { where, values } = callConditions(filter);
	const direction = descending ? 'DESC' : 'ASC';
	const numbers = reader
		.sql(`SELECT c.n FROM call c ${where} ORDER BY c.started_ms ${direction}, c.n ${direction} LIMIT ? OFFSET ?`)
		.all(...values, count, skip)
		.map((row) => Number(row.n));
	return fromEnd ? numbers.reverse() : numbers;
}

/** The filter as SQL over `call c`. */
export function callConditions({ dims, session, range }: ResolvedFilter): { where: string; values: SQLInputValue[] } {
	const conditions: string[] = [];
	const values: SQLInputValue[] = [];
	if (session !== null) {
		conditions.push('c.session_n = ?');
		values.push(session);
	}
	if (range !== null) {
		conditions.push('c.started_ms >= ? AND c.started_ms < ?');
		values.push(range.fromMs, range.toMs);
	}
	if (dims !== null) {
		conditions.push('c.dim_n IN (SELECT value FROM json_each(?))');
		values.push(JSON.stringify([...dims]));
	}
	return { where: conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`, values };
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

function contentStateOf({ call_content, response_content }: CallRecord): CallRow['contentState'] {
	if (call_content === 'erased' || response_content === 'erased') return 'erased';
	return call_content === 'none' ? (response_content ?? 'none') : call_content;
}
