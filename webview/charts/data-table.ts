import type { CallFilter } from '../../src/core/views.ts';
import { el } from '../dom.ts';
import type { Column, TableData, TableRow } from './picture.ts';

interface TableOptions {
	/** Shows the calls that a row counts. */
	choose(filter: CallFilter): void;
	/** The heading of a column; its words when absent. */
	heading?(column: Column & { label: string }): HTMLElement;
}

/** Figures as a table. A row whose calls can be told apart is a way to them. */
export function dataTable({ columns, rows, named }: TableData, options: TableOptions): HTMLTableElement {
	const shown = columns.flatMap((column, index) => {
		const { label } = column;
		return label === null ? [] : [{ ...column, label, index }];
	});
	const namedBy = named ?? shown[0]?.id;
	const head = el('tr');
	for (const column of shown) head.append(options.heading?.(column) ?? plainHeading(column));
	const body = el('tbody');
	for (const row of rows) {
		const line = el('tr');
		for (const { id, number, index } of shown) {
			const words = row.cells[index]?.text ?? '';
			if (id === namedBy) line.append(nameCell(words, row, options));
			else line.append(el('td', { class: number ? 'number' : '', dir: 'auto', text: words }));
		}
		body.append(line);
	}
	return el('table', { class: 'figures' }, el('thead', {}, head), body);
}

function plainHeading({ label, number, hint }: Column): HTMLElement {
	return el('th', { scope: 'col', class: number ? 'number' : '', text: label, title: hint });
}

function nameCell(words: string, { filter }: TableRow, { choose }: TableOptions): HTMLElement {
	if (filter === null) return el('th', { scope: 'row', dir: 'auto', text: words });
	const link = el('button', { type: 'button', class: 'link', dir: 'auto', text: words });
	link.addEventListener('click', () => choose(filter));
	return el('th', { scope: 'row', dir: 'auto' }, link);
}
