import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { CallFilter } from '../../core/views.ts';
import type { Dimension } from '../dimensions.ts';

/** A filter as the tables understand it. */
export interface ResolvedFilter {
	/** Dimensions that pass; `null`: all do. */
	dims: ReadonlySet<number> | null;
	/** `session.n`; `null`: any. -1: a session that the ledger does not have. */
	session: number | null;
	range: { fromMs: number; toMs: number } | null;
}

/** Shared by the queries: statements by their text, and the few dimensions there are. */
export class Reader {
	readonly db: DatabaseSync;
	readonly #statements = new Map<string, StatementSync>();
	#dims = new Map<number, Dimension>();

	constructor(db: DatabaseSync) {
		this.db = db;
	}

	/** A statement, prepared once. The texts come from a closed set: values are always bound. */
	sql(text: string): StatementSync {
		let statement = this.#statements.get(text);
		if (!statement) {
			statement = this.db.prepare(text);
			this.#statements.set(text, statement);
		}
		return statement;
	}

	/** Runs several queries on one state of the file. */
	snapshot<T>(read: () => T): T {
		this.db.exec('BEGIN');
		try {
			return read();
		} finally {
			if (this.db.isTransaction) this.db.exec('COMMIT');
		}
	}

	dimension(n: number): Dimension {
		const dimension = this.#dims.get(n) ?? this.#loadDims().get(n);
		if (!dimension) throw new Error(`The ledger has no dimension ${n}`);
		return dimension;
	}

	resolve(filter: CallFilter): ResolvedFilter {
		return {
			dims: this.#matching(filter),
			session: filter.sessionId === undefined ? null : this.#session(filter.sessionId),
			range: filter.range ?? null,
		};
	}

	revision(): number {
		return Number(this.sql(`SELECT value FROM meta WHERE key = 'revision'`).get()?.value ?? 0);
	}

	#session(id: string): number {
		return Number(this.sql('SELECT n FROM session WHERE session_id = ?').get(id)?.n ?? -1);
	}

	#matching({ agentId, provider, model, kind, state, folder }: CallFilter): ReadonlySet<number> | null {
		if ([agentId, provider, model, kind, state, folder].every((value) => value === undefined)) return null;
		const matching = new Set<number>();
		for (const [n, dim] of this.#loadDims()) {
			if (agentId !== undefined && dim.agent_id !== agentId) continue;
			if (provider !== undefined && dim.provider !== provider) continue;
			if (model !== undefined && dim.model !== model) continue;
			if (kind !== undefined && dim.kind !== kind) continue;
			if (state !== undefined && dim.state !== state) continue;
			if (folder !== undefined && dim.folder !== folder) continue;
			matching.add(n);
		}
		return matching;
	}

	/** Dimensions are only ever added: read those that are new. */
	#loadDims(): ReadonlyMap<number, Dimension> {
		const rows = this.sql(
			'SELECT n, agent_id, provider, model, kind, folder, state, billing FROM dim WHERE n > ? ORDER BY n',
		).all(Math.max(0, ...this.#dims.keys()));
		if (rows.length > 0) {
			this.#dims = new Map(this.#dims);
			for (const row of rows) this.#dims.set(Number(row.n), row as unknown as Dimension);
		}
		return this.#dims;
	}
}
