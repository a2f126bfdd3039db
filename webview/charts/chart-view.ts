import type { CallFilter } from '../../src/core/views.ts';
import type { Store } from '../store.ts';
import { text } from '../strings.ts';
import type { Ui } from '../ui.ts';
import { ChartFrame } from './chart-frame.ts';
import { Chart } from './chart-js.ts';
import { ChartKeys } from './chart-keys.ts';
import { Paint } from './paint.ts';
import { type Drawing, type Drawn, filterAt, type Picture, type Series } from './picture.ts';
import { savePicture, saveTable } from './save-chart.ts';

export interface ChartViewOptions {
	/** Names it in the kept state, in the page, and in the names of files. */
	name: string;
	heading: string;
	/** Said where there is nothing to draw. */
	empty: string;
	/** Shows calls. */
	choose(filter: CallFilter): void;
	/** Draws at once, and not only when it is in sight. */
	eager?: boolean;
}

/** How far below the view a chart begins to be drawn, px. */
const margin = 200;

/**
 * Any chart of the panel: shows a picture in a frame, and draws it while it is in sight. Clicked, or chosen by keyboard, a
 * place in it leads to its calls.
 */
export class ChartView {
	readonly #options: ChartViewOptions;
	readonly #frame: ChartFrame;
	readonly #keys: ChartKeys;
	#chart: Chart<Drawn, Series, string> | null = null;
	#picture: Picture | null = null;
	#inSight: boolean;
	/** What is on the canvas is not what should be there. */
	#stale = false;

	constructor(ui: Ui, store: Store, options: ChartViewOptions) {
		const { name, heading } = options;
		this.#options = options;
		this.#frame = new ChartFrame({
			name,
			heading,
			asTable: store.state.tables.includes(name),
			onTable: (shown) => {
				store.change({ kind: 'table', chart: name, shown });
				this.redraw();
			},
			save: (type) => {
				const picture = this.#picture;
				if (picture === null) return;
				void (type === 'png' ? savePicture(ui, { name, heading, picture }) : saveTable(ui, name, picture.table()));
			},
			choose: options.choose,
		});
		this.#keys = new ChartKeys(this.#frame.plot, {
			said: (message) => ui.announce(message),
			point: (index, line) => this.#point(index, line),
			choose: options.choose,
		});
		this.#inSight = options.eager === true;
		if (!this.#inSight) this.#watch();
	}

	get element(): HTMLElement {
		return this.#frame.element;
	}

	/** `null`: there is nothing to draw. */
	show(picture: Picture | null): void {
		this.#picture = picture;
		this.#keys.show(picture);
		if (picture === null) {
			this.#destroy();
			this.#frame.say(this.#options.empty);
			return;
		}
		this.#frame.describe(picture);
		this.#frame.limitHeight(picture.height);
		this.#stale = true;
		if (this.#inSight) this.#draw();
	}

	fail(): void {
		this.#picture = null;
		this.#keys.show(null);
		this.#destroy();
		this.#frame.say(text('charts.failed'));
	}

	/** Draws again, for another theme or after the table was shown. */
	redraw(): void {
		this.#destroy();
		if (this.#picture !== null) this.show(this.#picture);
	}

	#watch(): void {
		const observer = new IntersectionObserver(
			(entries) => {
				this.#inSight = entries.at(-1)?.isIntersecting === true;
				if (this.#inSight && this.#stale) this.#draw();
			},
			{ rootMargin: `${margin}px 0px` },
		);
		observer.observe(this.#frame.element);
	}

	#draw(): void {
		const picture = this.#picture;
		if (picture === null) return;
		this.#stale = false;
		const paint = new Paint();
		this.#frame.explain(picture.legend ? picture.lines : null, paint);
		if (!this.#frame.drawn) return;
		const drawing = picture.draw(paint, this.#frame.canvas.parentElement?.clientWidth ?? 0);
		this.#addPointer(picture, drawing);
		// Plugins, and places whose data sets are of another kind, are taken only when a chart is made.
		if (this.#chart !== null && (drawing.plugins !== undefined || !sameKinds(this.#chart, drawing))) this.#destroy();
		if (this.#chart === null) {
			this.#chart = new Chart<Drawn, Series, string>(this.#frame.canvas, { type: 'bar', ...drawing });
			performance.mark('callmeter:first-chart');
		} else {
			this.#chart.data = drawing.data;
			this.#chart.options = drawing.options;
			this.#chart.update('none');
		}
		this.#keys.refresh();
	}

	/** A click leads to the calls of a bar, or where none was hit, of its place. */
	#addPointer(picture: Picture, drawing: Drawing): void {
		const at = (event: Event, chart: Chart): CallFilter | null => {
			const mode = (intersect: boolean) =>
				chart.getElementsAtEventForMode(event, intersect ? 'nearest' : 'index', { intersect }, false)[0];
			const bar = mode(true);
			return filterAt(picture, (bar ?? mode(false))?.index ?? -1, bar?.datasetIndex ?? null);
		};
		drawing.options.onClick = ({ native }, _, chart) => {
			const filter = native === null ? null : at(native, chart);
			if (filter !== null) this.#options.choose(filter);
		};
		drawing.options.onHover = ({ native }, _, chart) => {
			chart.canvas.style.cursor = native !== null && at(native, chart) !== null ? 'pointer' : 'default';
		};
	}

	/** Marks a place as the pointer would. `null`: none. */
	#point(index: number | null, line: number | null): void {
		const chart = this.#chart;
		if (chart === null) return;
		const sets = line === null ? chart.data.datasets.map((_, set) => set) : [line];
		const active = index === null ? [] : sets.map((datasetIndex) => ({ datasetIndex, index }));
		const first = index === null ? undefined : chart.getDatasetMeta(sets[0] ?? 0).data[index];
		chart.setActiveElements(active);
		chart.tooltip?.setActiveElements(active, { x: first?.x ?? 0, y: first?.y ?? 0 });
		chart.update('none');
	}

	#destroy(): void {
		this.#chart?.destroy();
		this.#chart = null;
		this.#stale = true;
	}
}

function sameKinds(chart: Chart<Drawn, Series, string>, { data }: Drawing): boolean {
	const kinds = (datasets: { type?: Drawn }[]) => datasets.map(({ type }) => type ?? 'bar').join();
	return kinds(chart.data.datasets as { type?: Drawn }[]) === kinds(data.datasets as { type?: Drawn }[]);
}
