import type { Granularity, TimeRange } from './views.ts';

/** `[startMs, endMs)`, epoch milliseconds. */
export interface TimeBucket {
	startMs: number;
	endMs: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/**
 * The hour, day or ISO 8601 week of a time zone that a moment lies in. Days are as long as their clock makes them: 23
 * or 25 hours when it changes; an hour that the clock repeats is two.
 *
 * @throws {RangeError} for an unknown time zone.
 */
export function bucketOf(ms: number, granularity: Granularity, timeZone: string): TimeBucket {
	if (granularity === 'hour') return hourOf(ms, timeZone);
	const today = localDay(ms, timeZone);
	if (granularity === 'day') return { startMs: dayStart(today, timeZone), endMs: dayStart(today + 1, timeZone) };
	const monday = today - weekday(today);
	return { startMs: dayStart(monday, timeZone), endMs: dayStart(monday + 7, timeZone) };
}

/** All buckets that a range touches, oldest first, without gaps. */
export function bucketsIn({ fromMs, toMs }: TimeRange, granularity: Granularity, timeZone: string): TimeBucket[] {
	const buckets: TimeBucket[] = [];
	for (let at = fromMs; at < toMs; ) {
		const bucket = bucketOf(at, granularity, timeZone);
		buckets.push(bucket);
		at = bucket.endMs;
	}
	return buckets;
}

/** The calendar day of a zone that a moment lies in: `2026-08-01`. */
export function dateOf(ms: number, timeZone: string): string {
	return new Date(localDay(ms, timeZone) * DAY_MS).toISOString().slice(0, 10);
}

/** The day of a zone that a date names, as its clock makes it; `null` for what is no date. */
export function dayOf(date: string, timeZone: string): TimeBucket | null {
	const utcMs = Date.parse(`${date}T00:00:00Z`);
	// `Date.parse` takes the 31st of June for the 1st of July.
	if (Number.isNaN(utcMs) || new Date(utcMs).toISOString().slice(0, 10) !== date) return null;
	const day = utcMs / DAY_MS;
	return { startMs: dayStart(day, timeZone), endMs: dayStart(day + 1, timeZone) };
}

/** Whether this runtime knows the zone: an IANA name such as `Europe/Berlin`. */
export function isTimeZone(timeZone: string): boolean {
	try {
		clock(timeZone);
		return true;
	} catch {
		return false;
	}
}

/** Days since 1970-01-01 on the zone's calendar. */
function localDay(ms: number, timeZone: string): number {
	return Math.floor((ms + offsetMs(ms, timeZone)) / DAY_MS);
}

/** Monday = 0. 1970-01-01 was a Thursday. */
function weekday(day: number): number {
	return (((day + 3) % 7) + 7) % 7;
}

/** The first moment of a day: midnight, or where the clock skips it, the moment after the leap. */
function dayStart(day: number, timeZone: string): number {
	const midnight = day * DAY_MS;
	const offsets = [offsetMs(midnight - DAY_MS, timeZone), offsetMs(midnight + DAY_MS, timeZone)];
	const starts = offsets
		.map((offset) => midnight - offset)
		.filter((ms) => ms + offsetMs(ms, timeZone) === midnight)
		.sort((a, b) => a - b);
	const [first] = starts;
	return first ?? firstMoment(midnight - DAY_MS, midnight + DAY_MS, (ms) => localDay(ms, timeZone) >= day);
}

function hourOf(ms: number, timeZone: string): TimeBucket {
	const offset = offsetMs(ms, timeZone);
	const startMs = Math.floor((ms + offset) / HOUR_MS) * HOUR_MS - offset;
	const endMs = startMs + HOUR_MS;
	// Where the clock changes within the hour, the hour begins or ends there.
	const sameClock = (at: number) => offsetMs(at, timeZone) === offset;
	return {
		startMs: sameClock(startMs) ? startMs : firstMoment(startMs, ms, sameClock),
		endMs: sameClock(endMs - 1) ? endMs : firstMoment(ms, endMs, (at) => !sameClock(at)),
	};
}

/** The first moment in `(from, to]` at which `holds`, when it does from some moment on. */
function firstMoment(from: number, to: number, holds: (ms: number) => boolean): number {
	let before = from;
	let after = to;
	while (after - before > 1) {
		const middle = Math.floor((before + after) / 2);
		if (holds(middle)) after = middle;
		else before = middle;
	}
	return after;
}

const clocks = new Map<string, { format: Intl.DateTimeFormat; offsets: Map<number, number> }>();
/** Clocks change on quarters of an hour of UTC only (since 1972, in every zone). */
const QUARTER_MS = 900_000;
const MAX_OFFSETS = 50_000;
const MAX_CLOCKS = 20;

/** What the zone's clock is ahead of UTC. */
function offsetMs(ms: number, timeZone: string): number {
	const { format, offsets } = clock(timeZone);
	const quarter = Math.floor(ms / QUARTER_MS);
	const known = offsets.get(quarter);
	if (known !== undefined) return known;
	const parts: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
	const at = quarter * QUARTER_MS;
	for (const { type, value } of format.formatToParts(at)) parts[type] = Number(value);
	const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
	const offset = Date.UTC(year, month - 1, day, hour, minute, second) - at;
	if (offsets.size >= MAX_OFFSETS) offsets.clear();
	offsets.set(quarter, offset);
	return offset;
}

function clock(timeZone: string): { format: Intl.DateTimeFormat; offsets: Map<number, number> } {
	let found = clocks.get(timeZone);
	if (!found) {
		const format = new Intl.DateTimeFormat('en-US', {
			timeZone,
			calendar: 'gregory',
			numberingSystem: 'latn',
			hourCycle: 'h23',
			year: 'numeric',
			month: 'numeric',
			day: 'numeric',
			hour: 'numeric',
			minute: 'numeric',
			second: 'numeric',
		});
		if (clocks.size >= MAX_CLOCKS) clocks.clear();
		found = { format, offsets: new Map() };
		clocks.set(timeZone, found);
	}
	return found;
}
