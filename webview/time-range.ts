import type { Granularity, TimeRange } from '../src/core/views.ts';

/** What the range selector offers. Days are local days, and today is one of them. */
export const rangeChoices = ['today', '7d', '30d', 'all'] as const;
export type RangeChoice = (typeof rangeChoices)[number];

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** The range of a choice at a moment, in a zone. `null`: everything. */
export function rangeOf(choice: RangeChoice, nowMs: number, timeZone: string): TimeRange | null {
	if (choice === 'all') return null;
	const days = { today: 1, '7d': 7, '30d': 30 }[choice];
	return { fromMs: startOfDay(nowMs, timeZone, 1 - days), toMs: startOfDay(nowMs, timeZone, 1) };
}

/** Few enough bars to tell apart, enough to see a shape: hours for a day or two, days for a quarter, then weeks. */
export function granularityFor(range: TimeRange): Granularity {
	const days = (range.toMs - range.fromMs) / dayMs;
	if (days <= 2.1) return 'hour';
	return days <= 93 ? 'day' : 'week';
}

/**
 * The buckets that cover a range, as `[startMs, endMs)`: hours, local days, or ISO 8601 weeks, which begin on a
 * local Monday. A day with a clock change has 23 or 25 hours.
 */
export function bucketsOf(range: TimeRange, granularity: Granularity, timeZone: string): TimeRange[] {
	const starts: number[] = [];
	if (granularity === 'hour') {
		const first = startOfHour(range.fromMs, timeZone);
		for (let at = first; at < range.toMs; at += hourMs) starts.push(at);
		starts.push(starts.length === 0 ? first : (starts.at(-1) ?? first) + hourMs);
	} else {
		const step = granularity === 'week' ? 7 : 1;
		let at = startOfDay(range.fromMs, timeZone, granularity === 'week' ? -daysSinceMonday(range.fromMs, timeZone) : 0);
		while (at < range.toMs) {
			starts.push(at);
			at = startOfDay(at, timeZone, step);
		}
		starts.push(at);
	}
	return starts.slice(1).map((toMs, index) => ({ fromMs: starts[index] ?? toMs, toMs }));
}

/** Midnight of the local day that holds `ms`, moved by `shift` days. Where midnight is skipped, the day's first instant. */
export function startOfDay(ms: number, timeZone: string, shift = 0): number {
	const { year, month, day } = localParts(ms, timeZone);
	const target = Date.UTC(year, month - 1, day + shift);
	const candidates = [target - offsetAt(target - dayMs, timeZone), target - offsetAt(target + dayMs, timeZone)];
	candidates.sort((a, b) => a - b);
	const found = candidates.find((candidate) => {
		const local = localParts(candidate, timeZone);
		return Date.UTC(local.year, local.month - 1, local.day) === target;
	});
	return found ?? target;
}

function startOfHour(ms: number, timeZone: string): number {
	const { minute, second } = localParts(ms, timeZone);
	return Math.floor(ms / 1000) * 1000 - (minute * 60 + second) * 1000;
}

function daysSinceMonday(ms: number, timeZone: string): number {
	const { year, month, day } = localParts(ms, timeZone);
	return (new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7;
}

/** Local time minus UTC, in ms. */
function offsetAt(ms: number, timeZone: string): number {
	const { year, month, day, hour, minute, second } = localParts(ms, timeZone);
	return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(ms / 1000) * 1000;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function localParts(ms: number, timeZone: string) {
	let formatter = formatters.get(timeZone);
	if (formatter === undefined) {
		formatter = new Intl.DateTimeFormat('en-US', {
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
		formatters.set(timeZone, formatter);
	}
	const parts = { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0 };
	for (const { type, value } of formatter.formatToParts(ms)) {
		if (type in parts) parts[type as keyof typeof parts] = Number(value);
	}
	return parts;
}
