import { bucketsIn, isTimeZone } from '../../core/time-buckets.ts';
import type { SeriesBucket } from '../../core/views.ts';
import type { SeriesQuery } from '../ledger.ts';
import { ledgerError } from '../sqlite-error.ts';
import type { Sums } from '../sums.ts';
import { coverRange } from '../time-cover.ts';
import { callSums } from './call-sums.ts';
import type { Reader } from './reader.ts';

const WIDTH_MS = { hour: 3_600_000, day: 86_400_000, week: 604_800_000 };
/** More than anyone can look at: a year of hours has 8,784. */
const MAX_BUCKETS = 20_000;

/** Calls, tokens and cost over time, in buckets of the zone's own hours, days or weeks, by provider and model. Empty buckets are there. */
export function series(reader: Reader, query: SeriesQuery): SeriesBucket[] {
	check(query);
	const buckets = bucketsIn(query.range, query.granularity, query.timeZone);
	return reader.snapshot(() => {
		const filter = { ...reader.resolve(query.filter), range: null };
		const groups = callSums(
			reader,
			buckets.map(({ startMs, endMs }) =>
				coverRange({ fromMs: Math.max(startMs, query.range.fromMs), toMs: Math.min(endMs, query.range.toMs) }),
			),
			filter,
		);
		return buckets.map(({ startMs, endMs }, i) => {
			const byModel = new Map<string, SeriesBucket['groups'][number]>();
			for (const [dim, sums] of groups.get(i) ?? new Map<number, Sums>()) {
				const { provider, model } = reader.dimension(dim);
				const key = JSON.stringify([provider, model]);
				const group = byModel.get(key) ?? emptyGroup(provider, model);
				group.calls += sums.calls;
				group.unpriced += sums.unpriced;
				group.costNanoUsd += sums.cost_nano;
				group.inputTokens += sums.input;
				group.outputTokens += sums.output;
				byModel.set(key, group);
			}
			return { startMs, endMs, groups: [...byModel.values()] };
		});
	});
}

function check({ range, granularity, timeZone }: SeriesQuery): void {
	if (!isTimeZone(timeZone)) throw ledgerError('badInput', `timeZone: ${timeZone} is no time zone that is known here`);
	if ((range.toMs - range.fromMs) / WIDTH_MS[granularity] > MAX_BUCKETS) {
		throw ledgerError('badInput', `range: more than ${MAX_BUCKETS} buckets; choose a wider granularity`);
	}
}

function emptyGroup(provider: string, model: string): SeriesBucket['groups'][number] {
	return { provider, model, calls: 0, unpriced: 0, costNanoUsd: 0, inputTokens: 0, outputTokens: 0 };
}
