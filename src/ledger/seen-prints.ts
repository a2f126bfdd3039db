import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { StoredPayload } from '../core/stored-events.ts';
import type { CallRecord } from './call-record.ts';
import { printOf, saidBy } from './event-print.ts';

/**
 * What readings of a call have said before that is no longer, or never was, its latest event. Two files that tell the
 * same call differently would else replace each other at every reading.
 */
export class SeenPrints {
	readonly #find: StatementSync;
	readonly #add: StatementSync;

	constructor(db: DatabaseSync) {
		this.#find = db.prepare('SELECT 1 FROM seen WHERE call_n = ? AND print = ?');
		this.#add = db.prepare('INSERT OR IGNORE INTO seen (call_n, print) VALUES (?, ?)');
	}

	/** Whether a reading says what the latest event says, or what another reading said before it. */
	has(record: CallRecord, latest: StoredPayload, next: StoredPayload): boolean {
		const said = saidBy(next);
		return said === saidBy(latest) || this.#find.get(record.n, printOf(said)) !== undefined;
	}

	add(record: CallRecord, payload: StoredPayload): void {
		this.#add.run(record.n, printOf(saidBy(payload)));
	}
}
