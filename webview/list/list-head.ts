import type { CallSort } from '../../src/core/views.ts';
import { el, setAttribute } from '../dom.ts';
import { icon } from '../icons.ts';
import { text } from '../strings.ts';

const columns = ['pair', 'call', 'messages', 'duration', 'tokens', 'cost', 'time'] as const;
type Column = (typeof columns)[number];

/** What the list is sorted by when a column is pressed. */
const sorts: Partial<Record<Column, CallSort>> = {
	duration: 'latency',
	tokens: 'tokens',
	cost: 'cost',
	time: 'newest',
};

/** The names of the columns, which stay in view above the lines. Those that can be sorted by are buttons. */
export class ListHead {
	readonly element: HTMLElement;
	readonly #cells = new Map<Column, HTMLElement>();
	#sort: CallSort | null = 'newest';

	constructor(choose: (sort: CallSort) => void) {
		const row = el('div', { class: 'row head', role: 'row', 'aria-rowindex': 1 });
		for (const column of columns) {
			const cell = el('div', { class: `cell-${column}`, role: 'columnheader' });
			const sort = sorts[column];
			const label = text(`list.column.${column}`);
			if (sort === undefined) cell.append(el('span', { class: column === 'pair' ? 'sr-only' : '', text: label }));
			else cell.append(this.#sortButton(label, sort, choose));
			this.#cells.set(column, cell);
			row.append(cell);
		}
		this.element = el('div', { class: 'list-head', role: 'rowgroup' }, row);
	}

	/** Marks the column that the list is sorted by; `null`: by none. */
	show(sort: CallSort | null): void {
		this.#sort = sort;
		for (const [column, cell] of this.#cells) {
			const by = sorts[column];
			const isSorted = sort !== null && (by === sort || (by === 'newest' && sort === 'oldest'));
			setAttribute(cell, 'aria-sort', isSorted ? (sort === 'oldest' ? 'ascending' : 'descending') : null);
		}
	}

	#sortButton(label: string, sort: CallSort, choose: (sort: CallSort) => void): HTMLElement {
		const element = el(
			'button',
			{ type: 'button', class: 'sort-head', title: text('list.sortBy', { column: label }) },
			icon('down'),
			el('span', { text: label }),
		);
		// Time is the one column that is of use both ways.
		element.addEventListener('click', () => choose(sort === 'newest' && this.#sort === 'newest' ? 'oldest' : sort));
		return element;
	}
}
