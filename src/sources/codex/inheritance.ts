import { firstText, peek } from '../../core/foreign.ts';
import { type RolloutLine, timeOf, uuidTimeMs } from './rollout-line.ts';
import type { ThreadMeta } from './thread-meta.ts';
import { countsKey, eventCounts } from './token-counts.ts';

/** Copies are written in one go: what follows the file's first line this closely, with nothing else to go by, is copied. */
const copiedWithinMs = 1_000;

/** Turns of another agent's session that Codex has taken over. */
const importedTurn = 'external-import-turn-';

type CountsOf = (threadId: string) => ReadonlySet<string> | null;

/**
 * Tells a thread's own lines from those that were copied to its head: a fork, and often a subagent, repeats its parent's
 * history, token counts included, sometimes with the times of the fork on them.
 *
 * In this order: the ordinal from which the thread is its own; the thread that a usage record names; the time at which
 * the turn's id was made, which is before the thread's own for a copy; a time on the line from before the thread; the
 * parent's own counts. Once a line is the thread's own, all later ones are.
 */
export class Inheritance {
	readonly #meta: ThreadMeta;
	readonly #countsOf: CountsOf;
	readonly #metaAtMs: number | null;
	/** Looked up when first needed: it takes a reading of the parent's rollout. */
	#parentCounts: ReadonlySet<string> | null | undefined;
	#turnId: string | null = null;
	#isOwn: boolean;

	constructor(meta: ThreadMeta, metaAtMs: number | null, countsOf: CountsOf) {
		this.#meta = meta;
		this.#metaAtMs = metaAtMs;
		this.#countsOf = countsOf;
		this.#isOwn = meta.forkedFromId === null && meta.parentId === null && !meta.isSubagent;
	}

	/** Another thread's header follows: what comes is that thread's, whatever the first header said. */
	sawForeignHeader(): void {
		if (this.#turnId === null) this.#isOwn = false;
	}

	isInherited(line: RolloutLine): boolean {
		const turnId = firstText(peek(line.payload, 'turn_id'));
		if (turnId !== null) this.#turnId = turnId;
		if (this.#turnId?.startsWith(importedTurn)) return true;
		if (this.#isOwn) return false;
		const verdict = this.#judge(line);
		if (verdict === false) this.#isOwn = true;
		return verdict !== false;
	}

	/** `null`: this line does not tell, and goes with those before it. */
	#judge(line: RolloutLine): boolean | null {
		const { id, ownFromOrdinal, createdAtMs } = this.#meta;
		if (ownFromOrdinal !== null && line.ordinal !== null) return line.ordinal < ownFromOrdinal;
		if (line.type === 'token_usage_record') {
			const threadId = firstText(peek(line.payload, 'thread_id'));
			if (threadId !== null) return threadId !== id;
		}
		const bornMs = uuidTimeMs(id) ?? createdAtMs;
		const turnMs = uuidTimeMs(this.#turnId);
		if (bornMs !== null && turnMs !== null) return turnMs < bornMs;
		if (createdAtMs !== null && line.atMs !== null && line.atMs < createdAtMs) return true;
		return this.#judgeByCounts(line);
	}

	#judgeByCounts(line: RolloutLine): boolean | null {
		if (line.type !== 'event_msg' || peek(line.payload, 'type') !== 'token_count') return null;
		const total = eventCounts(line.payload)?.total ?? null;
		if (total === null) return null;
		const parentId = this.#meta.forkedFromId ?? this.#meta.parentId;
		if (this.#parentCounts === undefined) this.#parentCounts = parentId === null ? null : this.#countsOf(parentId);
		if (this.#parentCounts !== null) return this.#parentCounts.has(countsKey(total));
		if (this.#metaAtMs === null || line.atMs === null) return null;
		return line.atMs - this.#metaAtMs <= copiedWithinMs;
	}
}

/** When a header's line was written, or failing that, when it says that its thread began. */
export function headerTimeMs(line: RolloutLine): number | null {
	return line.atMs ?? timeOf(peek(line.payload, 'timestamp'));
}
