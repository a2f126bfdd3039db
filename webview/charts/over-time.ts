import type { ChartDataset } from 'chart.js';
import type { TimeBucket } from '../../src/core/time-buckets.ts';
import type { CallFilter, Granularity } from '../../src/core/views.ts';
import type { Format } from '../format.ts';
import { text } from '../strings.ts';
import { BucketText, localIso } from './bucket-text.ts';
import { column } from './cells.ts';
import { type Axes, chartOptions } from './chart-options.ts';
import type { Paint } from './paint.ts';
import type { Cell, Column, Drawn, Line, Picture, Series } from './picture.ts';

/** A bucket of time and how many calls began in it. */
export interface CountedBucket extends TimeBucket {
	calls: number;
}

/** One data set over time. */
export interface TimeLine extends Line {
	/** What it comes to in a bucket, as people read it. */
	figure(place: number): string;
	dataSet(paint: Paint): ChartDataset<Drawn, Series>;
}

interface TimeShape {
	/** What `bucket` means is filled in. */
	summary(names: BucketText): string;
	note: string | null;
	lines: TimeLine[];
	/** What is told of a bucket beside its lines. */
	after(place: number): string[];
	/** Columns of the table, after the one that names the bucket. */
	columns: { column: Column; cell(place: number): Cell }[];
	axes: Axes;
}

/** A chart over time: its places are hours, days or weeks, and each bucket with calls is a way to them. */
export function overTime(
	format: Format,
	{ buckets, granularity }: { buckets: readonly CountedBucket[]; granularity: Granularity },
	{ summary, note, lines, after, columns, axes }: TimeShape,
): Picture {
	const names = new BucketText(format, granularity, buckets);
	const title = (place: number) => names.title(place);
	const told = ({ label, figure }: TimeLine, place: number) => `${label}: ${figure(place)}`;
	return {
		summary: summary(names),
		note,
		lines,
		legend: true,
		horizontal: false,
		places: buckets.map(callsOf),
		said(place, line) {
			const one = line === null ? undefined : lines[line];
			const figures =
				one === undefined ? [...after(place), ...lines.map((each) => told(each, place))] : [told(one, place)];
			return [title(place), ...figures].join(', ');
		},
		table: () => ({
			columns: [
				column('start', text('charts.column.when'), 'text'),
				column('end', null, 'text'),
				...columns.map(({ column }) => column),
			],
			rows: buckets.flatMap((bucket, place) => {
				if (bucket.calls === 0) return [];
				const start = { text: title(place), raw: localIso(bucket.startMs, format.timeZone) };
				const end = { text: '', raw: localIso(bucket.endMs, format.timeZone) };
				return [{ cells: [start, end, ...columns.map(({ cell }) => cell(place))], filter: callsOf(bucket) }];
			}),
		}),
		draw: (paint) => ({
			data: {
				labels: buckets.map((_, place) => names.label(place)),
				datasets: lines.map((line) => line.dataSet(paint)),
			},
			options: chartOptions(paint.theme, axes, {
				title,
				value: (line, place) => lines[line]?.figure(place) ?? '',
				after,
			}),
		}),
	};
}

/** `null`: there are none. */
function callsOf({ startMs, endMs, calls }: CountedBucket): CallFilter | null {
	return calls === 0 ? null : { range: { fromMs: startMs, toMs: endMs } };
}
