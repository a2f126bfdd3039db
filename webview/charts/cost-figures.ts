import type { TimeBucket } from '../../src/core/time-buckets.ts';
import type { GroupTotals, SeriesBucket } from '../../src/core/views.ts';

/** A model as charts tell it apart from others. */
export interface ModelKey {
	provider: string;
	model: string;
}

/** How many models get a colour of their own; the rest is gathered. */
export const colouredModels = 5;

/** The models with the highest cost, highest first: the same list gives both charts their colours. */
export function rankModels(groups: readonly GroupTotals[]): ModelKey[] {
	return [...groups]
		.filter((group) => shownCost(group) > 0)
		.sort((a, b) => shownCost(b) - shownCost(a))
		.slice(0, colouredModels)
		.map(({ provider, model }) => ({ provider, model }));
}

/** API and subscription cost of a group together: a chart compares how much was used. */
export function shownCost(totals: Pick<GroupTotals, 'costNanoUsd' | 'subscriptionNanoUsd'>): number {
	return totals.costNanoUsd + totals.subscriptionNanoUsd;
}

export interface CostSeries {
	buckets: { startMs: number; calls: number; unpriced: number; costNanoUsd: number }[];
	/** One for each ranked model, then one for all others; nano-USD by bucket. */
	series: number[][];
	totalNanoUsd: number;
	unpriced: number;
}

/** Lays what the host counted onto the buckets of a range: those without calls are there too, as zero. */
export function costSeries(
	range: readonly TimeBucket[],
	counted: readonly SeriesBucket[],
	ranked: readonly ModelKey[],
): CostSeries {
	const series = Array.from({ length: ranked.length + 1 }, () => new Array<number>(range.length).fill(0));
	const buckets = range.map(({ startMs }) => ({ startMs, calls: 0, unpriced: 0, costNanoUsd: 0 }));
	let totalNanoUsd = 0;
	let unpriced = 0;
	for (const { startMs, groups } of counted) {
		const index = bucketIndex(range, startMs);
		const bucket = buckets[index];
		if (bucket === undefined) continue;
		for (const group of groups) {
			const found = ranked.findIndex(({ provider, model }) => provider === group.provider && model === group.model);
			const line = series[found === -1 ? ranked.length : found];
			const cost = shownCost(group);
			if (line !== undefined) line[index] = (line[index] ?? 0) + cost;
			bucket.calls += group.calls;
			bucket.unpriced += group.unpriced;
			bucket.costNanoUsd += cost;
			totalNanoUsd += cost;
			unpriced += group.unpriced;
		}
	}
	return { buckets, series, totalNanoUsd, unpriced };
}

/** The bucket that holds a moment, or -1. */
function bucketIndex(range: readonly TimeBucket[], ms: number): number {
	let low = 0;
	let high = range.length - 1;
	while (low <= high) {
		const middle = (low + high) >> 1;
		const bucket = range[middle];
		if (bucket === undefined) return -1;
		if (ms < bucket.startMs) high = middle - 1;
		else if (ms >= bucket.endMs) low = middle + 1;
		else return middle;
	}
	return -1;
}
