import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { CallRecord } from './call-record.ts';
import { samePrint } from './event-print.ts';

/**
 * What readings of a call have said before and is no longer, or never was, its latest event. Two files that tell the
 * same call differently would else replace each other at every reading.
 */
export class SeenPrints {
	readonly #find: StatementSync;
	readonly #add: StatementSync;

	constructor(db: DatabaseSync) {
		this.#find = db.prepare('SELECT 1 FROM seen WHERE call_n = ? AND print = ?');
		this.#add = db.prepare('INSERT OR IGNORE INTO seen (call_n, print) VALUES (?, ?)');
	}

	/** `latest`: the print of the event that stands, `null` when there is none yet. */
	has(record: CallRecord, latest: Uint8Array | null, print: Uint8Array): boolean {
		if (latest === null) return false;
		return samePrint(latest, print) || this.#find.get(record.n, print) !== undefined;
	}

	add(record: CallRecord, print: Uint8Array): void {
		this.#add.run(record.n, print);
	}
}
