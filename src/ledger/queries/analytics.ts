import { addHistogram, type Histogram } from '../../core/latency-histogram.ts';
import { bucketsIn } from '../../core/time-buckets.ts';
import type { Analytics, AnalyticsBucket, TokenBuckets } from '../../core/views.ts';
import type { SeriesQuery } from '../ledger.ts';
import { addSums, noSums, type Sums } from '../sums.ts';
import { type Cell, type Cells, callSums } from './call-sums.ts';
import { latencyBars } from './latency-bars.ts';
import type { Reader } from './reader.ts';
import { checkSeries, coversOf, modelGroups } from './series.ts';
import { latencyOf, modelTotals, namedTotals, totalsOf } from './totals.ts';

/** Everything that the analytics page draws, added up once, so that each part is the sum of the others. */
export function analytics(reader: Reader, query: SeriesQuery): Analytics {
	checkSeries(query);
	const times = bucketsIn(query.range, query.granularity, query.timeZone);
	return reader.snapshot(() => {
		const cells = callSums(reader, coversOf(times, query), reader.resolve(query.filter), { latencies: true });
		const whole = sumOf(cells);
		return {
			totals: totalsOf(reader, whole),
			byModel: modelTotals(reader, whole),
			byAgent: namedTotals(reader, whole, 'agent_id'),
			byFolder: namedTotals(reader, whole, 'folder'),
			buckets: times.map(({ startMs, endMs }, i) => ({ startMs, endMs, ...bucketOf(reader, cells.get(i)) })),
			latencyBars: latencyBars(merged(whole.values()).latencies),
			revision: reader.revision(),
		};
	});
}

/** All buckets together, by dimension. */
function sumOf(cells: Cells): Map<number, Cell> {
	const whole = new Map<number, Cell>();
	for (const byDim of cells.values()) {
		for (const [dim, cell] of byDim) {
			const sum = whole.get(dim) ?? emptyCell();
			whole.set(dim, sum);
			add(sum, cell);
		}
	}
	return whole;
}

function bucketOf(
	reader: Reader,
	cells: ReadonlyMap<number, Cell> | undefined,
): Omit<AnalyticsBucket, 'startMs' | 'endMs'> {
	const { sums, latencies } = merged(cells?.values() ?? []);
	return {
		groups: modelGroups(reader, cells),
		calls: sums.calls,
		tokens: tokenBuckets(sums),
		latency: latencyOf(sums.latency_us, sums.latency_count, latencies),
	};
}

function tokenBuckets({ input, cache_read, cache_write, output, reasoning }: Sums): TokenBuckets {
	return {
		uncachedInput: Math.max(0, input - cache_read - cache_write),
		cacheRead: cache_read,
		cacheWrite: cache_write,
		output: Math.max(0, output - reasoning),
		reasoning,
	};
}

function merged(cells: Iterable<Cell>): Cell {
	const sum = emptyCell();
	for (const cell of cells) add(sum, cell);
	return sum;
}

function add(to: Cell, from: Cell): void {
	addSums(to.sums, from.sums);
	addHistogram(to.latencies, from.latencies);
}

function emptyCell(): { sums: Sums; latencies: Histogram } {
	return { sums: noSums(), latencies: new Map() };
}
