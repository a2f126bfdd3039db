import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { StateEntry } from '../core/import-port.ts';

/** How far each unit of each source's records was read, kept for the importer beside the calls themselves. */
export class SourceStates {
	readonly #db: DatabaseSync;
	readonly #all: StatementSync;
	readonly #save: StatementSync;

	constructor(db: DatabaseSync) {
		this.#db = db;
		this.#all = db.prepare('SELECT key, value, calls FROM source_state WHERE source = :source');
		this.#save = db.prepare(
			`INSERT INTO source_state (source, key, value, calls) VALUES (:source, :key, :value, :calls)
			ON CONFLICT DO UPDATE SET value = excluded.value, calls = calls + excluded.calls`,
		);
	}

	of(source: string): StateEntry[] {
		return this.#all.all({ source }) as unknown as StateEntry[];
	}

	/** Adds or replaces entries; their `calls` are added to those there. */
	save(source: string, entries: readonly StateEntry[]): void {
		this.#db.exec('BEGIN IMMEDIATE');
		try {
			for (const { key, value, calls } of entries) this.#save.run({ source, key, value, calls });
			this.#db.exec('COMMIT');
		} catch (error) {
			if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
			throw error;
		}
	}
}
