import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { CallFilter } from '../../core/views.ts';
import type { Dimension } from '../dimensions.ts';
import { TABLES_VERSION, userVersion } from '../migrations.ts';

/** What only a call's own row tells, and no sum over time: `callConditions` has the SQL of each. */
export type OwnTest = 'source' | 'request' | 'orphan' | 'usageMissing' | 'unpriced' | 'minCost' | 'minLatency';

/** A filter as the tables understand it. */
export interface ResolvedFilter {
	/** Dimensions that pass; `null`: all do. */
	dims: ReadonlySet<number> | null;
	/** `session.n`; `null`: any. -1: a session that the ledger does not have. */
	session: number | null;
	range: { fromMs: number; toMs: number } | null;
	/** With the number that a test compares with; `null`: it needs none. */
	own: ReadonlyMap<OwnTest, number | null>;
}

/** The filter that everything passes. */
export const noFilter: ResolvedFilter = { dims: null, session: null, range: null, own: new Map() };

/** Shared by the queries: statements by their text, and the few dimensions there are. */
export class Reader {
	readonly db: DatabaseSync;
	/** All tables and indexes are there. A ledger of an earlier version that is only looked at lacks the newer ones. */
	readonly isCurrent: boolean;
	readonly #statements = new Map<string, StatementSync>();
	readonly #columns = new Map<string, StatementSync>();
	#dims = new Map<number, Dimension>();
	#lastDim = 0;

	constructor(db: DatabaseSync) {
		this.db = db;
		this.isCurrent = userVersion(db) >= TABLES_VERSION;
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

	/** A statement that gives its rows as arrays of numbers, for those who read many. */
	columns(text: string): StatementSync {
		let statement = this.#columns.get(text);
		if (!statement) {
			statement = this.db.prepare(text);
			statement.setReturnArrays(true);
			this.#columns.set(text, statement);
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
			own: this.#own(filter),
		};
	}

	/** A call by its id or any other name of it; `null`: there is none. */
	callNumber(id: string): number | null {
		const row =
			this.sql('SELECT n FROM call WHERE call_id = ?').get(id) ??
			this.sql('SELECT call_n AS n FROM alias WHERE alias = ?').get(id);
		return row ? Number(row.n) : null;
	}

	revision(): number {
		return this.#meta('revision');
	}

	/** The revision at which calls were last taken out. */
	removedAt(): number {
		return this.#meta('removed');
	}

	#meta(key: string): number {
		return Number(this.sql('SELECT value FROM meta WHERE key = ?').get(key)?.value ?? 0);
	}

	#session(id: string): number {
		return Number(this.sql('SELECT n FROM session WHERE session_id = ?').get(id)?.n ?? -1);
	}

	#own({ source, event, orphan, usageMissing, unpriced, minCostNanoUsd, minLatencyMs }: CallFilter) {
		const own = new Map<OwnTest, number | null>();
		if (source !== undefined) {
			own.set('source', Number(this.sql('SELECT n FROM source WHERE name = ?').get(source)?.n ?? -1));
		}
		if (event === 'llm_call' || event === 'paired') own.set('request', null);
		if (orphan) own.set('orphan', null);
		if (usageMissing) own.set('usageMissing', null);
		if (unpriced) own.set('unpriced', null);
		if (minCostNanoUsd !== undefined) own.set('minCost', minCostNanoUsd);
		// Whole microseconds are stored; a product such as 4.35 * 1000 is a little off.
		if (minLatencyMs !== undefined) own.set('minLatency', Math.ceil(minLatencyMs * 1000 - 1e-6));
		return own;
	}

	#matching({ agentId, provider, model, kind, state, folder, folders, event }: CallFilter): ReadonlySet<number> | null {
		// A call without its response is pending, and only such a call is.
		const ended = event === 'llm_response' || event === 'paired';
		if (!ended && [agentId, provider, model, kind, state, folder, folders].every((value) => value === undefined))
			return null;
		const matching = new Set<number>();
		for (const [n, dim] of this.#loadDims()) {
			if (agentId !== undefined && dim.agent_id !== agentId) continue;
			if (provider !== undefined && dim.provider !== provider) continue;
			if (model !== undefined && dim.model !== model) continue;
			if (kind !== undefined && dim.kind !== kind) continue;
			if (state !== undefined && dim.state !== state) continue;
			if (folder !== undefined && dim.folder !== folder) continue;
			if (folders !== undefined && !folders.includes(dim.folder)) continue;
			if (ended && dim.state === 'pending') continue;
			matching.add(n);
		}
		return matching;
	}

	/** Dimensions are only ever added: read those that are new. */
	#loadDims(): ReadonlyMap<number, Dimension> {
		const rows = this.sql(
			'SELECT n, agent_id, provider, model, kind, folder, state, billing FROM dim WHERE n > ? ORDER BY n',
		).all(this.#lastDim);
		for (const row of rows) {
			this.#lastDim = Number(row.n);
			this.#dims.set(this.#lastDim, row as unknown as Dimension);
		}
		return this.#dims;
	}
}
