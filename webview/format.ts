import type { Granularity, RowCost } from '../src/core/views.ts';
import { text } from './strings.ts';

type Bound = RowCost['bound'] | 'about';

const boundMarks: Record<Bound, string> = { exact: '', atLeast: '≥ ', atMost: '≤ ', about: '≈ ' };

/** Numbers, money, durations and times as people of one locale and zone read them. Unknown is “—”. */
export class Format {
	readonly locale: string;
	readonly timeZone: string;
	readonly #count: Intl.NumberFormat;
	readonly #compact: Intl.NumberFormat;
	readonly #percent: Intl.NumberFormat;
	readonly #clock: Intl.DateTimeFormat;
	readonly #dayTime: Intl.DateTimeFormat;
	readonly #full: Intl.DateTimeFormat;
	readonly #day: Intl.DateTimeFormat;
	readonly #relative: Intl.RelativeTimeFormat;
	readonly #hour: Intl.DateTimeFormat;
	readonly #dateKey: Intl.DateTimeFormat;

	constructor(locale: string, timeZone: string) {
		this.locale = supported(() => new Intl.NumberFormat(locale)) ? locale : 'en';
		this.timeZone = supported(() => new Intl.DateTimeFormat('en', { timeZone })) ? timeZone : 'UTC';
		const zone = { timeZone: this.timeZone };
		this.#count = new Intl.NumberFormat(this.locale);
		this.#compact = new Intl.NumberFormat(this.locale, { notation: 'compact', maximumSignificantDigits: 3 });
		this.#percent = new Intl.NumberFormat(this.locale, { style: 'percent', maximumFractionDigits: 0 });
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
		this.#full = new Intl.DateTimeFormat(this.locale, { ...zone, dateStyle: 'medium', timeStyle: 'long' });
		this.#relative = new Intl.RelativeTimeFormat(this.locale, { numeric: 'auto', style: 'short' });
		this.#dateKey = new Intl.DateTimeFormat('en-CA', { ...zone, dateStyle: 'short' });
	}

	/** All digits: `12,431`. */
	count(value: number | null): string {
		return value === null ? text('none') : this.#count.format(value);
	}

	/** Three digits: `12.4K`. */
	compact(value: number | null): string {
		return value === null ? text('none') : this.#compact.format(value);
	}

	percent(share: number): string {
		return this.#percent.format(share);
	}

	/** `$1.24`, `≥ $0.0138`. For `null` give your own word: unpriced is not a sum. */
	money(nanoUsd: number, bound: Bound = 'exact'): string {
		const usd = nanoUsd / 1e9;
		const digits = usd === 0 || usd >= 1 ? 2 : Math.min(7, Math.max(2, 2 - Math.floor(Math.log10(usd))));
		return `${boundMarks[bound]}${moneyFormat(this.locale, 2, digits).format(usd)}`;
	}

	/** `840 ms`, `3.2 s`, `1 m 05 s`. */
	duration(ms: number | null): string {
		if (ms === null) return text('none');
		if (ms < 1000) return `${this.#count.format(Math.round(ms))} ms`;
		if (ms < 59_950) return `${decimal(this.locale).format(ms / 1000)} s`;
		const seconds = Math.round(ms / 1000);
		if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${String(seconds % 60).padStart(2, '0')} s`;
		return `${Math.floor(seconds / 3600)} h ${String(Math.floor(seconds / 60) % 60).padStart(2, '0')} m`;
	}

	/** How long something has been going on, in whole seconds: `12 s`. */
	elapsed(ms: number): string {
		return ms < 60_000 ? `${this.#count.format(Math.floor(ms / 1000))} s` : this.duration(ms);
	}

	/** The time alone for a call of today, else with its day. */
	moment(ms: number, nowMs: number): string {
		return this.#dateKey.format(ms) === this.#dateKey.format(nowMs) ? this.#clock.format(ms) : this.#dayTime.format(ms);
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

	/** Bytes, roughly: `34 KB`. */
	bytes(value: number): string {
		const unit = value < 1000 ? 'byte' : value < 1e6 ? 'kilobyte' : 'megabyte';
		const scaled = value / { byte: 1, kilobyte: 1e3, megabyte: 1e6 }[unit];
		return new Intl.NumberFormat(this.locale, {
			style: 'unit',
			unit,
			unitDisplay: 'short',
			maximumFractionDigits: scaled < 10 && unit !== 'byte' ? 1 : 0,
		}).format(scaled);
	}
}

const moneyFormats = new Map<string, Intl.NumberFormat>();

function moneyFormat(locale: string, least: number, most: number): Intl.NumberFormat {
	const key = `${locale} ${least} ${most}`;
	let format = moneyFormats.get(key);
	if (format === undefined) {
		format = new Intl.NumberFormat(locale, {
			style: 'currency',
			currency: 'USD',
			currencyDisplay: 'narrowSymbol',
			minimumFractionDigits: least,
			maximumFractionDigits: most,
		});
		moneyFormats.set(key, format);
	}
	return format;
}

const decimals = new Map<string, Intl.NumberFormat>();

function decimal(locale: string): Intl.NumberFormat {
	let format = decimals.get(locale);
	if (format === undefined) {
		format = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
		decimals.set(locale, format);
	}
	return format;
}

function supported(make: () => unknown): boolean {
	try {
		make();
		return true;
	} catch {
		return false;
	}
}
