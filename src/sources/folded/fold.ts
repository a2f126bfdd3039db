import type { DraftInput } from '../../core/draft.ts';
import type { ReadOptions, SkipReason } from '../source.ts';

/**
 * One record of JSON lines, taken line by line, as the calls that it tells of. It holds what the lines before have set.
 * The same lines always give the same calls, however they are dealt out.
 */
export interface Fold {
	take(value: unknown): void;
	/** A line as bytes, when no text is wanted: `true` if that was enough of it, and it need not be parsed. */
	takeUnparsed?(line: Buffer): boolean;
	/** The drafts made since they were last taken. */
	drain(): DraftInput[];
	/** What was left out since the first line. */
	readonly skipped: Readonly<Partial<Record<SkipReason, number>>>;
	/** Whether the record is to be read; `null` while too little is known of it. */
	verdict(options: ReadOptions): 'yes' | SkipReason | null;
	/** The same when a page is over, with what is known then. */
	lastVerdict(options: ReadOptions): 'yes' | SkipReason;
	/** When the last answer began that has not ended yet, epoch milliseconds; `null` for none. */
	readonly openSinceMs: number | null;
	/** Ends what is still open: the agent has written nothing for so long that it must be gone. */
	giveUp(): void;
	/** Size of what it holds, in characters. */
	readonly heldChars: number;
}
