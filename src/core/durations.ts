import { numberFormat } from './intl-cache.ts';

/** `912ms`, `1.2s`, `1m 12s`, `2h 5m`, in the locale's way; `unknown` for `null`. */
export function formatDuration(ms: number | null, locale = 'en-US', unknown = '—'): string {
	if (ms === null) return unknown;
	if (ms < 999.5) return unit(ms, 'millisecond', locale, 0);
	if (ms < 59_950) return unit(ms / 1000, 'second', locale, 1);
	const seconds = Math.round(ms / 1000);
	if (seconds < 3600) return pair(Math.floor(seconds / 60), 'minute', seconds % 60, 'second', locale);
	const minutes = Math.round(seconds / 60);
	return pair(Math.floor(minutes / 60), 'hour', minutes % 60, 'minute', locale);
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string, locale: string): string {
	const first = unit(large, largeUnit, locale, 0);
	return small === 0 ? first : `${first} ${unit(small, smallUnit, locale, 0)}`;
}

function unit(value: number, name: string, locale: string, maximumFractionDigits: number): string {
	return numberFormat(locale, { style: 'unit', unit: name, unitDisplay: 'narrow', maximumFractionDigits }).format(
		value,
	);
}
