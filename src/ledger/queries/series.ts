import { bucketsIn, isTimeZone } from '../../core/time-buckets.ts';
import type { SeriesBucket } from '../../core/views.ts';
import type { SeriesQuery } from '../ledger.ts';
import { ledgerError } from '../sqlite-error.ts';
import { addSums, noSums, type Sums } from '../sums.ts';
import { coverRange } from '../time-cover.ts';
import { callSums } from './call-sums.ts';
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
			const byModel = new Map<string, Group>();
			for (const [dim, sums] of groups.get(i) ?? new Map<number, Sums>()) {
				const { provider, model, billing } = reader.dimension(dim);
				const key = JSON.stringify([provider, model]);
				const group = byModel.get(key) ?? { provider, model, sums: noSums(), subscriptionNanoUsd: 0 };
				addSums(group.sums, sums);
				if (billing === 'subscription') group.subscriptionNanoUsd += sums.cost_nano;
				byModel.set(key, group);
			}
			return { startMs, endMs, groups: [...byModel.values()].map(toGroup) };
		});
	});
}

function check({ range, granularity, timeZone }: SeriesQuery): void {
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
