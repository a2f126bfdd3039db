import { bucketOf, dateOf, dayOf } from '../../src/core/time-buckets.ts';
import type { TimeRange } from '../../src/core/views.ts';
import { type RangeChoice, rangeOf } from '../time-range.ts';

const dayMs = 86_400_000;
const minuteMs = 60_000;

/**
 * What a range is compared with: the same stretch of as many days earlier, and no more of it than has passed of this one.
 * So today until half past two is held against yesterday until half past two, and a week that has not ended against as
 * much of the one before. `null`: everything has no time before it, and what has not begun no change.
 */
export function periodBefore(choice: RangeChoice, nowMs: number, timeZone: string): TimeRange | null {
	const range = rangeOf(choice, nowMs, timeZone);
	if (range === null || nowMs <= range.fromMs) return null;
	const { fromMs, toMs } = range;
	if (typeof choice === 'object' && 'fromMs' in choice) {
		return { fromMs: Math.max(0, 2 * fromMs - toMs), toMs: fromMs };
	}
	const days = Math.round((Date.parse(dateOf(toMs - 1, timeZone)) - Date.parse(dateOf(fromMs, timeZone))) / dayMs) + 1;
	const startMs = daysEarlier(fromMs, days, timeZone);
	if (toMs <= nowMs) return { fromMs: startMs, toMs: fromMs };
	const today = bucketOf(nowMs, 'day', timeZone);
	const day = dayOf(shiftDate(dateOf(nowMs, timeZone), -days), timeZone);
	if (day === null) return null;
	// To the minute, so that two questions within one are the same.
	const passedMs = Math.floor((nowMs - today.startMs) / minuteMs) * minuteMs;
	return { fromMs: startMs, toMs: Math.min(day.startMs + passedMs, day.endMs) };
}

/** The start of the day that lies so many days before the one that starts at `ms`. */
function daysEarlier(ms: number, days: number, timeZone: string): number {
	return Math.max(0, dayOf(shiftDate(dateOf(ms, timeZone), -days), timeZone)?.startMs ?? 0);
}

function shiftDate(date: string, days: number): string {
	return new Date(Date.parse(date) + days * dayMs).toISOString().slice(0, 10);
}
