import type { TimeBucket } from '../../src/core/time-buckets.ts';
import type { Granularity, SeriesBucket } from '../../src/core/views.ts';
import type { Format } from '../format.ts';
import { text } from '../strings.ts';
import { BucketText, bucketPlace, startCells, startColumns } from './bucket-text.ts';
import { Cells, column } from './cells.ts';
import { chartNote, costColumn } from './chart-note.ts';
import { chartOptions } from './chart-options.ts';
import { type Billing, type CostSum, costSeries, type ModelKey } from './cost-figures.ts';
import { bars } from './data-sets.ts';
import { otherLook, seriesLooks } from './paint.ts';
import type { Line, Picture } from './picture.ts';

export interface TimeFigures {
	buckets: TimeBucket[];
	granularity: Granularity;
	counted: SeriesBucket[];
	ranked: ModelKey[];
	billing: Billing;
}

/** Cost by hour, day or week, stacked by model. `null`: nothing has a price. */
export function costOverTime(format: Format, figures: TimeFigures): Picture | null {
	const { granularity, ranked, billing, counted } = figures;
	const { buckets, lines: sums, total } = costSeries(figures.buckets, counted, ranked, billing);
	if (total.nanoUsd === 0) return null;
	const names = new BucketText(format, granularity, figures.buckets);
	const drawn = sums
		.map(({ sum, buckets }, index) => ({ line: lineOf(format, ranked[index], index, sum), buckets, sum }))
		.filter(({ sum }) => sum.nanoUsd > 0);
	const money = (sum: CostSum | undefined) => (sum === undefined ? '' : format.money(sum.nanoUsd, sum.bound));
	const most = buckets.reduce(
		(best, { nanoUsd }, index) => (nanoUsd > (buckets[best]?.nanoUsd ?? 0) ? index : best),
		0,
	);
	const after = (place: number) => footer(format, buckets[place]);
	return {
		summary: text('charts.timeSummary', {
			bucket: text(`charts.bucket.${granularity}`),
			total: money(total),
			highest: money(buckets[most]),
			when: names.title(most),
		}),
		note: chartNote(format, total, billing),
		lines: drawn.map(({ line }) => line),
		legend: true,
		horizontal: false,
		places: buckets.map(({ calls }, index) => bucketPlace(figures.buckets[index], calls)),
		said(place, line) {
			const title = names.title(place);
			if (line === null) return [title, ...after(place)].join(', ');
			return `${title}, ${drawn[line]?.line.label ?? ''}: ${money(drawn[line]?.buckets[place])}`;
		},
		table() {
			const cells = new Cells(format);
			const apart = total.apartNanoUsd > 0;
			return {
				columns: [
					...startColumns(),
					column('calls', text('charts.column.calls')),
					column('unpriced_calls', text('charts.column.unpriced')),
					column(billing === 'api' ? 'cost_usd' : 'api_equivalent_usd', costColumn(billing)),
					column('bound', null, 'text'),
					...(apart ? [column('api_equivalent_usd', text('row.subscription'))] : []),
					...drawn.map(({ line }) => column(`usd: ${line.label}`, line.label)),
				],
				rows: buckets.flatMap((bucket, index) => {
					const filter = bucketPlace(figures.buckets[index], bucket.calls);
					if (filter === null) return [];
					const row = [
						...startCells(format, names, figures.buckets, index),
						cells.count(bucket.calls),
						cells.count(bucket.unpriced),
						cells.money(bucket.nanoUsd, bucket.bound),
						cells.text(bucket.bound),
						...(apart ? [cells.money(bucket.apartNanoUsd)] : []),
						...drawn.map(({ buckets }) => cells.money(buckets[index]?.nanoUsd ?? 0, buckets[index]?.bound)),
					];
					return [{ cells: row, filter }];
				}),
			};
		},
		draw: (paint) => ({
			data: {
				labels: buckets.map((_, index) => names.label(index)),
				datasets: drawn.map(({ line, buckets }) =>
					bars(
						paint,
						line.look,
						line.label,
						buckets.map(({ nanoUsd }) => nanoUsd / 1e9),
					),
				),
			},
			options: chartOptions(paint.theme, {
				stacked: true,
				amount: (usd) => format.money(usd * 1e9),
				tip: {
					title: (place) => names.title(place),
					value: (line, place) => money(drawn[line]?.buckets[place]),
					after,
				},
			}),
		}),
	};
}

/** @param model `undefined`: all those without a colour of their own */
function lineOf(format: Format, model: ModelKey | undefined, index: number, sum: CostSum): Line {
	return {
		label: model === undefined ? text('charts.other') : model.model,
		value: format.money(sum.nanoUsd, sum.bound),
		look: model === undefined ? otherLook : (seriesLooks[index] ?? otherLook),
		filter: model === undefined ? null : { provider: model.provider, model: model.model },
	};
}

function footer(format: Format, bucket: CostSum | undefined): string[] {
	if (bucket === undefined) return [];
	const lines = [`${text('charts.total')}: ${format.money(bucket.nanoUsd, bucket.bound)}`];
	if (bucket.apartNanoUsd > 0) lines.push(`${text('row.subscription')}: ${format.money(bucket.apartNanoUsd)}`);
	lines.push(`${text('charts.column.calls')}: ${format.count(bucket.calls)}`);
	return lines;
}
