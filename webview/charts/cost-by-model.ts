import type { GroupTotals } from '../../src/core/views.ts';
import { plural, text } from '../strings.ts';
import type { Ui } from '../ui.ts';
import { amountsAtEnds, barOptions } from './bar-options.ts';
import { ChartFrame } from './chart-frame.ts';
import { Chart } from './chart-js.ts';
import { type ModelKey, shownCost } from './cost-figures.ts';
import { readChartTheme } from './theme.ts';

/** Cost of each model, highest first; what has no colour of its own is one bar. */
export class CostByModel {
	readonly #frame: ChartFrame;
	readonly #ui: Ui;
	#chart: Chart<'bar', number[], string> | null = null;
	#figures: { groups: GroupTotals[]; ranked: ModelKey[] } | null = null;

	constructor(ui: Ui, asTable: boolean, onTable: (shown: boolean) => void) {
		this.#ui = ui;
		this.#frame = new ChartFrame('model', text('charts.model'), asTable, (shown) => {
			onTable(shown);
			this.redraw();
		});
	}

	get element(): HTMLElement {
		return this.#frame.element;
	}

	show(groups: GroupTotals[], ranked: ModelKey[]): void {
		this.#figures = { groups, ranked };
		if (ranked.length === 0) {
			this.#frame.say(text('charts.empty'));
			return;
		}
		const bars = barsOf(groups, ranked);
		this.#describe(groups, bars);
		this.#draw(bars);
	}

	fail(): void {
		this.#frame.say(text('charts.failed'));
	}

	redraw(): void {
		this.#chart?.destroy();
		this.#chart = null;
		if (this.#figures !== null) this.show(this.#figures.groups, this.#figures.ranked);
	}

	#describe(groups: GroupTotals[], bars: Bar[]): void {
		const { format } = this.#ui;
		const list = bars.map(({ label, nanoUsd }) => `${label} ${format.money(nanoUsd)}`).join(', ');
		const columns = (['model', 'provider', 'calls', 'tokens', 'cost', 'latency'] as const).map((name) => ({
			label: text(`charts.column.${name}`),
			number: name !== 'model' && name !== 'provider',
		}));
		const rows = [...groups]
			.sort((a, b) => shownCost(b) - shownCost(a))
			.map((group) => [
				group.model,
				group.provider,
				format.count(group.calls),
				`${format.compact(group.inputTokens)} / ${format.compact(group.outputTokens)}`,
				costText(format, group),
				format.duration(group.latency.avgMs),
			]);
		const unpriced = groups.reduce((sum, group) => sum + group.unpriced, 0);
		const note = unpriced > 0 ? plural('charts.unpriced', unpriced, format.count(unpriced)) : null;
		this.#frame.describe(text('charts.modelSummary', { list }), { columns, rows }, note);
	}

	#draw(bars: Bar[]): void {
		const theme = readChartTheme();
		this.#frame.limitHeight(bars.length * 30 + 8);
		const { format } = this.#ui;
		const colours = bars.map(({ rank }) => (rank === null ? theme.other : (theme.series[rank] ?? theme.other)));
		if (!this.#frame.drawn) return;
		const names = bars.map(({ label }) => label);
		const labels = names.map((name) => shorten(name, this.#frame.canvas.clientWidth));
		const datasets = [
			{
				label: text('charts.column.cost'),
				data: bars.map(({ nanoUsd }) => nanoUsd / 1e9),
				backgroundColor: colours,
				borderColor: theme.border ?? 'transparent',
				borderWidth: theme.border === null ? 0 : 1,
				maxBarThickness: 22,
			},
		];
		const options = barOptions(theme, format, {
			horizontal: true,
			max: Math.max(...bars.map(({ nanoUsd }) => nanoUsd / 1e9)),
			title: (index) => names[index] ?? '',
			after: (index) => [`${text('charts.column.calls')}: ${format.count(bars[index]?.calls ?? 0)}`],
		});
		// The amounts are part of a plugin, which Chart.js takes only when a chart is made.
		this.#chart?.destroy();
		const plugins = [
			amountsAtEnds(
				theme,
				bars.map(({ nanoUsd }) => format.money(nanoUsd)),
			),
		];
		this.#chart = new Chart<'bar', number[], string>(this.#frame.canvas, {
			type: 'bar',
			data: { labels, datasets },
			options,
			plugins,
		});
	}
}

interface Bar {
	label: string;
	nanoUsd: number;
	calls: number;
	/** Place among the coloured models; `null`: all others together. */
	rank: number | null;
}

function barsOf(groups: GroupTotals[], ranked: ModelKey[]): Bar[] {
	const bars: Bar[] = ranked.map(({ model }, rank) => ({ label: model, nanoUsd: 0, calls: 0, rank }));
	const other: Bar = { label: text('charts.other'), nanoUsd: 0, calls: 0, rank: null };
	for (const group of groups) {
		const rank = ranked.findIndex(({ provider, model }) => provider === group.provider && model === group.model);
		const bar = bars[rank] ?? other;
		bar.nanoUsd += shownCost(group);
		bar.calls += group.calls;
	}
	return other.nanoUsd > 0 ? [...bars, other] : bars;
}

/** The end of a model's name tells more than its vendor's prefix. */
function shorten(name: string, width: number): string {
	// Names get two fifths of the chart, at about 7 px a letter.
	const most = Math.max(9, Math.min(26, Math.floor((width * 0.4) / 7)));
	const own = name.slice(name.lastIndexOf('/') + 1);
	return own.length > most ? `${own.slice(0, most - 1)}…` : own;
}

function costText(format: Ui['format'], group: GroupTotals): string {
	const cost = shownCost(group);
	if (cost === 0 && group.unpriced > 0) return text('row.unpriced');
	return format.money(cost, group.unpriced > 0 && group.bound === 'exact' ? 'atLeast' : group.bound);
}
