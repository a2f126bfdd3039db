import { isTimeZone } from './time-buckets.ts';

/**
 * The zone of this machine's clock, as `Intl` takes it: an IANA name, or where the system gives its clock no name that
 * is one (`TZ=:/etc/localtime`, `TZ=UTC+3`, `TZ=`), what that clock is ahead of UTC now, such as `-03:00`.
 */
export function localTimeZone(): string {
	// Declared as a text, and `undefined` or no zone at all for such a clock.
	const name: string | undefined = new Intl.DateTimeFormat().resolvedOptions().timeZone;
	return name !== undefined && isTimeZone(name) ? name : offsetZone(-new Date().getTimezoneOffset());
}

function offsetZone(aheadMinutes: number): string {
	const minutes = Math.abs(Math.round(aheadMinutes));
	const parts = [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0'));
	return `${aheadMinutes < 0 ? '-' : '+'}${parts.join(':')}`;
}
