import type { SQLInputValue } from 'node:sqlite';
import type { CallSort } from '../../core/views.ts';
import { callConditions, callTable } from './call-conditions.ts';
import { noFilter, type Reader, type ResolvedFilter } from './reader.ts';

interface Order {
	/** What is sorted by, over `call c`, as it stands in the index; then time and number. */
	by: readonly string[];
	/** The index that has all calls in this order. */
	index: string;
	direction: 'ASC' | 'DESC';
}

const BY_TIME = { by: ['c.started_ms', 'c.n'], index: 'call_started' } as const;

/** Unknown is below any number, and so last. Of equal ones the newest is first. */
const ORDERS: Record<CallSort, Order> = {
	newest: { ...BY_TIME, direction: 'DESC' },
	oldest: { ...BY_TIME, direction: 'ASC' },
	cost: { by: ['c.cost_nano', 'c.started_ms', 'c.dim_n', 'c.n'], index: 'call_cost', direction: 'DESC' },
	latency: { by: ['c.latency_us', 'c.started_ms', 'c.dim_n', 'c.n'], index: 'call_latency', direction: 'DESC' },
	tokens: {
		by: ['coalesce(c.input + c.output, c.input, c.output)', 'c.started_ms', 'c.dim_n', 'c.n'],
		index: 'call_tokens',
		direction: 'DESC',
	},
};

export function isByTime(sort: CallSort): sort is 'newest' | 'oldest' {
	return sort === 'newest' || sort === 'oldest';
}

/** Numbers of the calls that pass a filter, in order. By default in one go; `page` takes a part. */
export function sortedCalls(
	reader: Reader,
	filter: ResolvedFilter,
	sort: CallSort,
	page: { offset: number; limit: number } = { offset: 0, limit: -1 },
): number[] {
	if (isRequestOnly(filter) && page.limit < 0) {
		// The few calls without a request are taken out of a list that an index gives without looking at the calls.
		const orphans = new Set(sortedCalls(reader, { ...filter, own: new Map([['orphan', null]]) }, sort));
		return sortedCalls(reader, { ...filter, own: new Map() }, sort).filter((n) => !orphans.has(n));
	}
	const { where, values } = callConditions(filter);
	return numbers(
		reader,
		`SELECT c.n FROM ${tableFor(reader, filter, sort)} ${where} ${orderBy(sort)} LIMIT ? OFFSET ?`,
		[...values, page.limit, page.offset],
	);
}

/** Those of the given calls that pass the filter, in order. */
export function sortedAmong(
	reader: Reader,
	filter: ResolvedFilter,
	sort: CallSort,
	among: ReadonlySet<number>,
): number[] {
	const { where, values } = callConditions(filter);
	const known = `${where === '' ? 'WHERE' : `${where} AND`} c.n IN (SELECT value FROM json_each(?))`;
	return numbers(reader, `SELECT c.n FROM call c NOT INDEXED ${known} ${orderBy(sort)}`, [
		...values,
		JSON.stringify([...among]),
	]);
}

/** A page of all calls. An index of a million is walked in some milliseconds, from the end that is nearer. */
export function sortedPage(reader: Reader, sort: CallSort, offset: number, limit: number, total: number): number[] {
	const count = Math.max(0, Math.min(limit, total - offset));
	if (offset + count <= total / 2) {
		return sortedCalls(reader, noFilter, sort, { offset, limit: count });
	}
	const { index } = ORDERS[sort];
	const table = reader.isCurrent ? `call c INDEXED BY ${index}` : 'call c';
	const sql = `SELECT c.n FROM ${table} ${orderBy(sort, true)} LIMIT ? OFFSET ?`;
	return numbers(reader, sql, [count, total - offset - count]).reverse();
}

/** Whether the call `a` comes before `b` in this order. */
export function comesBefore(reader: Reader, sort: CallSort): (a: number, b: number) => boolean {
	const { by, direction } = ORDERS[sort];
	const key = reader.columns(`SELECT ${by.join(', ')} FROM call c WHERE c.n = ?`);
	const sign = direction === 'ASC' ? 1 : -1;
	return (a, b) => {
		const [ofA, ofB] = [key.get(a), key.get(b)] as unknown as [(number | null)[]?, (number | null)[]?];
		if (!ofA || !ofB) return false;
		for (const [i, value] of ofA.entries()) {
			const [x, y] = [value ?? Number.NEGATIVE_INFINITY, ofB[i] ?? Number.NEGATIVE_INFINITY];
			if (x !== y) return sign * (x < y ? -1 : 1) < 0;
		}
		return false;
	};
}

/** How many calls come before one in the list of all. */
export function rankOf(reader: Reader, sort: CallSort, n: number): number {
	const { by, index } = ORDERS[sort];
	const [first = '', ...rest] = by;
	const key = reader.columns(`SELECT ${by.join(', ')} FROM call c WHERE c.n = ?`).get(n) as unknown as
		| (number | null)[]
		| undefined;
	const [value = null, ...others] = key ?? [];
	const table = reader.isCurrent ? `call c INDEXED BY ${index}` : 'call c';
	const count = (condition: string, ...values: SQLInputValue[]) =>
		Number(reader.sql(`SELECT count(*) AS calls FROM ${table} WHERE ${condition}`).get(...values)?.calls);
	const later = `(${rest.join(', ')}) > (${rest.map(() => '?').join(', ')})`;
	if (value === null) return count(`${first} IS NOT NULL`) + count(`${first} IS NULL AND ${later}`, ...others);
	return count(`${first} > ?`, value) + count(`${first} = ? AND ${later}`, value, ...others);
}

function isRequestOnly({ session, own }: ResolvedFilter): boolean {
	return session === null && own.size === 1 && own.has('request');
}

/** With no condition an index in the order asked for; else the one that leads to the few calls. */
function tableFor(reader: Reader, filter: ResolvedFilter, sort: CallSort): string {
	const isWhole = filter.session === null && filter.range === null && filter.own.size === 0;
	if (!isWhole || isByTime(sort)) return callTable(reader, filter);
	return reader.isCurrent ? `call c INDEXED BY ${ORDERS[sort].index}` : 'call c';
}

function orderBy(sort: CallSort, isBackwards = false): string {
	const { by, direction } = ORDERS[sort];
	const way = (direction === 'ASC') === isBackwards ? 'DESC' : 'ASC';
	return `ORDER BY ${by.map((column) => `${column} ${way}`).join(', ')}`;
}

function numbers(reader: Reader, sql: string, values: readonly SQLInputValue[]): number[] {
	const rows = reader.columns(sql).all(...values) as unknown as [number][];
	return rows.map(([n]) => n);
}
