import { bucketOf } from '../src/core/time-buckets.ts';
import type { Granularity, TimeRange } from '../src/core/views.ts';

/** What the range selector offers. Days are local days, and today is one of them. */
export const rangeChoices = ['today', '7d', '30d', 'all'] as const;
export type RangeChoice = (typeof rangeChoices)[number];

const dayMs = 24 * 3_600_000;

/** The range of a choice at a moment, in a zone. `null`: everything. */
export function rangeOf(choice: RangeChoice, nowMs: number, timeZone: string): TimeRange | null {
	if (choice === 'all') return null;
	const today = bucketOf(nowMs, 'day', timeZone);
	let fromMs = today.startMs;
	for (let days = { today: 1, '7d': 7, '30d': 30 }[choice]; days > 1; days--) {
		fromMs = bucketOf(fromMs - 1, 'day', timeZone).startMs;
	}
	return { fromMs, toMs: today.endMs };
}

/** From the day of the first call to the end of today. */
export function rangeSince(firstMs: number, nowMs: number, timeZone: string): TimeRange {
	const fromMs = bucketOf(Math.min(firstMs, nowMs), 'day', timeZone).startMs;
	return { fromMs, toMs: bucketOf(nowMs, 'day', timeZone).endMs };
}

/** Few enough bars to tell apart, enough to see a shape: hours for a day or two, days for a quarter, then weeks. */
export function granularityFor(range: TimeRange): Granularity {
	const days = (range.toMs - range.fromMs) / dayMs;
	if (days <= 2.1) return 'hour';
	return days <= 93 ? 'day' : 'week';
}
