import type { LatencyBar } from '../../src/core/views.ts';
import { Cells, column } from '../charts/cells.ts';
import { chartOptions } from '../charts/chart-options.ts';
import { bars as barSet } from '../charts/data-sets.ts';
import type { Look } from '../charts/paint.ts';
import type { Picture } from '../charts/picture.ts';
import type { Format } from '../format.ts';
import { text } from '../strings.ts';

const look: Look = { colour: 'green', pattern: 'solid' };

/** How many calls took how long. `null`: no call told its time. */
export function latencyHistogram(format: Format, bars: LatencyBar[]): Picture | null {
	const calls = bars.reduce((sum, bar) => sum + bar.calls, 0);
	if (calls === 0) return null;
	const most = bars.reduce((best, bar) => (bar.calls > best.calls ? bar : best));
	const span = ({ fromMs, toMs }: LatencyBar) => `${format.duration(fromMs)} – ${format.duration(toMs)}`;
	const title = (place: number) => {
		const bar = bars[place];
		return bar === undefined ? '' : span(bar);
	};
	const value = (place: number) => format.count(bars[place]?.calls ?? 0);
	const share = (place: number) =>
		text('cards.errorShare', { share: format.percent((bars[place]?.calls ?? 0) / calls) });
	return {
		summary: text('analytics.histogram.summary', { calls: format.count(calls), most: span(most) }),
		note: text('analytics.histogram.note'),
		lines: [{ label: text('charts.column.calls'), value: '', look, filter: null }],
		legend: false,
		horizontal: false,
		// A filter has a least duration and no greatest: a bar leads to its calls and those that took longer.
		places: bars.map((bar) => (bar.calls === 0 ? null : { minLatencyMs: bar.fromMs })),
		said: (place) => `${title(place)}, ${text('charts.column.calls')}: ${value(place)}, ${share(place)}`,
		table() {
			const cells = new Cells(format);
			return {
				columns: [
					column('from_ms', text('analytics.column.from')),
					column('to_ms', text('analytics.column.to')),
					column('calls', text('charts.column.calls')),
				],
				rows: bars.map((bar) => ({
					filter: bar.calls === 0 ? null : { minLatencyMs: bar.fromMs },
					cells: [cells.duration(bar.fromMs), cells.duration(bar.toMs), cells.count(bar.calls)],
				})),
			};
		},
		draw: (paint) => ({
			data: {
				labels: bars.map(({ fromMs }) => format.duration(fromMs)),
				datasets: [
					{
						...barSet(
							paint,
							look,
							text('charts.column.calls'),
							bars.map((bar) => bar.calls),
						),
						categoryPercentage: 1,
						barPercentage: 0.94,
					},
				],
			},
			options: chartOptions(
				paint.theme,
				{ amount: (count) => format.count(count), whole: true },
				{ title, value: (_, place) => value(place), after: (place) => [share(place)] },
			),
		}),
	};
}
