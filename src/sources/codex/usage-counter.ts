import { peek } from '../../core/foreign.ts';
import { addedCounts, eventCounts, isServed, sameCounts, type TokenCounts, tokenCounts } from './token-counts.ts';

/** What a line with counts says: a call that ended, or why it is none. */
export type Counted =
	| { is: 'call'; counts: TokenCounts }
	/** The call that was counted before, once more. */
	| { is: 'sameCall' }
	/** Nothing was added. */
	| { is: 'noNews' }
	/** A change that nothing was served for: a full context, or one that was shortened. */
	| { is: 'noCall' }
	/** Another thread's total, from which this one goes on. */
	| { is: 'handedOn' };

/** Tells calls by their counts, whichever way a release of Codex writes them. */
export class UsageCounter {
	/** The running total when the last call ended. */
	#total: TokenCounts | null = null;
	/** Counts of a usage record that the next `token_count` repeats. */
	#recorded: TokenCounts | null = null;

	get total(): TokenCounts | null {
		return this.#total;
	}

	/** A `token_usage_record`; `null` when it has no counts. */
	takeRecord(payload: unknown): TokenCounts | null {
		const counts = tokenCounts(peek(payload, 'usage'));
		if (counts === null) return null;
		this.#total = tokenCounts(peek(payload, 'thread_token_usage')) ?? this.#total;
		this.#recorded = counts;
		return counts;
	}

	/**
	 * A `token_count`. `maybeHandedOn`: the thread goes on from another one, and its model has said nothing yet, so that a
	 * first total beyond the first counts is that other's.
	 */
	takeEvent(payload: unknown, maybeHandedOn: boolean): Counted {
		const counts = eventCounts(payload);
		const recorded = this.#recorded;
		this.#recorded = null;
		if (counts === null || counts.total === null || sameCounts(counts.total, this.#total)) {
			return { is: recorded === null ? 'noNews' : 'sameCall' };
		}
		const before = this.#total;
		this.#total = counts.total;
		if (recorded !== null && counts.last !== null && sameCounts(recorded, counts.last)) return { is: 'sameCall' };
		const added = counts.last ?? addedCounts(before, counts.total) ?? counts.total;
		if (!isServed(added)) return { is: 'noCall' };
		const isHandedOn = before === null && maybeHandedOn && !sameCounts(counts.last, counts.total);
		return isHandedOn ? { is: 'handedOn' } : { is: 'call', counts: added };
	}
}
