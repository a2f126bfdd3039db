import { formatDuration } from '../src/core/durations.ts';
import { numberFormat } from '../src/core/intl-cache.ts';
import { formatNanoUsd } from '../src/core/money.ts';
import { dayOf, isTimeZone } from '../src/core/time-buckets.ts';
import { formatAllTokens, formatTokens } from '../src/core/tokens-text.ts';
import type { Granularity, RowCost, TimeRange } from '../src/core/views.ts';
import { text } from './strings.ts';
import type { CustomRange } from './time-range.ts';

export type Bound = RowCost['bound'] | 'about';

/** Numbers, money, durations and times as people of one locale and zone read them. Unknown is “—”. */
export class Format {
	readonly locale: string;
	readonly timeZone: string;
	readonly #clock: Intl.DateTimeFormat;
	readonly #dayTime: Intl.DateTimeFormat;
	readonly #date: Intl.DateTimeFormat;
	readonly #full: Intl.DateTimeFormat;
	readonly #day: Intl.DateTimeFormat;
	readonly #relative: Intl.RelativeTimeFormat;
	readonly #hour: Intl.DateTimeFormat;
	readonly #dateKey: Intl.DateTimeFormat;
	readonly #dates: Intl.DateTimeFormat;
	readonly #precise: Intl.DateTimeFormat;
	readonly #span: Intl.DateTimeFormat;

