import type { SQLInputValue } from 'node:sqlite';
import type { OwnTest, Reader, ResolvedFilter } from './reader.ts';

const OWN: Record<OwnTest, string> = {
	source: 'c.source_n = ?',
	request: 'c.call_event IS NOT NULL',
	orphan: 'c.call_event IS NULL',
	usageMissing: 'c.flags & 1',
	unpriced: `c.response_event IS NOT NULL AND c.cost_nano IS NULL AND c.cost_basis IS NOT 'refused'`,
	minCost: 'c.cost_nano >= ?',
	minLatency: 'c.latency_us >= ?',
};

/** Tests that few calls pass, with an index of just those. */
const RARE = { orphan: 'call_orphan', usageMissing: 'call_unmetered', unpriced: 'call_unpriced' } as const;
/** Up to this many calls above a cost or a latency are looked up one by one. */
const FEW = 20_000;

/** The filter as SQL over `call c`. */
export function callConditions({ dims, session, range, own }: ResolvedFilter): {
	where: string;
	values: SQLInputValue[];
} {
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
	for (const [test, value] of own) {
		conditions.push(OWN[test]);
		if (value !== null) values.push(value);
	}
	return { where: conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`, values };
}

/** `call c` with the index that leads to the calls of a filter. SQLite keeps no statistics here that it could choose by. */
export function callTable(reader: Reader, filter: ResolvedFilter): string {
	const index = indexFor(reader, filter);
	return index === null ? 'call c' : `call c INDEXED BY ${index}`;
}

function indexFor(reader: Reader, { dims, session, range, own }: ResolvedFilter): string | null {
	if (session !== null) return 'call_session';
	if (reader.isCurrent) {
		for (const [test, index] of Object.entries(RARE)) if (own.has(test as OwnTest)) return index;
		const [cost, latency] = [own.get('minCost') ?? null, own.get('minLatency') ?? null];
		if (cost !== null && areFew(reader, 'call_cost', OWN.minCost, cost)) return 'call_cost';
		if (latency !== null && areFew(reader, 'call_latency', OWN.minLatency, latency)) return 'call_latency';
	}
	if (dims !== null) return 'call_dim';
	return range !== null || own.has('source') ? 'call_started' : null;
}

function areFew(reader: Reader, index: string, condition: string, value: number): boolean {
	const counted = reader
		.sql(`SELECT count(*) AS calls FROM (SELECT 1 FROM call c INDEXED BY ${index} WHERE ${condition} LIMIT ${FEW + 1})`)
		.get(value);
	return Number(counted?.calls) <= FEW;
}
