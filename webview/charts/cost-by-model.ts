import type { GroupTotals } from '../../src/core/views.ts';
import type { Format } from '../format.ts';
import { text } from '../strings.ts';
import { amountsAtEnds } from './amounts-at-ends.ts';
import { Cells, column } from './cells.ts';
import { chartNote, costColumn } from './chart-note.ts';
import { amountsWidth, chartOptions } from './chart-options.ts';
import { add, amountOf, type Billing, boundOfSum, type CostSum, type ModelKey, nothing } from './cost-figures.ts';
import { bars as barSet } from './data-sets.ts';
import { type Look, otherLook, seriesLooks } from './paint.ts';
import type { Picture, TableData } from './picture.ts';

export interface ModelFigures {
	groups: GroupTotals[];
	ranked: ModelKey[];
	billing: Billing;
}

/** Cost of each model, highest first; what has no colour of its own is one bar. `null`: nothing has a price. */
export function costByModel(format: Format, figures: ModelFigures): Picture | null {
	const { groups, ranked, billing } = figures;
	if (ranked.length === 0) return null;
	const bars = barsOf(figures);
	const total = nothing();
	for (const group of groups) add(total, group, billing);
	const money = (place: number) => {
		const bar = bars[place];
		return bar === undefined ? '' : format.money(bar.nanoUsd, bar.bound);
	};
	const after = (place: number) => [`${text('charts.column.calls')}: ${format.count(bars[place]?.calls ?? 0)}`];
	return {
		summary: text('charts.modelSummary', {
			list: bars.map(({ label }, place) => `${label} ${money(place)}`).join(', '),
		}),
		note: chartNote(format, total, billing),
		lines: [{ label: text('charts.column.cost'), value: '', look: otherLook, filter: null }],
		legend: false,
		horizontal: true,
		height: bars.length * 30 + 8,
		places: bars.map(({ model }) => (model === undefined ? null : { provider: model.provider, model: model.model })),
		said: (place) => [bars[place]?.label ?? '', money(place), ...after(place)].join(', '),
		table: () => tableOf(format, figures, total),
		draw: (paint, width) => ({
			data: {
				labels: bars.map(({ label }) => shorten(label, width)),
				datasets: [
					{
						...barSet(
							paint,
							otherLook,
							text('charts.column.cost'),
							bars.map(({ nanoUsd }) => nanoUsd / 1e9),
							22,
						),
						backgroundColor: bars.map(({ look }) => paint.fill(look)),
					},
				],
			},
			options: chartOptions(
				paint.theme,
				{
					horizontal: true,
					amount: (usd) => format.money(usd * 1e9),
					max: Math.max(...bars.map(({ nanoUsd }) => nanoUsd / 1e9)),
				},
				{ title: (place) => bars[place]?.label ?? '', value: (_, place) => money(place), after },
			),
			plugins: [
				amountsAtEnds(
					paint.theme,
					bars.map((_, place) => money(place)),
				),
			],
		}),
	};
}

interface Bar extends CostSum {
	label: string;
	look: Look;
	/** Absent: all others together. */
	model?: ModelKey;
}

function barsOf({ groups, ranked, billing }: ModelFigures): Bar[] {
	const bars: Bar[] = ranked.map((model, rank) => ({
		label: model.model,
		look: seriesLooks[rank] ?? otherLook,
		model,
		...nothing(),
	}));
	const other: Bar = { label: text('charts.other'), look: otherLook, ...nothing() };
	for (const group of groups) {
		const rank = ranked.findIndex(({ provider, model }) => provider === group.provider && model === group.model);
		add(bars[rank] ?? other, group, billing);
	}
	return other.nanoUsd > 0 ? [...bars, other] : bars;
}

function tableOf(format: Format, { groups, billing }: ModelFigures, total: CostSum): TableData {
	const cells = new Cells(format);
	const apart = total.apartNanoUsd > 0;
	const costId = billing === 'api' ? 'cost_usd' : 'api_equivalent_usd';
	return {
		columns: [
			column('model', text('charts.column.model'), 'text'),
			column('provider', text('charts.column.provider'), 'text'),
			column('calls', text('charts.column.calls')),
			column('unpriced_calls', null),
			column('input_tokens', text('charts.column.input')),
			column('output_tokens', text('charts.column.output')),
			column(costId, costColumn(billing)),
			column('bound', null, 'text'),
			...(apart ? [column('api_equivalent_usd', text('row.subscription'))] : []),
			column('avg_latency_ms', text('charts.column.latency')),
		],
		rows: [...groups]
			.sort((a, b) => amountOf(b, billing) - amountOf(a, billing))
			.map((group) => ({
				filter: { provider: group.provider, model: group.model },
				cells: [
					cells.text(group.model),
					cells.text(group.provider),
					cells.count(group.calls),
					cells.count(group.unpriced),
					cells.tokens(group.inputTokens),
					cells.tokens(group.outputTokens),
					costCell(cells, group, billing),
					cells.text(boundOfSum([group])),
					...(apart ? [cells.money(group.subscriptionNanoUsd)] : []),
					cells.duration(group.latency.avgMs),
				],
			})),
	};
}

/** The end of a model's name tells more than its vendor's prefix. */
function shorten(name: string, width: number): string {
	// Names get two fifths of what the amounts leave, at about 7 px a letter.
	const most = Math.max(9, Math.min(26, Math.floor(((width - amountsWidth) * 0.4) / 7)));
	const own = name.slice(name.lastIndexOf('/') + 1);
	return own.length > most ? `${own.slice(0, most - 1)}…` : own;
}

/** What a group came to; where none of it has a price, the word for that. */
export function costCell(cells: Cells, group: GroupSums, billing: Billing): ReturnType<Cells['money']> {
	const nanoUsd = amountOf(group, billing);
	if (group.costNanoUsd === 0 && group.subscriptionNanoUsd === 0 && group.unpriced > 0)
		return cells.money(null, 'exact', text('row.unpriced'));
	return cells.money(nanoUsd, boundOfSum([group]));
}

type GroupSums = Pick<GroupTotals, 'costNanoUsd' | 'subscriptionNanoUsd' | 'bound' | 'unpriced'>;
