import { dateOf, type TimeBucket } from '../../src/core/time-buckets.ts';
import type { Granularity } from '../../src/core/views.ts';
import type { Format } from '../format.ts';
import { text } from '../strings.ts';

const dayMs = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

/** Names the buckets of a chart: short along its axis, in full elsewhere. */
export class BucketText {
	readonly #format: Format;
	readonly #granularity: Granularity;
	readonly #buckets: readonly TimeBucket[];
	readonly #years: boolean;

	constructor(format: Format, granularity: Granularity, buckets: readonly TimeBucket[]) {
		this.#format = format;
		this.#granularity = granularity;
		this.#buckets = buckets;
		const first = buckets[0]?.startMs ?? 0;
		const last = buckets.at(-1)?.startMs ?? 0;
		this.#years = dateOf(first, format.timeZone).slice(0, 4) !== dateOf(last, format.timeZone).slice(0, 4);
	}

	/** Along an axis: the hour, or the day on which it starts. The first hour of a later day is named by its day. */
	label(index: number): string {
		const bucket = this.#buckets[index];
		if (bucket === undefined) return '';
		if (this.#granularity === 'hour' && !this.#startsDay(index))
			return this.#write({ hour: 'numeric', minute: '2-digit' }, bucket.startMs);
		return this.#write({ month: 'short', day: 'numeric', ...(this.#years ? { year: '2-digit' } : {}) }, bucket.startMs);
	}

	/** In full: `Thu, Jul 3, 2:00 PM`, `Thu, Jul 3`, `Week 27, Jun 29 – Jul 5`. */
	title(index: number): string {
		const bucket = this.#buckets[index];
		if (bucket === undefined) return '';
		const { startMs, endMs } = bucket;
		const year = this.#years ? { year: 'numeric' as const } : {};
		if (this.#granularity === 'week') {
			const days = this.#intl({ month: 'short', day: 'numeric', ...year }).formatRange(startMs, endMs - 1);
			return text('charts.week', { week: isoWeek(startMs, this.#format.timeZone).week, days });
		}
		const day = { weekday: 'short', month: 'short', day: 'numeric', ...year } as const;
		if (this.#granularity === 'day') return this.#write(day, startMs);
		const hour = { ...day, hour: 'numeric', minute: '2-digit' } as const;
		const title = this.#write(hour, startMs);
		// An hour that the clock repeats is told apart by its zone.
		const twin = [index - 1, index + 1].some((other) => {
			const near = this.#buckets[other];
			return near !== undefined && this.#write(hour, near.startMs) === title;
		});
		return twin ? this.#write({ ...hour, timeZoneName: 'short' }, startMs) : title;
	}

	#startsDay(index: number): boolean {
		const [before, bucket] = [this.#buckets[index - 1], this.#buckets[index]];
		if (before === undefined || bucket === undefined) return false;
		const { timeZone } = this.#format;
		return dateOf(before.startMs, timeZone) !== dateOf(bucket.startMs, timeZone);
	}

	#write(options: Intl.DateTimeFormatOptions, ms: number): string {
		return this.#intl(options).format(ms);
	}

	#intl(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
		return dateFormat(this.#format.locale, { ...options, timeZone: this.#format.timeZone });
	}
}

/** The week of ISO 8601 that a moment lies in: that of its Thursday, whose year it counts in. */
export function isoWeek(ms: number, timeZone: string): { year: number; week: number } {
	const today = Date.parse(dateOf(ms, timeZone));
	const monday = (new Date(today).getUTCDay() + 6) % 7;
	const thursday = new Date(today + (3 - monday) * dayMs);
	const first = Date.UTC(thursday.getUTCFullYear(), 0, 1);
	return { year: thursday.getUTCFullYear(), week: Math.floor((thursday.getTime() - first) / dayMs / 7) + 1 };
}

/** A moment on the clock of a zone, with what that clock is ahead of UTC: `2026-07-01T00:00:00+02:00`. For files. */
export function localIso(ms: number, timeZone: string): string {
	const time = dateFormat('sv-SE', { timeZone, timeStyle: 'medium' }).format(ms);
	const zone = dateFormat('en-US', { timeZone, timeZoneName: 'longOffset' }).formatToParts(ms);
	const offset = zone.find(({ type }) => type === 'timeZoneName')?.value.replace('GMT', '') ?? '';
	return `${dateOf(ms, timeZone)}T${time}${offset === '' ? '+00:00' : offset}`;
}

/** Made once: making one costs a hundred times more than using it. */
function dateFormat(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
	const key = `${locale} ${JSON.stringify(options)}`;
	let format = formats.get(key);
	if (format === undefined) {
		format = new Intl.DateTimeFormat(locale, options);
		formats.set(key, format);
	}
	return format;
}
