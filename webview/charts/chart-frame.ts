import type { CallFilter } from '../../src/core/views.ts';
import { button, el, setAttribute, setText } from '../dom.ts';
import { type IconName, icon } from '../icons.ts';
import { text } from '../strings.ts';
import { dataTable } from './data-table.ts';
import type { Paint } from './paint.ts';
import type { Line, Picture } from './picture.ts';

export interface FrameOptions {
	name: string;
	heading: string;
	/** Begins with its table in sight. */
	asTable: boolean;
	onTable(shown: boolean): void;
	save(type: 'png' | 'csv'): void;
	/** Someone chose what a row, or an entry of the key, stands for. */
	choose(filter: CallFilter): void;
}

/**
 * A chart's heading, plot, key and note; the same figures as a table, one press away for everyone; and the buttons that
 * save the one and the other. What it draws is not its concern.
 */
export class ChartFrame {
	readonly element: HTMLElement;
	/** Takes the focus and the keys; the canvas in it is a picture. */
	readonly plot: HTMLElement;
	readonly canvas = el('canvas', { role: 'img' });
	readonly #options: FrameOptions;
	readonly #legend = el('ul', { class: 'legend' });
	readonly #tableBox: HTMLElement;
	readonly #note = el('p', { class: 'subtle chart-note' });
	readonly #message = el('p', { class: 'placeholder-text chart-message' });
	readonly #toggle: HTMLElement;
	readonly #actions: HTMLElement;
	#table: Picture['table'] | null = null;
	#asTable: boolean;

	constructor(options: FrameOptions) {
		const { name, heading } = options;
		this.#options = options;
		this.#asTable = options.asTable;
		this.plot = el(
			'div',
			{
				class: 'plot',
				tabindex: 0,
				role: 'application',
				'aria-roledescription': text('charts.role'),
				'aria-label': heading,
			},
			this.canvas,
		);
		this.#tableBox = el('div', { class: 'table-scroll', tabindex: 0, role: 'group', 'aria-label': heading });
		this.#toggle = button(text('charts.asTable'), () => this.#setTable(!this.#asTable), {
			appearance: 'icon',
			icon: icon('table'),
		});
		const save = (type: 'png' | 'csv', picture: IconName) =>
			button(text(`charts.save.${type}`), () => options.save(type), { appearance: 'icon', icon: icon(picture) });
		this.#actions = el('div', { class: 'chart-actions' }, this.#toggle, save('png', 'image'), save('csv', 'file'));
		this.element = el(
			'section',
			{ class: 'chart', 'data-chart': name, 'aria-label': heading },
			el('div', { class: 'chart-head' }, el('h2', { text: heading }), this.#actions),
			el('div', { class: 'chart-body' }, this.plot, this.#tableBox, this.#message),
			this.#legend,
			this.#note,
		);
		this.say('');
	}

	/** Tells in a sentence what the canvas shows, and gives the figures. */
	describe({ summary, table, note, horizontal }: Picture): void {
		setAttribute(this.canvas, 'aria-label', summary);
		setAttribute(this.plot, 'aria-description', text(horizontal ? 'charts.keysLying' : 'charts.keys'));
		this.#message.hidden = true;
		this.#actions.hidden = false;
		this.#note.hidden = note === null;
		setText(this.#note, note ?? '');
		this.#table = table;
		this.#applyTable();
	}

	/** The key, as text too: colour is never the only signal. `null`: none is needed. */
	explain(lines: Line[] | null, paint: Paint): void {
		this.#legend.hidden = lines === null || this.#asTable;
		this.#legend.replaceChildren(...(lines ?? []).map((line) => this.#entry(line, paint)));
	}

	/** Shows a sentence in place of the chart. */
	say(message: string): void {
		setText(this.#message, message);
		this.#message.hidden = false;
		this.#actions.hidden = true;
		this.plot.hidden = true;
		this.#tableBox.hidden = true;
		this.#legend.hidden = true;
		this.#note.hidden = true;
	}

	/** Few bars need not fill the frame. */
	limitHeight(px: number | undefined): void {
		if (px === undefined) this.element.style.removeProperty('--plot-height');
		else this.element.style.setProperty('--plot-height', `${px}px`);
	}

	/** Whether the canvas is in view. A chart draws nothing into a hidden one. */
	get drawn(): boolean {
		return !this.plot.hidden;
	}

	#setTable(shown: boolean): void {
		this.#asTable = shown;
		this.#applyTable();
		this.#options.onTable(shown);
	}

	#applyTable(): void {
		this.plot.hidden = this.#asTable;
		this.#legend.hidden = this.#asTable;
		this.#tableBox.hidden = !this.#asTable;
		if (this.#asTable && this.#table !== null) {
			this.#tableBox.replaceChildren(dataTable(this.#table(), { choose: this.#options.choose }));
		} else this.#tableBox.replaceChildren();
		const label = text(this.#asTable ? 'charts.asChart' : 'charts.asTable');
		setAttribute(this.#toggle, 'aria-label', label);
		setAttribute(this.#toggle, 'title', label);
		this.#toggle.replaceChildren(icon(this.#asTable ? 'chart' : 'table'));
	}

	#entry({ label, value, look, filter }: Line, paint: Paint): HTMLElement {
		const key = el('canvas', { class: 'legend-key', 'aria-hidden': 'true' });
		paint.key(key, look);
		const parts = [
			key,
			el('bdi', { class: 'legend-label', text: label, title: label }),
			el('span', { class: 'subtle', text: value }),
		];
		if (filter === null) return el('li', { class: 'legend-entry' }, ...parts);
		const choose = el('button', { class: 'legend-entry', type: 'button', title: text('charts.showCalls', { label }) });
		choose.append(...parts);
		choose.addEventListener('click', () => this.#options.choose(filter));
		return el('li', {}, choose);
	}
}
