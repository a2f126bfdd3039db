import type { CallFilter } from '../../src/core/views.ts';
import { el } from '../dom.ts';
import type { TableData } from './picture.ts';

/** The figures behind a chart. A row whose calls can be told apart is a way to them. */
export function dataTable({ columns, rows }: TableData, choose: (filter: CallFilter) => void): HTMLTableElement {
	const shown = columns.flatMap(({ label, number }, index) => (label === null ? [] : [{ label, number, index }]));
	const head = el('tr');
	for (const { label, number } of shown)
		head.append(el('th', { scope: 'col', class: number ? 'number' : '', text: label }));
	const body = el('tbody');
	for (const { cells, filter } of rows) {
		const row = el('tr');
		for (const [place, { number, index }] of shown.entries()) {
			const text = cells[index]?.text ?? '';
			if (place > 0) row.append(el('td', { class: number ? 'number' : '', dir: 'auto', text }));
			else if (filter === null) row.append(el('th', { scope: 'row', dir: 'auto', text }));
			else
				row.append(
					el(
						'th',
						{ scope: 'row', dir: 'auto' },
						link(text, () => choose(filter)),
					),
				);
		}
		body.append(row);
	}
	return el('table', { class: 'figures' }, el('thead', {}, head), body);
}

/** Words that lead to calls. */
export function link(words: string, act: () => void, title?: string): HTMLElement {
	const element = el('button', { type: 'button', class: 'link', dir: 'auto', text: words, title });
	element.addEventListener('click', act);
	return element;
}
