import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { CallKind, Origin } from '../core/draft.ts';
import type { CallState } from '../core/views.ts';

/** What sums are grouped and filtered by. */
export interface Dimension {
	agent_id: string;
	provider: string;
	model: string;
	kind: CallKind;
	/** Empty: unknown. */
	folder: string;
	state: CallState;
	billing: Origin['billing'];
}

/** The few combinations of dimensions that a ledger has, by number. Never deleted, so that a number stays what it was. */
export class Dimensions {
	readonly #byKey = new Map<string, number>();
	readonly #byNumber = new Map<number, Dimension>();
	readonly #insert: StatementSync;
	readonly #find: StatementSync;
	readonly #read: StatementSync;

	constructor(db: DatabaseSync) {
		const columns = 'agent_id, provider, model, kind, folder, state, billing';
		this.#insert = db.prepare(`INSERT OR IGNORE INTO dim (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?)`);
		this.#find = db.prepare(`SELECT n FROM dim WHERE (${columns}) = (?, ?, ?, ?, ?, ?, ?)`);
		this.#read = db.prepare(`SELECT ${columns} FROM dim WHERE n = ?`);
	}

	/** The number of a combination, new or old. Only inside a write transaction. */
	number(dimension: Dimension): number {
		const { agent_id, provider, model, kind, folder, state, billing } = dimension;
		const key = `${agent_id}\n${provider}\n${model}\n${kind}\n${folder}\n${state}\n${billing}`;
		const known = this.#byKey.get(key);
		if (known !== undefined) return known;
		const values = [agent_id, provider, model, kind, folder, state, billing];
		this.#insert.run(...values);
		const n = Number(this.#find.get(...values)?.n);
		this.#byKey.set(key, n);
		this.#byNumber.set(n, { ...dimension });
		return n;
	}

	get(n: number): Dimension {
		const known = this.#byNumber.get(n);
		if (known) return known;
		const row = this.#read.get(n);
		if (!row) throw new Error(`The ledger has no dimension ${n}`);
		const dimension = { ...row } as unknown as Dimension;
		this.#byNumber.set(n, dimension);
		return dimension;
	}

	forget(): void {
		this.#byKey.clear();
		this.#byNumber.clear();
	}
}
