import type { AnalyticsBucket, Granularity } from '../../src/core/views.ts';
import { Cells, column } from '../charts/cells.ts';
import { chartNote, costColumn } from '../charts/chart-note.ts';
import { type Billing, costSeries } from '../charts/cost-figures.ts';
import { costColumns } from '../charts/cost-over-time.ts';
import { bars, line } from '../charts/data-sets.ts';
import { overTime } from '../charts/over-time.ts';
import type { Look } from '../charts/paint.ts';
import type { Picture } from '../charts/picture.ts';
import type { Format } from '../format.ts';
import { text } from '../strings.ts';

const callsLook: Look = { colour: 'blue', pattern: 'solid' };
const costLook: Look = { colour: 'purple', pattern: 'solid', dash: [] };

/** How many calls there were, as bars, and what they cost, as a line with an axis of its own. `null`: no calls. */
export function callsOverTime(
	format: Format,
	{ buckets, granularity, billing }: { buckets: AnalyticsBucket[]; granularity: Granularity; billing: Billing },
): Picture | null {
	const calls = format.count(buckets.reduce((sum, bucket) => sum + bucket.calls, 0));
	if (buckets.every((bucket) => bucket.calls === 0)) return null;
	const { buckets: sums, total } = costSeries(buckets, buckets, [], billing);
	const cells = new Cells(format);
	const cost = format.money(total.nanoUsd, total.bound);
	const callsLabel = text('charts.column.calls');
	const costLabel = costColumn(billing);
	return overTime(
		format,
		{ buckets, granularity },
		{
			summary: () => text('analytics.calls.summary', { bucket: text(`charts.bucket.${granularity}`), calls, cost }),
			note: chartNote(format, total, billing),
			lines: [
				{
					label: callsLabel,
					value: calls,
					look: callsLook,
					filter: null,
					figure: (place) => format.count(buckets[place]?.calls ?? 0),
					dataSet: (paint) =>
						bars(
							paint,
							callsLook,
							callsLabel,
							buckets.map(({ calls }) => calls),
						),
				},
				{
					label: costLabel,
					value: cost,
					look: costLook,
					filter: null,
					figure: (place) => format.money(sums[place]?.nanoUsd ?? 0, sums[place]?.bound),
					dataSet: (paint) =>
						line(
							paint,
							costLook,
							costLabel,
							sums.map(({ nanoUsd }) => nanoUsd / 1e9),
							'right',
						),
				},
			],
			after: () => [],
			columns: [
				{ column: column('calls', callsLabel), cell: (place) => cells.count(buckets[place]?.calls ?? 0) },
				...costColumns(cells, billing, total, (place) => sums[place]),
			],
			axes: { amount: (count) => format.count(count), right: (usd) => format.money(usd * 1e9), whole: true },
		},
	);
}
