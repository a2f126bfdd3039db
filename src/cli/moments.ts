import type { TimeRange } from '../core/views.ts';
import { CliProblem, exitCodes } from './environment.ts';

const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** The forms that `--from` and `--to` take, for their help. */
export const momentForms = '2026-11-22, 2026-11-22T14:30, today, yesterday, 24h, 7d (ago)';

/**
 * The calls between two moments. A day as the end is the whole of it; without an end there is none, and without both no
 * restriction. Days are those of this machine's time zone.
 *
 * @throws CliProblem for what is no moment, and for an end before the start.
 */
export function rangeBetween(from: string | undefined, to: string | undefined, nowMs: number): TimeRange | undefined {
	if (from === undefined && to === undefined) return undefined;
	const fromMs = from === undefined ? 0 : moment(from, '--from', nowMs).startMs;
	const toMs = to === undefined ? Number.MAX_SAFE_INTEGER : moment(to, '--to', nowMs).endMs;
	if (toMs <= fromMs) throw new CliProblem(`--to ${to} is not after --from ${from}.`, exitCodes.usage);
	return { fromMs, toMs };
}

/**
 * The moment before which things are meant, epoch milliseconds: of a day its start.
 *
 * @throws CliProblem for what is no moment.
 */
export function momentBefore(text: string, nowMs: number): number {
	return moment(text, '--before', nowMs).startMs;
}

/** `[startMs, endMs)` of what a word names: a day, or one moment. */
function moment(text: string, option: string, nowMs: number): { startMs: number; endMs: number } {
	const ago = /^(\d+)([mhdw])$/.exec(text);
	if (ago !== null) {
		const at = nowMs - Number(ago[1]) * unitMs[ago[2] as keyof typeof unitMs];
		return { startMs: Math.max(0, at), endMs: Math.max(0, at) };
	}
	const today = new Date(nowMs);
	if (text === 'today') return day(today.getFullYear(), today.getMonth(), today.getDate());
	if (text === 'yesterday') return day(today.getFullYear(), today.getMonth(), today.getDate() - 1);
	if (text === 'now') return { startMs: nowMs, endMs: nowMs };
	const date = /^(\d{4})-(\d\d)-(\d\d)(T.*)?$/.exec(text);
	let at = Number.NaN;
	if (date !== null) {
		const [year, month, dayOfMonth] = [Number(date[1]), Number(date[2]) - 1, Number(date[3])];
		const found = new Date(year, month, dayOfMonth);
		// Not every month has a 31st: JavaScript would take the month after.
		if (found.getMonth() === month && found.getDate() === dayOfMonth) {
			if (date[4] === undefined) return day(year, month, dayOfMonth);
			at = Date.parse(text);
		}
	}
	if (Number.isNaN(at) || at < 0) {
		throw new CliProblem(`${option} ${text} is no date. It takes: ${momentForms}.`, exitCodes.usage);
	}
	return { startMs: at, endMs: at };
}

function day(year: number, month: number, dayOfMonth: number): { startMs: number; endMs: number } {
	return {
		startMs: new Date(year, month, dayOfMonth).getTime(),
		endMs: new Date(year, month, dayOfMonth + 1).getTime(),
	};
}