	constructor(locale: string, timeZone: string) {
		this.locale = isLocale(locale) ? locale : 'en';
		this.timeZone = isTimeZone(timeZone) ? timeZone : 'UTC';
		const zone = { timeZone: this.timeZone };
		this.#clock = new Intl.DateTimeFormat(this.locale, { ...zone, timeStyle: 'medium' });
		this.#hour = new Intl.DateTimeFormat(this.locale, { ...zone, hour: 'numeric', minute: '2-digit' });
		this.#day = new Intl.DateTimeFormat(this.locale, { ...zone, month: 'short', day: 'numeric' });
		this.#dayTime = new Intl.DateTimeFormat(this.locale, {
			...zone,
			month: 'short',
			day: 'numeric',
			hour: 'numeric',
			minute: '2-digit',
		});
		this.#date = new Intl.DateTimeFormat(this.locale, {
			...zone,
			year: 'numeric',
			month: 'short',
			day: 'numeric',
		});
		this.#full = new Intl.DateTimeFormat(this.locale, { ...zone, dateStyle: 'medium', timeStyle: 'long' });
		this.#relative = new Intl.RelativeTimeFormat(this.locale, { numeric: 'auto', style: 'short' });
		this.#precise = new Intl.DateTimeFormat(this.locale, {
			...zone,
			hour: 'numeric',
			minute: '2-digit',
			second: '2-digit',
			fractionalSecondDigits: 3,
		});
		this.#dates = new Intl.DateTimeFormat(this.locale, { timeZone: 'UTC', dateStyle: 'medium' });
		this.#span = new Intl.DateTimeFormat(this.locale, { ...zone, dateStyle: 'medium', timeStyle: 'short' });
		this.#dateKey = new Intl.DateTimeFormat('en-CA', { ...zone, dateStyle: 'short' });
	}

	/** All digits: `12,431`. */
	count(value: number | null): string {
		return formatAllTokens(value, this.locale, text('none'));
	}

	/** Three digits: `12.4K`. */
	compact(value: number | null): string {
		return formatTokens(value, this.locale, text('none'));
	}

	/** In whole percent; a share that would be nothing then has one digit: `0.02%`. */
	percent(share: number): string {
		const digits = share > 0 && share < 0.005 ? { maximumSignificantDigits: 1 } : { maximumFractionDigits: 0 };
		return numberFormat(this.locale, { style: 'percent', ...digits }).format(share);
	}

	/** `$1.24`, `≥ $0.014`. For `null` give your own word: unpriced is not a sum. */
	money(nanoUsd: number, bound: Bound = 'exact'): string {
		return formatNanoUsd(nanoUsd, { bound, locale: this.locale });
	}

	/** All digits that count, for sums that a person adds up: `$0.001234`. */
	exactMoney(nanoUsd: number): string {
		const digits = { minimumFractionDigits: 2, maximumFractionDigits: 7 };
		const options = { style: 'currency', currency: 'USD', currencyDisplay: 'narrowSymbol', ...digits } as const;
		return numberFormat(this.locale, options).format(nanoUsd / 1e9);
	}

	/** `840ms`, `3.2s`, `1m 5s`. */
	duration(ms: number | null): string {
		return formatDuration(ms, this.locale, text('none'));
	}

	/** All of them: `1,234 ms`. */
	milliseconds(ms: number): string {
		const options = { style: 'unit', unit: 'millisecond', unitDisplay: 'short', maximumFractionDigits: 0 } as const;
		return numberFormat(this.locale, options).format(ms);
	}

	/** To the millisecond: `10:04:09.123`. */
	preciseTime(ms: number): string {
		return this.#precise.format(ms);
	}

	/** How long something has been going on, in whole seconds: `12s`. */
	elapsed(ms: number): string {
		return ms < 1000
			? numberFormat(this.locale, { style: 'unit', unit: 'second', unitDisplay: 'narrow' }).format(0)
			: this.duration(Math.floor(ms / 1000) * 1000);
	}

	/** The time alone for a call of today, else with its day; in another year the date alone. */
	moment(ms: number, nowMs: number): string {
		const [day, today] = [this.#dateKey.format(ms), this.#dateKey.format(nowMs)];
		if (day === today) return this.#clock.format(ms);
		return (day.slice(0, 4) === today.slice(0, 4) ? this.#dayTime : this.#date).format(ms);
	}

	/** Date, time and zone. */
	full(ms: number): string {
		return this.#full.format(ms);
	}

	/** `now`, `2 min. ago`. */
	relative(ms: number, nowMs: number): string {
		const seconds = Math.round((ms - nowMs) / 1000);
		const size = Math.abs(seconds);
		if (size < 10) return this.#relative.format(0, 'second');
		if (size < 60) return this.#relative.format(seconds, 'second');
		if (size < 3600) return this.#relative.format(Math.round(seconds / 60), 'minute');
		if (size < 86_400) return this.#relative.format(Math.round(seconds / 3600), 'hour');
		return this.#relative.format(Math.round(seconds / 86_400), 'day');
	}

	/** The start of a chart's bucket, as its label. */
	bucket(ms: number, granularity: Granularity): string {
		return granularity === 'hour' ? this.#hour.format(ms) : this.#day.format(ms);
	}

	/** The start of a bucket, told in full. */
	bucketTitle(ms: number, granularity: Granularity): string {
		return granularity === 'hour' ? this.#dayTime.format(ms) : this.#day.format(ms);
	}

	/** A range of dates: `Aug 1 – 7, 2026`. */
	dates({ fromDate, toDate }: CustomRange): string {
		// Dates are the same in every zone: they are written in the one that they are read in.
		const from = dayOf(fromDate, 'UTC')?.startMs ?? 0;
		return this.#dates.formatRange(from, dayOf(toDate, 'UTC')?.startMs ?? from);
	}

	/** A stretch of time, with its day: `Aug 1, 2026, 2:00 – 3:00 PM`. */
	span({ fromMs, toMs }: TimeRange): string {
		return this.#span.formatRange(fromMs, toMs);
	}

	/** Bytes, roughly: `34 KB`. */
	bytes(value: number): string {
		const unit = value < 1000 ? 'byte' : value < 1e6 ? 'kilobyte' : 'megabyte';
		const scaled = value / { byte: 1, kilobyte: 1e3, megabyte: 1e6 }[unit];
		return numberFormat(this.locale, {
			style: 'unit',
			unit,
			unitDisplay: 'short',
			maximumFractionDigits: scaled < 10 && unit !== 'byte' ? 1 : 0,
		}).format(scaled);
	}
}

function isLocale(locale: string): boolean {
	try {
		return Intl.DateTimeFormat.supportedLocalesOf(locale).length > 0;
	} catch {
		return false;
	}
}
