import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { CallRecord } from './call-record.ts';

export const DAY_MS = 86_400_000;

/** How many calls of each source began on each day (UTC): a list of sources needs no walk over all calls. */
export class SourceDays {
	readonly #changes = new Map<string, { day: number; source: number; calls: number }>();
	readonly #db: DatabaseSync;
	#statements: { add: StatementSync; sweep: StatementSync } | null = null;

	constructor(db: DatabaseSync) {
		this.#db = db;
	}

	/** Counts a call, or with `sign` -1 takes it away as it was counted before. */
	count({ started_ms, source_n }: Pick<CallRecord, 'started_ms' | 'source_n'>, sign: 1 | -1): void {
		const day = Math.floor(started_ms / DAY_MS);
		const key = `${day}/${source_n}`;
		const change = this.#changes.get(key);
		if (change) change.calls += sign;
		else this.#changes.set(key, { day, source: source_n, calls: sign });
	}

	flush(): void {
		const { add, sweep } = this.#prepared();
		for (const { day, source, calls } of this.#changes.values()) {
			if (calls === 0) continue;
			add.run(day, source, calls);
			if (calls < 0) sweep.run(day, source);
		}
		this.#changes.clear();
	}

	forget(): void {
		this.#changes.clear();
	}

	/** When they are first needed: a ledger of an earlier version that is only looked at lacks the table. */
	#prepared(): { add: StatementSync; sweep: StatementSync } {
		this.#statements ??= {
			add: this.#db.prepare(
				`INSERT INTO source_day (day, source_n, calls) VALUES (?, ?, ?)
				ON CONFLICT (day, source_n) DO UPDATE SET calls = calls + excluded.calls`,
			),
			sweep: this.#db.prepare('DELETE FROM source_day WHERE day = ? AND source_n = ? AND calls = 0'),
		};
		return this.#statements;
	}
}
