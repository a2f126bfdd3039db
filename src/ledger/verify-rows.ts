import type { StoredCallPayload, StoredResponsePayload } from '../core/stored-events.ts';
import { cacheWriteTotal, inputTotalOf } from '../core/usage.ts';
import { type CallRecord, callColumns } from './call-record.ts';
import type { Dimension } from './dimensions.ts';
import type { Reader } from './queries/reader.ts';
import { type SessionRecord, sessionColumns } from './session-record.ts';
import { DAY_MS } from './source-days.ts';
import { addCall, noSums, olderColumn, type Sums, sumColumns } from './sums.ts';
import { LEVEL_WIDTHS_MS } from './time-cover.ts';

const CALL = `SELECT ${callColumns.join(', ')} FROM call`;

/** Whether the row that a list shows of a call says what its latest request event says. */
export function callRowMatches(row: CallRecord, dim: Dimension, payload: StoredCallPayload): boolean {
	return (
		row.call_id === payload.callId &&
		row.started_ms === payload.startedAtMs &&
		row.message_count === payload.messageCount &&
		dim.provider === payload.provider &&
		dim.model === payload.model &&
		dim.kind === payload.kind &&
		dim.folder === (payload.folder ?? '')
	);
}

/** The same for its latest response event: counts, cost, times and state. */
export function responseRowMatches(row: CallRecord, dim: Dimension, payload: StoredResponsePayload): boolean {
	const { usage, cost } = payload;
	const micros = (ms: number | null) => (ms === null ? null : Math.round(ms * 1000));
	return (
		row.ended_ms === payload.endedAtMs &&
		row.input === (usage && inputTotalOf(usage)) &&
		row.output === (usage?.output ?? null) &&
		row.cache_read === (usage?.cacheRead ?? null) &&
		row.cache_write === (usage && cacheWriteTotal(usage)) &&
		row.reasoning === (usage?.reasoning ?? null) &&
		row.cost_nano === cost.shownNanoUsd &&
		row.cost_basis === cost.basis &&
		row.cost_bound === cost.bound &&
		row.latency_us === micros(payload.latencyMs) &&
		row.ttft_us === micros(payload.timeToFirstTokenMs) &&
		row.finish_reason === payload.finishReason &&
		(row.actual_model ?? dim.model) === payload.model &&
		(row.call_event !== null || dim.provider === payload.provider) &&
		dim.state === payload.state &&
		dim.billing === payload.origin.billing
	);
}

/** A call's row by its number. */
export function callRow(reader: Reader, n: number): CallRecord | null {
	return (reader.sql(`${CALL} WHERE n = ?`).get(n) as CallRecord | undefined) ?? null;
}

/** Whether the sums of a session are those of its calls and of the costs that came without tokens. */
export function sessionSumsMatch(reader: Reader, n: number): boolean {
	const row = reader.sql(`SELECT ${sessionColumns.join(', ')} FROM session WHERE n = ?`).get(n);
	// Erased meanwhile.
	if (!row) return true;
	const session = row as unknown as SessionRecord;
	const sums = noSums();
	let pending = 0;
	for (const each of reader.sql(`${CALL} WHERE session_n = ?`).iterate(n)) {
		const call = each as unknown as CallRecord;
		addCall(sums, call, 1);
		if (reader.dimension(call.dim_n).state === 'pending') pending++;
	}
	const tracked = reader.sql('SELECT cost_nano FROM tracked WHERE session_n = ? AND counted = 1').all(n);
	for (const { cost_nano } of tracked) sums.cost_nano += Number(cost_nano);
	return (
		session.llm_call_count === sums.calls &&
		session.pending_count === pending &&
		session.unpriced_count === sums.unpriced &&
		session.total_input_tokens === sums.input &&
		session.total_output_tokens === sums.output &&
		session.total_cache_read_tokens === sums.cache_read &&
		session.total_cache_write_tokens === sums.cache_write &&
		session.total_cost_nano_usd === sums.cost_nano &&
		session.at_least_count === sums.at_least &&
		session.at_most_count === sums.at_most
	);
}

