import { setImmediate } from 'node:timers/promises';
import type { ContentSetting } from '../core/redact.ts';
import type { LedgerClient } from '../ledger/ledger-client.ts';

/** A ledger that was opened, and how its owner wants prompts and completions to be kept there. */
export interface OpenedLedger {
	ledger: LedgerClient;
	/** As it is set now: the user may have changed it since. */
	content: () => ContentSetting;
	/** Has what is written from now on kept and priced as it is set now, and tells how it is kept. */
	renew: () => Promise<ContentSetting>;
}

/** How the ledger is come by. Both throw what a person, or a model, can act on when there is none. */
export interface LedgerDoor {
	/** One that exists, to look at: it is neither made nor changed. */
	toRead(): OpenedLedger;
	/** Makes it where there is none yet. */
	toWrite(): OpenedLedger;
}

/**
 * The ledger of a server that may run before there is one, and that mostly looks at it: opened when it is first asked
 * for, and for writing only once something is to be written.
 */
export class LedgerAtHand {
	readonly #door: LedgerDoor;
	#reading: OpenedLedger | null = null;
	#writing: OpenedLedger | null = null;
	readonly #writes = new Set<Promise<unknown>>();
	#closed = false;

	constructor(door: LedgerDoor) {
		this.#door = door;
	}

	forReading(): OpenedLedger {
		this.#mustBeOpen();
		if (this.#writing !== null) return this.#writing;
		this.#reading ??= this.#door.toRead();
		return this.#reading;
	}

	/** Does something with the ledger that changes it, and is waited for before the ledger is closed. */
	async write<T>(work: (opened: OpenedLedger) => Promise<T>): Promise<T> {
		this.#mustBeOpen();
		this.#writing ??= this.#door.toWrite();
		const done = work(this.#writing);
		this.#writes.add(done);
		try {
			return await done;
		} finally {
			this.#writes.delete(done);
		}
	}

	/** Resolves when what was recorded is in the file, or known not to get there, and the file is let go. */
	async close(): Promise<void> {
		// What a client sent right before it closed its side has only just come in.
		await setImmediate();
		this.#closed = true;
		await Promise.allSettled(this.#writes);
		await Promise.all([this.#reading?.ledger.close(), this.#writing?.ledger.close()]);
	}

	#mustBeOpen(): void {
		if (this.#closed) throw new Error('The server is ending.');
	}
}
