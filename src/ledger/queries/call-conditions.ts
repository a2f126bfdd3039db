import type { SQLInputValue } from 'node:sqlite';
import type { ResolvedFilter } from './reader.ts';

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
