import * as z from 'zod';
import { bucketOf, dateOf, dayOf } from '../../core/time-buckets.ts';
import type { TimeRange } from '../../core/views.ts';
import { QuestionProblem } from './answer.ts';
import { clockText } from './wording.ts';

const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
/** ISO 8601 with four digits of a year ends here. */
const lastMs = 253_402_300_800_000;
/** No end: clocks of agents may be ahead of ours. */
const endless = Number.MAX_SAFE_INTEGER;

/** How a question says which time it is about. */
export const timeQuestion = {
	range: z
		.string()
		.regex(
			/^(today|yesterday|this-week|this-month|all|\d{1,4}[mhdw])$/,
			'range must be today, yesterday, this-week, this-month, all, or a time back from now such as 24h, 7d, 4w',
		)
		.optional()
		.describe(
			'Which time: today, yesterday, this-week, this-month, all, or back from now such as 24h, 7d, 4w. Days are local.',
		),
	from: z
		.string()
		.max(40)
		.optional()
		.describe('Calls from then on: 2026-11-22, or ISO 8601 such as 2026-11-22T14:30Z.'),
	to: z.string().max(40).optional().describe('Calls before then; a day is meant whole.'),
};
export interface TimeQuestion {
	range?: string | undefined;
	from?: string | undefined;
	to?: string | undefined;
}

/** A time, and its name. */
export interface NamedRange {
	/** `null`: no bound. */
	range: TimeRange | null;
	name: string;
}

/**
 * The time that a question is about. `fallback` stands for a question that says nothing of it.
 *
 * @throws {QuestionProblem} for what is no time, and for an end before the start.
 */
export function rangeOf(question: TimeQuestion, fallback: string, nowMs: number, timeZone: string): NamedRange {
	const { from, to } = question;
	if (from === undefined && to === undefined) return wordRange(question.range ?? fallback, nowMs, timeZone);
	if (question.range !== undefined) throw new QuestionProblem('Give either range, or from and to.');
	const fromMs = from === undefined ? 0 : momentOf('from', from, timeZone).startMs;
	const toMs = to === undefined ? endless : momentOf('to', to, timeZone).endMs;
	if (toMs <= fromMs) throw new QuestionProblem('to is not after from.');
	const name = [from !== undefined && `from ${from}`, to !== undefined && `to ${to}`].filter((each) => each !== false);
	return { range: { fromMs, toMs }, name: `${name.join(' ')} (${timeZone})` };
}

function wordRange(word: string, nowMs: number, timeZone: string): NamedRange {
	const back = /^(\d+)([mhdw])$/.exec(word);
	if (back !== null) {
		const length = Number(back[1]) * unitMs[back[2] as keyof typeof unitMs];
		return { range: { fromMs: Math.max(0, nowMs - length), toMs: endless }, name: `the last ${word}` };
	}
	const today = bucketOf(nowMs, 'day', timeZone);
	switch (word) {
		case 'all':
			return { range: null, name: 'all time' };
		case 'yesterday': {
			const day = bucketOf(today.startMs - 1, 'day', timeZone);
			return dayRange('yesterday', day.startMs, day.endMs, timeZone);
		}
		case 'this-week':
			return dayRange('this week', bucketOf(nowMs, 'week', timeZone).startMs, today.endMs, timeZone);
		case 'this-month': {
			const first = dayOf(`${dateOf(nowMs, timeZone).slice(0, 8)}01`, timeZone);
			return dayRange('this month', first?.startMs ?? today.startMs, today.endMs, timeZone);
		}
		default:
			return dayRange('today', today.startMs, today.endMs, timeZone);
	}
}

function dayRange(name: string, fromMs: number, toMs: number, timeZone: string): NamedRange {
	const days = [...new Set([dateOf(fromMs, timeZone), dateOf(toMs - 1, timeZone)])];
	return { range: { fromMs, toMs }, name: `${name} (${days.join(' to ')}, ${timeZone})` };
}

/** `[startMs, endMs)` of what was named: a day, or one moment. Without a zone the clock is the asker's. */
function momentOf(field: string, text: string, timeZone: string): { startMs: number; endMs: number } {
	const day = /^\d{4}-\d\d-\d\d$/.test(text) ? dayOf(text, timeZone) : null;
	if (day !== null) return day;
	const parts = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)(Z|[+-]\d\d:\d\d)?$/.exec(text);
	if (parts !== null && dayOf(parts[1] ?? '', timeZone) !== null) {
		const [, date, clock, zone] = parts;
		const utcMs = Date.parse(`${date}T${clock}${zone ?? 'Z'}`);
		const at = zone === undefined ? localMoment(utcMs, timeZone) : utcMs;
		if (!Number.isNaN(at) && at >= 0 && at < lastMs) return { startMs: at, endMs: at };
	}
	throw new QuestionProblem(`${field} is no time: write 2026-11-22, or ISO 8601 such as 2026-11-22T14:30Z.`);
}

/** The moment at which a clock of the zone shows what one of UTC shows at `utcMs`. One that the clock skips is the one after. */
function localMoment(utcMs: number, timeZone: string): number {
	if (Number.isNaN(utcMs)) return utcMs;
	// What the zone is ahead of UTC, seen from nearby; nearer the second time, should the clock change between.
	const near = utcMs - aheadMs(utcMs, timeZone);
	return utcMs - aheadMs(near, timeZone);
}

function aheadMs(ms: number, timeZone: string): number {
	const seconds = Math.floor(ms / 1000) * 1000;
	return Date.parse(`${clockText(seconds, timeZone).replace(' ', 'T')}Z`) - seconds;
}
