import type { SQLInputValue } from 'node:sqlite';
import type { CallFilter } from '../../core/views.ts';
import { callConditions, callTable } from '../queries/call-conditions.ts';
import type { Reader } from '../queries/reader.ts';

/** SQL over `call c`, and its values. */
export interface CallChoice {
	table: string;
	where: string;
	values: SQLInputValue[];
}

/** The calls that a filter chooses. A session is meant with those of its subagents. */
export function chosenCalls(reader: Reader, { sessionId, ...filter }: CallFilter): CallChoice {
	const resolved = reader.resolve(filter);
	const { where, values } = callConditions(resolved);
	if (sessionId === undefined) return { table: callTable(reader, resolved), where, values };
	const own = `${where === '' ? 'WHERE' : `${where} AND`} c.session_n IN (SELECT value FROM json_each(?))`;
	const family = JSON.stringify(sessionFamily(reader, sessionId));
	return { table: 'call c INDEXED BY call_session', where: own, values: [...values, family] };
}

/** A session and all below it, by number. Empty: the ledger does not have it. */
export function sessionFamily(reader: Reader, sessionId: string): number[] {
	// UNION, not UNION ALL: sessions may be each other's parent.
	const rows = reader.columns(
		`WITH RECURSIVE family (n, session_id) AS (
			SELECT n, session_id FROM session WHERE session_id = ?
			UNION SELECT s.n, s.session_id FROM family f JOIN session s ON s.parent_session_id = f.session_id
		) SELECT n FROM family ORDER BY n`,
	);
	return (rows.all(sessionId) as unknown as [number][]).map(([n]) => n);
}

/**
 * The sessions with a call that passes, whole, and those that share a call with them: a chain cannot be cut, and what a
 * call is goes by all events of it. `null`: all.
 */
export function sessionsOfCalls(reader: Reader, filter: CallFilter): number[] | null {
	if (Object.values(filter).every((value) => value === undefined)) return null;
	const { table, where, values } = chosenCalls(reader, filter);
	const rows = reader.columns(`SELECT DISTINCT c.session_n FROM ${table} ${where}`).all(...values);
	const chosen = new Set((rows as unknown as [number][]).map(([n]) => n));
	// A task of which only costs without tokens are known, or whose calls turned out to be those of another.
	if (filter.sessionId !== undefined) for (const n of sessionFamily(reader, filter.sessionId)) chosen.add(n);
	addRelated(reader, chosen);
	return [...chosen].sort((a, b) => a - b);
}

function addRelated(reader: Reader, chosen: Set<number>): void {
	const related = reader.columns(
		`SELECT c.session_n FROM event e INDEXED BY event_chain CROSS JOIN call c ON c.n = e.call_n
			WHERE e.session_n = ?1 AND c.session_n <> ?1
		UNION SELECT e.session_n FROM call c INDEXED BY call_session CROSS JOIN event e INDEXED BY event_call ON e.call_n = c.n
			WHERE c.session_n = ?1 AND e.session_n <> ?1`,
	);
	const queue = [...chosen];
	for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
		for (const [n] of related.all(next) as unknown as [number][]) {
			if (chosen.has(n)) continue;
			chosen.add(n);
			queue.push(n);
		}
	}
}