/** The longest stretches that sums over time are kept for, by number: those with calls, costs or sums. */
export function longBuckets(reader: Reader): number[] {
	const level = LEVEL_WIDTHS_MS.length - 1;
	const width = LEVEL_WIDTHS_MS[level];
	// Widths stand in the text: bound as a parameter a number is a float, and the division would not be whole.
	const found = reader.sql(
		`SELECT DISTINCT started_ms / ${width} AS bucket FROM call
		UNION SELECT at_ms / ${width} FROM tracked WHERE counted = 1
		UNION SELECT bucket FROM rollup WHERE level = ${level}
		UNION SELECT bucket * ${LEVEL_WIDTHS_MS[0]} / ${width} FROM rollup WHERE level = 0
		ORDER BY 1`,
	);
	return found.all().map(({ bucket }) => Number(bucket));
}

/** Whether the sums over time within one of `longBuckets` are, on every level, those of the calls that began in it. */
export function timeSumsMatch(reader: Reader, bucket: number): boolean {
	const width = LEVEL_WIDTHS_MS[LEVEL_WIDTHS_MS.length - 1] ?? 1;
	const [from, to] = [bucket * width, (bucket + 1) * width];
	const expected = new Map<string, Sums>();
	const cells = (atMs: number, dim: number): Sums[] =>
		LEVEL_WIDTHS_MS.map((each, level) => {
			const key = `${level}/${Math.floor(atMs / each)}/${dim}`;
			const sums = expected.get(key) ?? noSums();
			expected.set(key, sums);
			return sums;
		});
	for (const row of reader.sql(`${CALL} WHERE started_ms >= ? AND started_ms < ?`).iterate(from, to)) {
		const call = row as unknown as CallRecord;
		for (const sums of cells(call.started_ms, call.dim_n)) addCall(sums, call, 1);
	}
	const tracked = 'SELECT at_ms, dim_n, cost_nano FROM tracked WHERE counted = 1 AND at_ms >= ? AND at_ms < ?';
	for (const row of reader.sql(tracked).iterate(from, to)) {
		for (const sums of cells(Number(row.at_ms), Number(row.dim_n))) sums.cost_nano += Number(row.cost_nano);
	}
	const columns = sumColumns.filter((column) => reader.isCurrent || olderColumn(column) === column);
	const stored = reader.sql(
		`SELECT bucket, dim_n, ${columns.join(', ')} FROM rollup WHERE level = ? AND bucket >= ? AND bucket < ?`,
	);
	for (const [level, each] of LEVEL_WIDTHS_MS.entries()) {
		for (const row of stored.iterate(level, from / each, to / each)) {
			const key = `${level}/${row.bucket}/${row.dim_n}`;
			const sums = expected.get(key) ?? noSums();
			if (columns.some((column) => sums[column] !== row[column])) return false;
			expected.delete(key);
		}
	}
	return (
		[...expected.values()].every((sums) => sumColumns.every((column) => sums[column] === 0)) &&
		sourceDaysMatch(reader, from, to)
	);
}

/** Whether the counts of sources within whole days are those of the calls that began on them. */
function sourceDaysMatch(reader: Reader, fromMs: number, toMs: number): boolean {
	if (!reader.isCurrent) return true;
	const wrong = reader.sql(
		`SELECT 1 FROM (
			SELECT started_ms / ${DAY_MS} AS day, source_n, count(*) AS calls FROM call
			WHERE started_ms >= ?1 AND started_ms < ?2 GROUP BY 1, 2
			UNION ALL SELECT day, source_n, -calls FROM source_day WHERE day >= ?3 AND day < ?4
		) GROUP BY day, source_n HAVING sum(calls) <> 0 LIMIT 1`,
	);
	return wrong.get(fromMs, toMs, fromMs / DAY_MS, toMs / DAY_MS) === undefined;
}
