import type { Fold } from './fold.ts';
import type { Pages } from './pages.ts';

/** A record in the midst of being read, and the file it is read from. */
export interface HeldFold {
	fold: Fold;
	pages: Pages;
}

const maxFolds = 8;
const maxChars = 24_000_000;

/** The records that were read last, each as far as its cursor says, so that the next reading need not begin at the start. */
export class HeldFolds {
	readonly #held = new Map<string, HeldFold & { cursor: string }>();

	/** `null` when it is not there, or was read to another place. It is held no longer. */
	take(key: string, cursor: string): HeldFold | null {
		const found = this.#held.get(key);
		this.#held.delete(key);
		if (found?.cursor === cursor) return found;
		found?.pages.close();
		return null;
	}

	put(key: string, cursor: string, held: HeldFold): void {
		this.#held.set(key, { ...held, cursor });
		let chars = 0;
		for (const { fold } of this.#held.values()) chars += fold.heldChars;
		for (const [oldest, { fold, pages }] of this.#held) {
			if (this.#held.size <= maxFolds && chars <= maxChars) return;
			chars -= fold.heldChars;
			pages.close();
			this.#held.delete(oldest);
		}
	}
}
