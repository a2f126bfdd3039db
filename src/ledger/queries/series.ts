import { bucketsIn, isTimeZone, type TimeBucket } from '../../core/time-buckets.ts';
import type { SeriesBucket } from '../../core/views.ts';
import type { SeriesQuery } from '../ledger.ts';
import { ledgerError } from '../sqlite-error.ts';
import { addSums, isNothing, noSums, type Sums } from '../sums.ts';
import { type Cover, coverRange } from '../time-cover.ts';
import { type Cell, callSums } from './call-sums.ts';
import type { Reader } from './reader.ts';
import { boundOf } from './totals.ts';

const WIDTH_MS = { hour: 3_600_000, day: 86_400_000, week: 604_800_000 };
/** More than anyone can look at: a year of hours has 8,784. */
const MAX_BUCKETS = 20_000;

interface Group {
	provider: string;
	model: string;
	sums: Sums;
	subscriptionNanoUsd: number;
}

/** Calls, tokens and cost over time, in buckets of the zone's own hours, days or weeks, by provider and model. Empty buckets are there. */
export function series(reader: Reader, query: SeriesQuery): SeriesBucket[] {
	checkSeries(query);
	const buckets = bucketsIn(query.range, query.granularity, query.timeZone);
	return reader.snapshot(() => {
		const groups = callSums(reader, coversOf(buckets, query), reader.resolve(query.filter), { latencies: false });
		return buckets.map(({ startMs, endMs }, i) => {
			return { startMs, endMs, groups: modelGroups(reader, groups.get(i)) };
		});
	});
}

/** Each bucket as far as it lies in the range that is asked for, and in that of the filter. */
export function coversOf(buckets: readonly TimeBucket[], { range, filter }: SeriesQuery): Cover[] {
	const from = Math.max(range.fromMs, filter.range?.fromMs ?? 0);
	const to = Math.min(range.toMs, filter.range?.toMs ?? Number.MAX_SAFE_INTEGER);
	return buckets.map(({ startMs, endMs }) =>
		coverRange({ fromMs: Math.max(startMs, from), toMs: Math.min(endMs, to) }),
	);
}

/** The sums of one bucket by provider and model. */
export function modelGroups(reader: Reader, cells: ReadonlyMap<number, Cell> | undefined): SeriesBucket['groups'] {
	const byModel = new Map<string, Group>();
	for (const [dim, { sums }] of cells ?? []) {
		if (isNothing(sums)) continue;
		const { provider, model, billing } = reader.dimension(dim);
		const key = JSON.stringify([provider, model]);
		const group = byModel.get(key) ?? { provider, model, sums: noSums(), subscriptionNanoUsd: 0 };
		addSums(group.sums, sums);
		if (billing === 'subscription') group.subscriptionNanoUsd += sums.cost_nano;
		byModel.set(key, group);
	}
	return [...byModel.values()].map(toGroup);
}

/** @throws {LedgerError} `badInput` for an unknown zone, or more buckets than anyone can look at. */
export function checkSeries({ range, granularity, timeZone }: SeriesQuery): void {
	if (!isTimeZone(timeZone)) throw ledgerError('badInput', `timeZone: ${timeZone} is no time zone that is known here`);
	if ((range.toMs - range.fromMs) / WIDTH_MS[granularity] > MAX_BUCKETS) {
		throw ledgerError('badInput', `range: more than ${MAX_BUCKETS} buckets; choose a wider granularity`);
	}
}

function toGroup({ provider, model, sums, subscriptionNanoUsd }: Group): SeriesBucket['groups'][number] {
	return {
		provider,
		model,
		calls: sums.calls,
		unpriced: sums.unpriced,
		costNanoUsd: sums.cost_nano - subscriptionNanoUsd,
		subscriptionNanoUsd,
		bound: boundOf(sums),
		inputTokens: sums.input,
		outputTokens: sums.output,
	};
}
