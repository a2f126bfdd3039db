import type { RequestInfo } from './records.ts';

/** How a call ended. `open`: it has not, as far as can be seen. */
export interface Outcome {
	state: 'ok' | 'error' | 'cancelled' | 'open';
	/** What to say of an error. */
	message: string | null;
}

/** A call that nothing was heard of for this long is over, whatever became of it. */
export const staleMs = 60 * 60 * 1000;

/** How long usage may still come after a stream's end: the agents look for it for 5 s and save for up to 1 s. */
export const usageGraceMs = 10_000;

/**
 * How a call ended, by its row and by whether the conversation has its answer.
 *
 * The agents write no state: a cancelled row says `user_cancelled`, a cut one `streaming_failed`, and one whose stream
 * had no usage says nothing at all (Roo), or `usageMissing` (Kilo).
 */
export function outcomeOf(
	info: RequestInfo,
	seen: { answered: boolean; failed: boolean; passed: boolean; stale: boolean },
): Outcome {
	const { cancelReason } = info;
	if (cancelReason === 'user_cancelled') return { state: 'cancelled', message: null };
	if (cancelReason !== undefined) {
		return { state: 'error', message: info.streamingFailedMessage ?? `The stream ended early (${cancelReason}).` };
	}
	if (hasCounts(info) || seen.answered || info.usageMissing === true) return { state: 'ok', message: null };
	if (seen.passed || seen.stale) {
		const message = seen.failed ? 'The request failed.' : 'Interrupted: the agent recorded no answer.';
		return { state: 'error', message };
	}
	return { state: 'open', message: null };
}

export function hasCounts({ tokensIn, tokensOut, cacheReads, cacheWrites }: RequestInfo): boolean {
	return [tokensIn, tokensOut, cacheReads, cacheWrites].some((count) => count !== undefined && count > 0);
}
