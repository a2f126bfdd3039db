import type { TimeBucket } from '../../src/core/time-buckets.ts';
import type { GroupTotals, SeriesBucket } from '../../src/core/views.ts';

/** A model as charts tell it apart from others. */
export interface ModelKey {
	provider: string;
	model: string;
}

/** How many models get a colour of their own; the rest is gathered. */
export const colouredModels = 5;

/** Which money a chart draws: what is billed by token, or what a subscription pays for, at API prices. Never their sum. */
export type Billing = 'api' | 'subscription';

type Bound = GroupTotals['bound'];
type Money = Pick<GroupTotals, 'costNanoUsd' | 'subscriptionNanoUsd'>;

/** What is billed; where nothing is, what subscriptions pay for. */
export function drawnBilling(totals: Money): Billing {
	return totals.costNanoUsd === 0 && totals.subscriptionNanoUsd > 0 ? 'subscription' : 'api';
}

export function amountOf(money: Money, billing: Billing): number {
	return billing === 'api' ? money.costNanoUsd : money.subscriptionNanoUsd;
}

/** How a sum of sums is bounded. An unpriced call makes it a lower bound. */
export function boundOfSum(parts: Iterable<{ bound: Bound; unpriced: number }>): Bound {
	let least = false;
	let most = false;
	for (const { bound, unpriced } of parts) {
		least ||= unpriced > 0 || bound === 'atLeast' || bound === 'about';
		most ||= bound === 'atMost' || bound === 'about';
	}
	if (most) return least ? 'about' : 'atMost';
	return least ? 'atLeast' : 'exact';
}

/** The models with the highest cost, highest first: the same list gives both charts their colours. */
export function rankModels(groups: readonly GroupTotals[], billing: Billing): ModelKey[] {
	return [...groups]
		.filter((group) => amountOf(group, billing) > 0)
		.sort((a, b) => amountOf(b, billing) - amountOf(a, billing))
		.slice(0, colouredModels)
		.map(({ provider, model }) => ({ provider, model }));
}

/** A sum over calls that says what it leaves out. */
export interface CostSum {
	nanoUsd: number;
	bound: Bound;
	calls: number;
	unpriced: number;
	/** Paid for by subscriptions, where the chart draws what is billed. */
	apartNanoUsd: number;
}

export interface CostSeries {
	buckets: (CostSum & { startMs: number })[];
	/** One for each ranked model, then one for all others; each with its sum in each bucket. */
	lines: { sum: CostSum; buckets: CostSum[] }[];
	total: CostSum;
}

/** Lays what the host counted onto the buckets of a range: those without calls are there too, as zero. */
export function costSeries(
	range: readonly TimeBucket[],
	counted: readonly SeriesBucket[],
	ranked: readonly ModelKey[],
	billing: Billing,
): CostSeries {
	const lines = Array.from({ length: ranked.length + 1 }, () => ({ sum: nothing(), buckets: range.map(nothing) }));
	const buckets = range.map(({ startMs }) => ({ startMs, ...nothing() }));
	const total = nothing();
	for (const { startMs, groups } of counted) {
		const index = bucketIndex(range, startMs);
		const bucket = buckets[index];
		if (bucket === undefined) continue;
		for (const group of groups) {
			const found = ranked.findIndex(({ provider, model }) => provider === group.provider && model === group.model);
			const line = lines[found === -1 ? ranked.length : found];
			for (const sum of [line?.sum, line?.buckets[index], bucket, total])
				if (sum !== undefined) add(sum, group, billing);
		}
	}
	return { buckets, lines, total };
}

/** A sum of no calls. */
export function nothing(): CostSum {
	return { nanoUsd: 0, bound: 'exact', calls: 0, unpriced: 0, apartNanoUsd: 0 };
}

/** Adds what a group of calls came to. */
export function add(
	sum: CostSum,
	group: Money & { bound: Bound; calls: number; unpriced: number },
	billing: Billing,
): void {
	sum.nanoUsd += amountOf(group, billing);
	sum.bound = boundOfSum([sum, group]);
	sum.calls += group.calls;
	sum.unpriced += group.unpriced;
	if (billing === 'api') sum.apartNanoUsd += group.subscriptionNanoUsd;
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
