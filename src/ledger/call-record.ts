import type { ContentState } from '../core/draft.ts';
import type { Cost } from '../core/pricing/cost.ts';

/** Bits of `CallRecord.flags`. */
export const USAGE_MISSING = 1;
export const DIVERGES = 2;
/** Seen as it happened: only such calls are named in news. */
export const LIVE = 4;
/** The response was made by us, since the process behind the call is gone. */
export const INTERRUPTED = 8;
/** Content was erased on request, whatever there was of it: reading the record again does not bring it back. */
export const ERASED = 16;

/** A row of `call`: the pair of request and response as it now stands. Unknown is `null`; times in microseconds where `_us`. */
export interface CallRecord {
	n: number;
	call_id: string;
	session_n: number;
	/** Order within the session, from 1. */
	seq: number;
	/** Agent, provider, model, kind, folder, state and billing. */
	dim_n: number;
	source_n: number;
	started_ms: number;
	ended_ms: number | null;
	latency_us: number | null;
	ttft_us: number | null;
	message_count: number | null;
	input: number | null;
	output: number | null;
	cache_read: number | null;
	cache_write: number | null;
	reasoning: number | null;
	cost_nano: number | null;
	cost_basis: Cost['basis'] | null;
	cost_bound: Cost['bound'] | null;
	flags: number;
	actual_model: string | null;
	finish_reason: string | null;
	call_content: ContentState;
	response_content: ContentState | null;
	/** `n` of a call that may be this one. */
	duplicate_of: number | null;
	/** The process that watches a pending live call. */
	writer_n: number | null;
	/** Goes into the digests of the content; `null` once that is erased. */
	salt: string | null;
	/** `event.n` of the latest request event; `null`: an orphan response. */
	call_event: number | null;
	response_event: number | null;
}

/**
 * Whether what a draft brings was erased on request, and so must not come back. A live answer that comes after the
 * erasing, to a call that was pending then, is new.
 */
export function isWithheld(record: CallRecord, half: 'call_event' | 'response_event', isLive: boolean): boolean {
	return (record.flags & ERASED) !== 0 && (record[half] !== null || !isLive);
}

/** Why the content of a pair is, or is not, there. */
export function contentStateOf({
	call_content,
	response_content,
}: Pick<CallRecord, 'call_content' | 'response_content'>): ContentState {
	if (call_content === 'erased' || response_content === 'erased') return 'erased';
	return call_content === 'none' ? (response_content ?? 'none') : call_content;
}

export const callColumns = [
	'n',
	'call_id',
	'session_n',
	'seq',
	'dim_n',
	'source_n',
	'started_ms',
	'ended_ms',
	'latency_us',
	'ttft_us',
	'message_count',
	'input',
	'output',
	'cache_read',
	'cache_write',
	'reasoning',
	'cost_nano',
	'cost_basis',
	'cost_bound',
	'flags',
	'actual_model',
	'finish_reason',
	'call_content',
	'response_content',
	'duplicate_of',
	'writer_n',
	'salt',
	'call_event',
	'response_event',
] as const satisfies readonly (keyof CallRecord)[];
