import type { SessionRow } from '../../core/views.ts';
import { type SessionRecord, sessionColumns } from '../session-record.ts';
import type { Reader } from './reader.ts';
import { boundOf } from './totals.ts';

/** Sessions by their number, in the order given; the figures are of the whole session. */
export function sessionRows(reader: Reader, numbers: readonly number[]): [n: number, row: SessionRow][] {
	const one = reader.sql(`SELECT ${sessionColumns.join(', ')} FROM session WHERE n = ?`);
	const subscription = subscriptionCosts(reader);
	return numbers.flatMap((n) => {
		const session = one.get(n) as SessionRecord | undefined;
		return session ? [[n, toSessionRow(session, subscription(n))]] : [];
	});
}

/** The part of a session's cost that a subscription covers. Few ledgers have both kinds, so that it has no column of its own. */
function subscriptionCosts(reader: Reader): (session: number) => number {
	const dims = reader.sql(`SELECT n FROM dim WHERE billing = 'subscription'`).all();
	if (dims.length === 0) return () => 0;
	const numbers = JSON.stringify(dims.map(({ n }) => n));
	const cost = reader.sql(
		`SELECT coalesce((SELECT sum(cost_nano) FROM call INDEXED BY call_session
				WHERE session_n = ?1 AND dim_n IN (SELECT value FROM json_each(?2))), 0)
			+ coalesce((SELECT sum(cost_nano) FROM tracked INDEXED BY tracked_session
				WHERE session_n = ?1 AND counted = 1 AND dim_n IN (SELECT value FROM json_each(?2))), 0) AS nano`,
	);
	return (session) => Number(cost.get(session, numbers)?.nano ?? 0);
}

function toSessionRow(session: SessionRecord, subscriptionNanoUsd: number): SessionRow {
	return {
		sessionId: session.session_id,
		agentId: session.agent_id,
		parentSessionId: session.parent_session_id,
		title: session.title,
		startedAtMs: session.started_ms,
		lastAtMs: session.last_ms,
		calls: session.llm_call_count,
		pending: session.pending_count,
		unpriced: session.unpriced_count,
		inputTokens: session.total_input_tokens,
		outputTokens: session.total_output_tokens,
		cacheReadTokens: session.total_cache_read_tokens,
		cacheWriteTokens: session.total_cache_write_tokens,
		costNanoUsd: session.total_cost_nano_usd - subscriptionNanoUsd,
		subscriptionNanoUsd,
		bound: boundOf({
			unpriced: session.unpriced_count,
			at_least: session.at_least_count,
			at_most: session.at_most_count,
		}),
		folder: session.folder,
	};
}
