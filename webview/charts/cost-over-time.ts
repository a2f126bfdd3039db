import type { TimeBucket } from '../../src/core/time-buckets.ts';
import type { Granularity, SeriesBucket } from '../../src/core/views.ts';
import { text } from '../strings.ts';
import type { Ui } from '../ui.ts';
import { barOptions } from './bar-options.ts';
import { ChartFrame, fillLegend } from './chart-frame.ts';
import { Chart } from './chart-js.ts';
import { chartNote, costColumn } from './chart-note.ts';
import { type Billing, type CostSeries, costSeries, type ModelKey } from './cost-figures.ts';
import { readChartTheme } from './theme.ts';

export interface TimeFigures {
	buckets: TimeBucket[];
	granularity: Granularity;
	counted: SeriesBucket[];
	ranked: ModelKey[];
	billing: Billing;
}

/** Cost by hour, day or week, stacked by model. */
export class CostOverTime {
	readonly #frame: ChartFrame;
	readonly #ui: Ui;
	#chart: Chart<'bar', number[], string> | null = null;
	#figures: TimeFigures | null = null;

	constructor(ui: Ui, asTable: boolean, onTable: (shown: boolean) => void) {
		this.#ui = ui;
		this.#frame = new ChartFrame('time', text('charts.time'), asTable, (shown) => {
			onTable(shown);
			this.redraw();
		});
	}

	get element(): HTMLElement {
		return this.#frame.element;
	}

	show(figures: TimeFigures): void {
		this.#figures = figures;
		const series = costSeries(figures.buckets, figures.counted, figures.ranked, figures.billing);
		if (series.total.nanoUsd === 0) {
			this.#frame.say(text('charts.empty'));
			return;
		}
		this.#describe(series, figures);
		this.#draw(series, figures);
	}

	fail(): void {
		this.#frame.say(text('charts.failed'));
	}

	/** Draws again, for another theme or after the table was shown. */
	redraw(): void {
		this.#chart?.destroy();
		this.#chart = null;
		if (this.#figures !== null) this.show(this.#figures);
	}

	#describe({ buckets, total }: CostSeries, { granularity, billing }: TimeFigures): void {
		const { format } = this.#ui;
		const highest = buckets.reduce((a, b) => (b.nanoUsd > a.nanoUsd ? b : a));
		const summary = text('charts.timeSummary', {
			bucket: text(`charts.bucket.${granularity}`),
			total: format.money(total.nanoUsd, total.bound),
			highest: format.money(highest.nanoUsd, highest.bound),
			when: format.bucketTitle(highest.startMs, granularity),
		});
		const apart = total.apartNanoUsd > 0;
		const columns = (['when', 'calls', 'unpriced'] as const).map((name) => ({
			label: text(`charts.column.${name}`),
			number: name !== 'when',
		}));
		columns.push({ label: costColumn(billing), number: true });
		if (apart) columns.push({ label: text('row.subscription'), number: true });
		const rows = buckets
			.filter(({ calls }) => calls > 0)
			.map((bucket) => [
				format.bucketTitle(bucket.startMs, granularity),
				format.count(bucket.calls),
				format.count(bucket.unpriced),
				format.money(bucket.nanoUsd, bucket.bound),
				...(apart ? [format.money(bucket.apartNanoUsd)] : []),
			]);
		this.#frame.describe(summary, { columns, rows }, chartNote(format, total, billing));
	}

	#draw(series: CostSeries, { granularity, ranked }: TimeFigures): void {
		const theme = readChartTheme();
		const { format } = this.#ui;
		const names = [...ranked.map(({ model }) => model), text('charts.other')];
		const shown = series.lines
			.map(({ sum, buckets }, index) => ({
				label: names[index] ?? '',
				colour: index < ranked.length ? (theme.series[index] ?? theme.other) : theme.other,
				sum,
				buckets,
			}))
			.filter(({ sum }) => sum.nanoUsd > 0);
		const datasets = shown.map(({ label, colour, buckets }) => ({
			label,
			data: buckets.map(({ nanoUsd }) => nanoUsd / 1e9),
			backgroundColor: colour,
			borderColor: theme.border ?? 'transparent',
			borderWidth: theme.border === null ? 0 : 1,
			maxBarThickness: 36,
		}));
		fillLegend(
			this.#frame.legend,
			shown.map(({ label, colour, sum }) => ({ label, colour, value: format.money(sum.nanoUsd, sum.bound) })),
		);
		if (!this.#frame.drawn) return;
		const labels = series.buckets.map(({ startMs }) => format.bucket(startMs, granularity));
		const options = barOptions(theme, format, {
			horizontal: false,
			title: (index) => format.bucketTitle(series.buckets[index]?.startMs ?? 0, granularity),
			bound: (line, index) => shown[line]?.buckets[index]?.bound ?? 'exact',
			after: (index) => this.#footer(series.buckets[index]),
		});
		if (this.#chart === null) {
			this.#chart = new Chart<'bar', number[], string>(this.#frame.canvas, {
				type: 'bar',
				data: { labels, datasets },
				options,
			});
			performance.mark('callmeter:first-chart');
			return;
		}
		this.#chart.data = { labels, datasets };
		this.#chart.options = options;
		this.#chart.update('none');
	}

	#footer(bucket: CostSeries['buckets'][number] | undefined): string[] {
		if (bucket === undefined) return [];
		const { format } = this.#ui;
		const lines = [`${text('charts.total')}: ${format.money(bucket.nanoUsd, bucket.bound)}`];
		if (bucket.apartNanoUsd > 0) lines.push(`${text('row.subscription')}: ${format.money(bucket.apartNanoUsd)}`);
		lines.push(`${text('charts.column.calls')}: ${format.count(bucket.calls)}`);
		return lines;
	}
}
