import { button, el, setAttribute, setText } from '../dom.ts';
import { icon } from '../icons.ts';
import { text } from '../strings.ts';

export interface TableData {
	columns: { label: string; number: boolean }[];
	rows: string[][];
}

/**
 * A chart with a heading, a sentence that tells what it shows, and the same figures as a table: one press away for
 * everyone, and always there for screen readers.
 */
export class ChartFrame {
	readonly element: HTMLElement;
	readonly canvas = el('canvas', { role: 'img' });
	readonly legend = el('ul', { class: 'legend' });
	readonly #plot = el('div', { class: 'plot' }, this.canvas);
	readonly #table = el('table', { class: 'figures' });
	readonly #tableBox = el('div', { class: 'table-scroll' }, this.#table);
	readonly #note = el('p', { class: 'subtle chart-note' });
	readonly #message = el('p', { class: 'placeholder-text chart-message' });
	readonly #toggle: HTMLElement;
	readonly #onTable: (shown: boolean) => void;
	#asTable: boolean;

	constructor(name: string, heading: string, asTable: boolean, onTable: (shown: boolean) => void) {
		this.#onTable = onTable;
		this.#asTable = asTable;
		this.#toggle = button(text('charts.asTable'), () => this.#setTable(!this.#asTable), {
			appearance: 'icon',
			icon: icon('table'),
		});
		this.element = el(
			'section',
			{ class: 'chart', 'data-chart': name, 'aria-label': heading },
			el('div', { class: 'chart-head' }, el('h2', { text: heading }), this.#toggle),
			el('div', { class: 'chart-body' }, this.#plot, this.#tableBox, this.#message),
			this.legend,
			this.#note,
		);
		this.#message.hidden = true;
		this.#note.hidden = true;
		setAttribute(this.#tableBox, 'aria-label', heading);
		setAttribute(this.#tableBox, 'role', 'group');
		this.#applyTable();
	}

	/** Tells in a sentence what the canvas shows, and gives the figures. */
	describe(summary: string, table: TableData, note: string | null): void {
		setAttribute(this.canvas, 'aria-label', summary);
		this.#message.hidden = true;
		this.#note.hidden = note === null;
		setText(this.#note, note ?? '');
		const head = el('tr');
		for (const { label, number } of table.columns)
			head.append(el('th', { scope: 'col', class: number ? 'number' : '', text: label }));
		const body = el('tbody');
		for (const cells of table.rows) {
			const row = el('tr');
			for (const [index, cell] of cells.entries()) {
				const number = table.columns[index]?.number === true;
				row.append(
					index === 0
						? el('th', { scope: 'row', dir: 'auto', text: cell })
						: el('td', { class: number ? 'number' : '', dir: 'auto', text: cell }),
				);
			}
			body.append(row);
		}
		this.#table.replaceChildren(el('thead', {}, head), body);
		this.#applyTable();
	}

	/** Shows a sentence in place of the chart. */
	say(message: string): void {
		setText(this.#message, message);
		this.#message.hidden = false;
		this.#plot.hidden = true;
		this.#tableBox.hidden = true;
		this.legend.hidden = true;
		this.#note.hidden = true;
	}

	/** Few bars need not fill the frame. */
	limitHeight(px: number): void {
		this.element.style.setProperty('--plot-height', `${px}px`);
	}

	/** Whether the canvas is in view. A chart draws nothing into a hidden one. */
	get drawn(): boolean {
		return !this.#plot.hidden;
	}

	#setTable(shown: boolean): void {
		this.#asTable = shown;
		this.#applyTable();
		this.#onTable(shown);
	}

	#applyTable(): void {
		if (!this.#message.hidden) return;
		this.#plot.hidden = this.#asTable;
		this.legend.hidden = this.#asTable;
		this.#tableBox.hidden = false;
		this.#tableBox.classList.toggle('sr-only', !this.#asTable);
		// A scrolling box must be reachable by keyboard, but only while it is seen.
		setAttribute(this.#tableBox, 'tabindex', this.#asTable ? 0 : null);
		const label = text(this.#asTable ? 'charts.asChart' : 'charts.asTable');
		setAttribute(this.#toggle, 'aria-label', label);
		setAttribute(this.#toggle, 'title', label);
		this.#toggle.replaceChildren(icon(this.#asTable ? 'chart' : 'table'));
	}
}

/** The key of a chart, as text: colour is never the only signal, and the order is that of the bars. */
export function fillLegend(legend: HTMLElement, entries: { label: string; colour: string; value: string }[]): void {
	legend.replaceChildren(
		...entries.map(({ label, colour, value }) => {
			const key = el('span', { class: 'legend-key', 'aria-hidden': 'true' });
			key.style.background = colour;
			return el(
				'li',
				{},
				key,
				el('bdi', { class: 'legend-label', text: label, title: label }),
				el('span', { class: 'subtle', text: value }),
			);
		}),
	);
}
