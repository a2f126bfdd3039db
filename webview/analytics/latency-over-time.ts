import type { AnalyticsBucket, Granularity, Totals } from '../../src/core/views.ts';
import { Cells, column } from '../charts/cells.ts';
import { line } from '../charts/data-sets.ts';
import { overTime } from '../charts/over-time.ts';
import type { Look } from '../charts/paint.ts';
import type { Picture } from '../charts/picture.ts';
import type { Format } from '../format.ts';
import { text } from '../strings.ts';

/** Each told apart by its dashes too. */
const percentiles: readonly { key: 'p50Ms' | 'p90Ms' | 'p99Ms'; label: string; look: Look }[] = [
	{ key: 'p50Ms', label: 'p50', look: { colour: 'blue', pattern: 'solid', dash: [] } },
	{ key: 'p90Ms', label: 'p90', look: { colour: 'purple', pattern: 'solid', dash: [7, 4] } },
	{ key: 'p99Ms', label: 'p99', look: { colour: 'orange', pattern: 'solid', dash: [2, 3] } },
];

/** How long calls took: half of them, nine in ten, 99 in a hundred. `null`: no call told its time. */
export function latencyOverTime(
	format: Format,
	{
		buckets,
		granularity,
		totals,
	}: { buckets: AnalyticsBucket[]; granularity: Granularity; totals: Pick<Totals, 'latency'> },
): Picture | null {
	if (buckets.every(({ latency }) => latency.p50Ms === null)) return null;
	const cells = new Cells(format);
	const about = (ms: number | null) => (ms === null ? format.duration(null) : `≈ ${format.duration(ms)}`);
	const average = (place: number) => buckets[place]?.latency.avgMs ?? null;
	const calls = (place: number) => buckets[place]?.calls ?? 0;
	return overTime(
		format,
		{ buckets, granularity },
		{
			summary: () =>
				text('analytics.latency.summary', {
					bucket: text(`charts.bucket.${granularity}`),
					list: percentiles.map(({ key, label }) => `${label} ${about(totals.latency[key])}`).join(', '),
				}),
			note: text('analytics.about'),
			lines: percentiles.map(({ key, label, look }) => ({
				label,
				value: about(totals.latency[key]),
				look,
				filter: null,
				figure: (place) => about(buckets[place]?.latency[key] ?? null),
				dataSet: (paint) =>
					line(
						paint,
						look,
						label,
						buckets.map(({ latency }) => latency[key]),
					),
			})),
			after: (place) => [
				`${text('charts.column.latency')}: ${format.duration(average(place))}`,
				`${text('charts.column.calls')}: ${format.count(calls(place))}`,
			],
			columns: [
				{ column: column('calls', text('charts.column.calls')), cell: (place) => cells.count(calls(place)) },
				{ column: column('avg_ms', text('charts.column.latency')), cell: (place) => cells.duration(average(place)) },
				...percentiles.map(({ key, label }) => ({
					column: column(`${label}_ms`, label),
					cell: (place: number) => cells.duration(buckets[place]?.latency[key] ?? null, '≈ '),
				})),
			],
			axes: { amount: (ms) => format.duration(ms) },
		},
	);
}
