import { bucketOf, dateOf, dayOf } from '../src/core/time-buckets.ts';
import type { Granularity, TimeRange } from '../src/core/views.ts';

/** What the range selector offers by one press. Days are local days, and today is one of them. */
export const presetRanges = ['today', '7d', '30d', 'all'] as const;
export type PresetRange = (typeof presetRanges)[number];

/** Two local dates, `2026-08-01`, both of them included. */
export interface CustomRange {
	fromDate: string;
	toDate: string;
}

/** Presets, dates, or exact times: those of a bar of a chart. */
export type RangeChoice = PresetRange | CustomRange | TimeRange;

const dayMs = 24 * 3_600_000;

/** The range of a choice at a moment, in a zone. `null`: everything. */
export function rangeOf(choice: RangeChoice, nowMs: number, timeZone: string): TimeRange | null {
	if (choice === 'all') return null;
	if (typeof choice === 'object') return 'fromMs' in choice ? choice : customRange(choice, timeZone);
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

/** Whether two choices are the same one. */
export function sameChoice(one: RangeChoice, other: RangeChoice): boolean {
	if (typeof one === 'string' || typeof other === 'string') return one === other;
	if ('fromMs' in one || 'fromMs' in other) {
		return 'fromMs' in one && 'fromMs' in other && one.fromMs === other.fromMs && one.toMs === other.toMs;
	}
	return one.fromDate === other.fromDate && one.toDate === other.toDate;
}

/** A choice that was kept, or came from elsewhere; `null` for what is none. */
export function readChoice(kept: unknown): RangeChoice | null {
	const preset = presetRanges.find((each) => each === kept);
	if (preset !== undefined) return preset;
	if (typeof kept !== 'object' || kept === null) return null;
	if ('fromMs' in kept && 'toMs' in kept) return exactRange(kept.fromMs, kept.toMs);
	if (!('fromDate' in kept) || !('toDate' in kept)) return null;
	const { fromDate, toDate } = kept;
	if (typeof fromDate !== 'string' || typeof toDate !== 'string') return null;
	// Any zone will do to see whether they are dates.
	if (dayOf(fromDate, 'UTC') === null || dayOf(toDate, 'UTC') === null || fromDate > toDate) return null;
	return { fromDate, toDate };
}

/** The choice that stands for a bar of a chart of `shown`: its dates, or where it is no whole days, its exact times. */
export function choiceWithin(bar: TimeRange, shown: TimeRange, timeZone: string): CustomRange | TimeRange {
	const fromMs = Math.max(bar.fromMs, shown.fromMs);
	const toMs = Math.min(bar.toMs, shown.toMs);
	const [fromDate, toDate] = [dateOf(fromMs, timeZone), dateOf(toMs - 1, timeZone)];
	const whole = dayOf(fromDate, timeZone)?.startMs === fromMs && dayOf(toDate, timeZone)?.endMs === toMs;
	return whole ? { fromDate, toDate } : { fromMs, toMs };
}

function exactRange(fromMs: unknown, toMs: unknown): TimeRange | null {
	if (!isMoment(fromMs) || !isMoment(toMs) || fromMs >= toMs) return null;
	return { fromMs, toMs };
}

function isMoment(ms: unknown): ms is number {
	return Number.isSafeInteger(ms) && Number(ms) >= 0;
}

/** Dates that are none give an empty range: they are checked where they are chosen and where they are restored. */
function customRange({ fromDate, toDate }: CustomRange, timeZone: string): TimeRange {
	const fromMs = dayOf(fromDate, timeZone)?.startMs ?? 0;
	return { fromMs: Math.max(0, fromMs), toMs: Math.max(0, dayOf(toDate, timeZone)?.endMs ?? fromMs) };
}
