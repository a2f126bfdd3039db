import type { CallDraft, ResponseDraft } from '../core/draft.ts';
import { inputTotalOf } from '../core/usage.ts';
import { type CallRecord, INTERRUPTED } from './call-record.ts';

/** When a call ran, as far as is known, and what it counted. Times in epoch milliseconds. */
export interface CallSpan {
	fromMs: number;
	untilMs: number;
	inputTokens: number | null;
	outputTokens: number | null;
}

/** Transcripts write when a line was saved, spans when the request was sent: records of one call differ by less. */
const TOLERANCE_MS = 60_000;

/**
 * Whether a name tells of one call whatever else is known. Names with a namespace (`codex:…`) are made by sources to be
 * one of their kind; a copy of a call in a fork may carry another time. What a provider gave as its id may come again:
 * servers on the user's own machine draw theirs from a small set, and count anew when they start.
 */
export function isExactName(alias: string): boolean {
	return alias.includes(':');
}

/**
 * Whether two records that a provider's id links are of one call: they ran at the same time, and what they counted does
 * not contradict that. Origins count differently (a stream read half-way, a cache left out), so that only records that
 * agree on neither input nor output are two calls.
 */
export function couldBeSameCall(a: CallSpan, b: CallSpan): boolean {
	if (a.fromMs > b.untilMs + TOLERANCE_MS || b.fromMs > a.untilMs + TOLERANCE_MS) return false;
	return !(isFarApart(a.inputTokens, b.inputTokens) && isFarApart(a.outputTokens, b.outputTokens));
}

function isFarApart(a: number | null, b: number | null): boolean {
	if (a === null || b === null) return false;
	return Math.abs(a - b) > Math.max(16, 0.1 * Math.max(a, b));
}

export function spanOfDraft(draft: CallDraft | ResponseDraft): CallSpan {
	if (draft.eventType === 'llm_call') {
		return { fromMs: draft.startedAtMs, untilMs: draft.startedAtMs, inputTokens: null, outputTokens: null };
	}
	const { endedAtMs, latencyMs, usage } = draft;
	return {
		fromMs: endedAtMs - (latencyMs ?? 0),
		untilMs: endedAtMs,
		inputTokens: usage && inputTotalOf(usage),
		outputTokens: usage?.output ?? null,
	};
}

export function spanOfRecord({ started_ms, ended_ms, flags, input, output }: CallRecord): CallSpan {
	// When an interrupted call ended is not known: what it has is when it was found.
	const untilMs = flags & INTERRUPTED ? started_ms : (ended_ms ?? started_ms);
	return { fromMs: started_ms, untilMs, inputTokens: input, outputTokens: output };
}

/** How the table of names writes an id that another call, the first, had before. No origin writes such a name. */
export function namesake(alias: string, at: number): string {
	return `\u0001${at} ${alias}`;
}

/** An id as its origin wrote it. */
export function plainName(alias: string): string {
	return alias.startsWith('\u0001') ? alias.slice(alias.indexOf(' ') + 1) : alias;
}
