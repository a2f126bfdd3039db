import type { CallFilter, SessionRow, SessionSort } from '../../core/views.ts';
import type { Ledger } from '../ledger.ts';
import type { Timelines } from '../timeline/timelines.ts';
import type { Reader } from './reader.ts';
import { sessionRows } from './session-rows.ts';

/** Subscription cost counts as what it would have cost: a task that is dear is dear. */
const ORDERS: Record<SessionSort, { by: string; index: string }> = {
	newest: { by: 'last_ms DESC, n DESC', index: 'session_last' },
	cost: { by: 'total_cost_nano_usd DESC, last_ms DESC, n DESC', index: 'session_cost' },
};
/** Up to this many sessions are sorted rather than picked out of all others. */
const FEW = 2_000;

/** Sessions that have a call which passes the filter, latest or dearest first. The figures are of the whole session. */
export function sessionPage(
	reader: Reader,
	timelines: Timelines,
	{ filter, sort = 'newest', offset, limit }: Parameters<Ledger['sessions']>[0],
): { rows: SessionRow[]; total: number } {
	return reader.snapshot(() => {
		const numbers = isEmpty(filter) ? null : matching(reader, timelines, filter);
		const page = numbersOf(reader, numbers, sort, offset, limit);
		const total = numbers?.size ?? Number(reader.sql('SELECT count(*) AS n FROM session').get()?.n);
		return { rows: sessionRows(reader, page).map(([, row]) => row), total };
	});
}

function isEmpty(filter: CallFilter): boolean {
	return Object.values(filter).every((value) => value === undefined);
}

function matching(reader: Reader, timelines: Timelines, filter: CallFilter): Set<number> {
	const outline = timelines.outline(filter, reader.resolve(filter));
	const numbers = new Set<number>();
	for (const { n, calls } of outline.tasks.values()) if (calls > 0) numbers.add(n);
	return numbers;
}

function numbersOf(
	reader: Reader,
	among: ReadonlySet<number> | null,
	sort: SessionSort,
	offset: number,
	limit: number,
): number[] {
	const { by, index } = ORDERS[sort];
	const all = `session ${reader.isCurrent ? `INDEXED BY ${index}` : ''}`;
	if (among === null) {
		const rows = reader.columns(`SELECT n FROM ${all} ORDER BY ${by} LIMIT ? OFFSET ?`).all(limit, offset);
		return (rows as unknown as [number][]).map(([n]) => n);
	}
	if (among.size <= FEW) {
		const few = 'session WHERE n IN (SELECT value FROM json_each(?))';
		const rows = reader
			.columns(`SELECT n FROM ${few} ORDER BY ${by} LIMIT ? OFFSET ?`)
			.all(JSON.stringify([...among]), limit, offset);
		return (rows as unknown as [number][]).map(([n]) => n);
	}
	const page: number[] = [];
	let passed = 0;
	for (const row of reader.columns(`SELECT n FROM ${all} ORDER BY ${by}`).iterate()) {
		const [n] = row as unknown as [number];
		if (!among.has(n) || passed++ < offset) continue;
		if (page.length >= limit) break;
		page.push(n);
	}
	return page;
}
