import type { CallFilter } from '../../src/core/views.ts';
import { button, el, setText } from '../dom.ts';
import { icon } from '../icons.ts';
import { text } from '../strings.ts';
import type { Ui } from '../ui.ts';
import { dataTable } from './data-table.ts';
import type { Column, TableData } from './picture.ts';
import { saveTable } from './save-chart.ts';
import { type Sort, sorted } from './sorted.ts';

interface SortableOptions {
	name: string;
	heading: string;
	sort: Sort;
	onSort(sort: Sort): void;
	choose(filter: CallFilter): void;
}

/** A table that is sorted by any of its columns, and saved as a file in that order. What is unknown comes last. */
export class SortableTable {
	readonly element: HTMLElement;
	readonly #ui: Ui;
	readonly #options: SortableOptions;
	readonly #box: HTMLElement;
	readonly #message = el('p', { class: 'placeholder-text' });
	readonly #save: HTMLElement;
	#sort: Sort;
	#table: TableData | null = null;

	constructor(ui: Ui, options: SortableOptions) {
		const { name, heading, sort } = options;
		this.#ui = ui;
		this.#options = options;
		this.#sort = sort;
		this.#box = el('div', { class: 'table-scroll', tabindex: 0, role: 'group', 'aria-label': heading });
		this.#save = button(text('charts.save.csv'), () => void this.#saveTable(), {
			appearance: 'icon',
			icon: icon('file'),
		});
		this.element = el(
			'section',
			{ class: 'chart grouped', 'data-table': name, 'aria-label': heading },
			el(
				'div',
				{ class: 'chart-head' },
				el('h2', { text: heading }),
				el('div', { class: 'chart-actions' }, this.#save),
			),
			this.#box,
			this.#message,
		);
		this.say('');
	}

	show(table: TableData): void {
		this.#table = table;
		this.#message.hidden = true;
		this.#box.hidden = false;
		this.#save.hidden = false;
		this.#draw();
	}

	/** Shows a sentence in place of the table. */
	say(message: string): void {
		this.#table = null;
		setText(this.#message, message);
		this.#message.hidden = false;
		this.#box.hidden = true;
		this.#save.hidden = true;
	}

	#draw(): void {
		if (this.#table === null) return;
		const active = document.activeElement;
		const focused = active instanceof HTMLElement && this.#box.contains(active) ? active.dataset.column : undefined;
		const table = dataTable(sorted(this.#table, this.#sort, this.#ui.format.locale), {
			choose: this.#options.choose,
			heading: (column) => this.#heading(column),
		});
		this.#box.replaceChildren(table);
		if (focused !== undefined) table.querySelector<HTMLElement>(`[data-column="${CSS.escape(focused)}"]`)?.focus();
	}

	#heading({ id, label, number, hint }: Column & { label: string }): HTMLElement {
		const isSorted = this.#sort.column === id;
		const { descending } = this.#sort;
		const order = descending ? 'descending' : 'ascending';
		const choose = el('button', { type: 'button', class: 'sort-column', 'data-column': id, title: hint });
		choose.append(
			label,
			el('span', { 'aria-hidden': 'true', class: 'sort-mark', text: isSorted ? (descending ? '▼' : '▲') : '' }),
		);
		choose.addEventListener('click', () => this.#sortBy(id, label, isSorted ? !descending : number));
		return el('th', { scope: 'col', class: number ? 'number' : '', 'aria-sort': isSorted ? order : 'none' }, choose);
	}

	/** Figures begin with the largest, names with the first. */
	#sortBy(column: string, label: string, descending: boolean): void {
		this.#sort = { column, descending };
		this.#options.onSort(this.#sort);
		this.#draw();
		const direction = text(`table.sorted.${descending ? 'down' : 'up'}`);
		this.#ui.announce(text('table.sorted', { column: label, direction }));
	}

	async #saveTable(): Promise<void> {
		if (this.#table === null) return;
		await saveTable(this.#ui, this.#options.name, sorted(this.#table, this.#sort, this.#ui.format.locale));
	}
}
