import type { CostLine } from '../../core/pricing/cost.ts';
import type { CallRow } from '../../core/views.ts';
import type { CallCost } from '../ledger.ts';

/** Providers cache no prompt that is shorter than this. */
const smallestPrompt = 1_024;
/** A last part that is not read back is no miss: caches work in blocks, and the newest message is rarely in them. */
const smallestPart = 0.1;

/** A call that paid in full for a prompt which the call before it had sent already. */
export interface CacheMiss {
	row: CallRow;
	/** Tokens of the call before that were not read from the cache. */
	tokens: number;
	/** From the end of the call before to the start of this one. */
	pauseMs: number;
}

/**
 * Calls that could have read more of their prompt from the cache. A conversation is sent again with each call: where the
 * prompt of a task went on growing, with the same model, all of the prompt before it is taken to stand at its beginning.
 * What was not read from the cache of it was paid for again. Calls whose origin says nothing of its cache are left out, and
 * so are those that began before the call before had ended: it may not have been in the cache yet.
 *
 * @param rows in any order, with the calls between them
 */
export function cacheMisses(rows: readonly CallRow[]): CacheMiss[] {
	const before = new Map<string, CallRow>();
	const misses: CacheMiss[] = [];
	for (const row of rows.toSorted((a, b) => a.startedAtMs - b.startedAtMs || a.seq - b.seq)) {
		if (row.inputTokens === null || row.state === 'pending') continue;
		const conversation = JSON.stringify([row.sessionId, row.provider, row.actualModel ?? row.model, row.kind]);
		const last = before.get(conversation);
		before.set(conversation, row);
		const isBeside = last !== undefined && last.endedAtMs !== null && row.startedAtMs < last.endedAtMs;
		const tokens = last === undefined || isBeside ? 0 : missedTokens(row, last);
		if (last === undefined || tokens === 0) continue;
		misses.push({ row, tokens, pauseMs: Math.max(0, row.startedAtMs - (last.endedAtMs ?? last.startedAtMs)) });
	}
	return misses;
}

function missedTokens({ inputTokens, cacheReadTokens }: CallRow, last: CallRow): number {
	const sentBefore = last.inputTokens ?? 0;
	// A shorter prompt is another one: the conversation was condensed, or the cache could not have helped.
	if (cacheReadTokens === null || (inputTokens ?? 0) < sentBefore || sentBefore < smallestPrompt) return 0;
	const missed = sentBefore - cacheReadTokens;
	return missed >= Math.max(smallestPrompt, sentBefore * smallestPart) ? missed : 0;
}

/**
 * What a miss cost above what reading from the cache would have, nano-USD; `null`: not known. Of the input that was paid
 * for, the missed part is taken to be the plain one, and only what is left of it was written to a cache anew.
 */
export function missCostNanoUsd({ tokens }: Pick<CacheMiss, 'tokens'>, paid: CallCost): number | null {
	const read = paid.cacheReadRatePicoUsd;
	if (read === null || paid.cost.lines.length === 0) return null;
	let left = tokens;
	let picoUsd = 0;
	for (const bucket of ['uncachedInput', 'cacheWrite5m', 'cacheWriteUnknownTtl', 'cacheWrite1h'] as const) {
		for (const line of paid.cost.lines.filter((each: CostLine) => each.bucket === bucket)) {
			const part = Math.min(left, line.tokens);
			picoUsd += part * Math.max(0, line.ratePicoUsd - read);
			left -= part;
		}
	}
	return Math.round(picoUsd / 1000);
}
