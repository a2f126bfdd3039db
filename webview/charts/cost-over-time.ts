import type { TimeBucket } from '../../src/core/time-buckets.ts';
import type { Granularity, SeriesBucket } from '../../src/core/views.ts';
import { plural, text } from '../strings.ts';
import type { Ui } from '../ui.ts';
import { barOptions } from './bar-options.ts';
import { ChartFrame, fillLegend } from './chart-frame.ts';
import { Chart } from './chart-js.ts';
import { type CostSeries, costSeries, type ModelKey } from './cost-figures.ts';
import { readChartTheme } from './theme.ts';

export interface TimeFigures {
	buckets: TimeBucket[];
	granularity: Granularity;
	counted: SeriesBucket[];
	ranked: ModelKey[];
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
		const series = costSeries(figures.buckets, figures.counted, figures.ranked);
		if (series.totalNanoUsd === 0) {
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

	#describe(series: CostSeries, { granularity }: TimeFigures): void {
		const { format } = this.#ui;
		const highest = series.buckets.reduce((a, b) => (b.costNanoUsd > a.costNanoUsd ? b : a));
		const summary = text('charts.timeSummary', {
			bucket: text(`charts.bucket.${granularity}`),
			total: format.money(series.totalNanoUsd),
			highest: format.money(highest.costNanoUsd),
			when: format.bucketTitle(highest.startMs, granularity),
		});
		const columns = (['when', 'calls', 'unpriced', 'cost'] as const).map((name) => ({
			label: text(`charts.column.${name}`),
			number: name !== 'when',
		}));
		const rows = series.buckets
			.filter(({ calls }) => calls > 0)
			.map(({ startMs, calls, unpriced, costNanoUsd }) => [
				format.bucketTitle(startMs, granularity),
				format.count(calls),
				format.count(unpriced),
				format.money(costNanoUsd, unpriced > 0 ? 'atLeast' : 'exact'),
			]);
		const note = series.unpriced > 0 ? plural('charts.unpriced', series.unpriced, format.count(series.unpriced)) : null;
		this.#frame.describe(summary, { columns, rows }, note);
	}

	#draw(series: CostSeries, { granularity, ranked }: TimeFigures): void {
		const theme = readChartTheme();
		const { format } = this.#ui;
		const names = [...ranked.map(({ model }) => model), text('charts.other')];
		const sums = series.series.map((line) => line.reduce((sum, value) => sum + value, 0));
		const colourOf = (index: number) => (index < ranked.length ? (theme.series[index] ?? theme.other) : theme.other);
		const datasets = series.series
			.map((line, index) => ({
				label: names[index] ?? '',
				data: line.map((nanoUsd) => nanoUsd / 1e9),
				backgroundColor: colourOf(index),
				borderColor: theme.border ?? 'transparent',
				borderWidth: theme.border === null ? 0 : 1,
				maxBarThickness: 36,
			}))
			.filter((_, index) => (sums[index] ?? 0) > 0);
		const entries = names.map((label, index) => ({
			label,
			colour: colourOf(index),
			value: format.money(sums[index] ?? 0),
		}));
		fillLegend(
			this.#frame.legend,
			entries.filter((_, index) => (sums[index] ?? 0) > 0),
		);
		if (!this.#frame.drawn) return;
		const labels = series.buckets.map(({ startMs }) => format.bucket(startMs, granularity));
		const options = barOptions(theme, format, {
			horizontal: false,
			title: (index) => format.bucketTitle(series.buckets[index]?.startMs ?? 0, granularity),
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
		const lines = [
			`${text('charts.total')}: ${format.money(bucket.costNanoUsd, bucket.unpriced > 0 ? 'atLeast' : 'exact')}`,
		];
		lines.push(`${text('charts.column.calls')}: ${format.count(bucket.calls)}`);
		return lines;
	}
}
