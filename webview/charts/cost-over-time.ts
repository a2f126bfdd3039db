import type { TimeBucket } from '../../src/core/time-buckets.ts';
import type { Granularity, SeriesBucket } from '../../src/core/views.ts';
import type { Format } from '../format.ts';
import { text } from '../strings.ts';
import { Cells, column } from './cells.ts';
import { chartNote, costColumn, costId } from './chart-note.ts';
import { type Billing, type CostSum, costSeries, type ModelKey } from './cost-figures.ts';
import { bars } from './data-sets.ts';
import { overTime, type TimeLine } from './over-time.ts';
import { otherLook, seriesLooks } from './paint.ts';
import type { Picture } from './picture.ts';

export interface TimeFigures {
	buckets: TimeBucket[];
	granularity: Granularity;
	counted: SeriesBucket[];
	ranked: ModelKey[];
	billing: Billing;
}

/** Cost by hour, day or week, stacked by model. `null`: nothing has a price. */
export function costOverTime(format: Format, figures: TimeFigures): Picture | null {
	const { granularity, ranked, billing } = figures;
	const { buckets: sums, lines, total } = costSeries(figures.buckets, figures.counted, ranked, billing);
	if (total.nanoUsd === 0) return null;
	const cells = new Cells(format);
	const money = (sum: CostSum | undefined) => (sum === undefined ? '' : format.money(sum.nanoUsd, sum.bound));
	const most = sums.reduce((best, { nanoUsd }, index) => (nanoUsd > (sums[best]?.nanoUsd ?? 0) ? index : best), 0);
	const drawn = lines.flatMap(({ sum, buckets }, index) =>
		sum.nanoUsd > 0 ? [{ line: lineOf(format, ranked[index], index, sum, buckets), buckets }] : [],
	);
	const of = (place: number) => sums[place];
	const buckets = figures.buckets.map((bucket, place) => ({ ...bucket, calls: of(place)?.calls ?? 0 }));
	return overTime(
		format,
		{ buckets, granularity },
		{
			summary: (names) =>
				text('charts.timeSummary', {
					bucket: text(`charts.bucket.${granularity}`),
					total: money(total),
					highest: money(of(most)),
					when: names.title(most),
				}),
			note: chartNote(format, total, billing),
			lines: drawn.map(({ line }) => line),
			after: (place) => footer(format, of(place)),
			columns: [
				{ column: column('calls', text('charts.column.calls')), cell: (place) => cells.count(of(place)?.calls ?? 0) },
				...costColumns(cells, billing, total, of),
				...drawn.map(({ line, buckets }) => ({
					column: column(`usd: ${line.label}`, line.label),
					cell: (place: number) => cells.money(buckets[place]?.nanoUsd ?? 0, buckets[place]?.bound),
				})),
			],
			axes: { stacked: true, amount: (usd) => format.money(usd * 1e9) },
		},
	);
}

/** What the calls of a place cost, and what is not in that sum. */
export function costColumns(
	cells: Cells,
	billing: Billing,
	total: CostSum,
	of: (place: number) => CostSum | undefined,
): Parameters<typeof overTime>[2]['columns'] {
	const apart = {
		column: column('api_equivalent_usd', text('row.subscription')),
		cell: (place: number) => cells.money(of(place)?.apartNanoUsd ?? 0),
	};
	return [
		{
			column: column('unpriced_calls', text('charts.column.unpriced')),
			cell: (place) => cells.count(of(place)?.unpriced ?? 0),
		},
		{
			column: column(costId(billing), costColumn(billing)),
			cell: (place) => cells.money(of(place)?.nanoUsd ?? 0, of(place)?.bound),
		},
		{ column: column('bound', null, 'text'), cell: (place) => cells.text(of(place)?.bound ?? 'exact') },
		...(total.apartNanoUsd > 0 ? [apart] : []),
	];
}

/** @param model `undefined`: all those without a colour of their own */
function lineOf(
	format: Format,
	model: ModelKey | undefined,
	index: number,
	sum: CostSum,
	buckets: CostSum[],
): TimeLine {
	const label = model === undefined ? text('charts.other') : model.model;
	const look = model === undefined ? otherLook : (seriesLooks[index] ?? otherLook);
	return {
		label,
		value: format.money(sum.nanoUsd, sum.bound),
		look,
		filter: model === undefined ? null : { provider: model.provider, model: model.model },
		figure(place) {
			const { nanoUsd = 0, bound = 'exact' } = buckets[place] ?? {};
			return format.money(nanoUsd, bound);
		},
		dataSet: (paint) =>
			bars(
				paint,
				look,
				label,
				buckets.map(({ nanoUsd }) => nanoUsd / 1e9),
			),
	};
}

function footer(format: Format, sum: CostSum | undefined): string[] {
	if (sum === undefined) return [];
	const lines = [`${text('charts.total')}: ${format.money(sum.nanoUsd, sum.bound)}`];
	if (sum.apartNanoUsd > 0) lines.push(`${text('row.subscription')}: ${format.money(sum.apartNanoUsd)}`);
	lines.push(`${text('charts.column.calls')}: ${format.count(sum.calls)}`);
	return lines;
}
