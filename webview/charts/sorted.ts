import type { TableData } from './picture.ts';

/** How a table is sorted; the columns are its own. */
export interface Sort {
	column: string;
	descending: boolean;
}

/** The table in the order of a column; unchanged where it has no such column. */
export function sorted(table: TableData, { column, descending }: Sort, locale: string): TableData {
	const index = table.columns.findIndex(({ id }) => id === column);
	if (index < 0) return table;
	const names = new Intl.Collator(locale, { numeric: true });
	const sign = descending ? -1 : 1;
	const rows = table.rows.toSorted((one, other) => {
		const a = one.cells[index]?.raw ?? null;
		const b = other.cells[index]?.raw ?? null;
		if (a === null || b === null) return Number(a === null) - Number(b === null);
		if (typeof a === 'number' && typeof b === 'number') return sign * (a - b);
		return sign * names.compare(String(a), String(b));
	});
	return { ...table, rows };
}
