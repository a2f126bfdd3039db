import type { GroupTotals } from '../../src/core/views.ts';
import { text } from '../strings.ts';
import type { Ui } from '../ui.ts';
import { amountsAtEnds, barOptions } from './bar-options.ts';
import { ChartFrame } from './chart-frame.ts';
import { Chart } from './chart-js.ts';
import { chartNote, costColumn } from './chart-note.ts';
import { add, amountOf, type Billing, boundOfSum, type CostSum, type ModelKey, nothing } from './cost-figures.ts';
import { readChartTheme } from './theme.ts';

export interface ModelFigures {
	groups: GroupTotals[];
	ranked: ModelKey[];
	billing: Billing;
}

/** Cost of each model, highest first; what has no colour of its own is one bar. */
export class CostByModel {
	readonly #frame: ChartFrame;
	readonly #ui: Ui;
	#chart: Chart<'bar', number[], string> | null = null;
	#figures: ModelFigures | null = null;

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

	show(figures: ModelFigures): void {
		this.#figures = figures;
		const { groups, ranked, billing } = figures;
		if (ranked.length === 0) {
			this.#frame.say(text('charts.empty'));
			return;
		}
		const bars = barsOf(figures);
		this.#describe(groups, bars, billing);
		this.#draw(bars);
	}

	fail(): void {
		this.#frame.say(text('charts.failed'));
	}

	redraw(): void {
		this.#chart?.destroy();
		this.#chart = null;
		if (this.#figures !== null) this.show(this.#figures);
	}

	#describe(groups: GroupTotals[], bars: Bar[], billing: Billing): void {
		const { format } = this.#ui;
		const list = bars.map(({ label, nanoUsd, bound }) => `${label} ${format.money(nanoUsd, bound)}`).join(', ');
		const total = nothing();
		for (const group of groups) add(total, group, billing);
		const apart = total.apartNanoUsd > 0;
		const head = (name: 'model' | 'provider' | 'calls' | 'tokens' | 'latency', number = true) => ({
			label: text(`charts.column.${name}`),
			number,
		});
		const columns = [
			head('model', false),
			head('provider', false),
			head('calls'),
			head('tokens'),
			{ label: costColumn(billing), number: true },
			...(apart ? [{ label: text('row.subscription'), number: true }] : []),
			head('latency'),
		];
		const rows = [...groups]
			.sort((a, b) => amountOf(b, billing) - amountOf(a, billing))
			.map((group) => [
				group.model,
				group.provider,
				format.count(group.calls),
				`${format.compact(group.inputTokens)} / ${format.compact(group.outputTokens)}`,
				costText(format, group, billing),
				...(apart ? [format.money(group.subscriptionNanoUsd)] : []),
				format.duration(group.latency.avgMs),
			]);
		const summary = text('charts.modelSummary', { list });
		this.#frame.describe(summary, { columns, rows }, chartNote(format, total, billing));
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
			bound: (_, index) => bars[index]?.bound ?? 'exact',
			after: (index) => [`${text('charts.column.calls')}: ${format.count(bars[index]?.calls ?? 0)}`],
		});
		// The amounts are part of a plugin, which Chart.js takes only when a chart is made.
		this.#chart?.destroy();
		const plugins = [
			amountsAtEnds(
				theme,
				bars.map(({ nanoUsd, bound }) => format.money(nanoUsd, bound)),
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

interface Bar extends CostSum {
	label: string;
	/** Place among the coloured models; `null`: all others together. */
	rank: number | null;
}

function barsOf({ groups, ranked, billing }: ModelFigures): Bar[] {
	const bars: Bar[] = ranked.map(({ model }, rank) => ({ label: model, rank, ...nothing() }));
	const other: Bar = { label: text('charts.other'), rank: null, ...nothing() };
	for (const group of groups) {
		const rank = ranked.findIndex(({ provider, model }) => provider === group.provider && model === group.model);
		add(bars[rank] ?? other, group, billing);
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

function costText(format: Ui['format'], group: GroupTotals, billing: Billing): string {
	const cost = amountOf(group, billing);
	if (cost === 0 && group.unpriced > 0) return text('row.unpriced');
	return format.money(cost, boundOfSum([group]));
}
