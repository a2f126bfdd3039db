import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { RecordCache } from './record-cache.ts';
import { RowWriter } from './row-writer.ts';
import { type SessionRecord, sessionColumns } from './session-record.ts';
import type { Sums } from './sums.ts';

const MAX_CACHED = 2_000;

/** What a session is known by when its first event comes. */
export interface SessionSeed {
	session_id: string;
	agent_id: string;
	parent_session_id: string | null;
	folder: string | null;
	atMs: number;
}

/** The sessions of a write transaction: chain heads and sums. */
export class SessionTable {
	readonly #cache = new RecordCache<SessionRecord>(MAX_CACHED);
	readonly #numbers = new Map<string, number>();
	readonly #find: StatementSync;
	readonly #read: StatementSync;
	readonly #last: StatementSync;
	readonly #remove: StatementSync;
	readonly #writer: RowWriter<SessionRecord>;
	#next: number | null = null;

	constructor(db: DatabaseSync) {
		const columns = sessionColumns.join(', ');
		this.#find = db.prepare(`SELECT ${columns} FROM session WHERE session_id = ?`);
		this.#read = db.prepare(`SELECT ${columns} FROM session WHERE n = ?`);
		this.#last = db.prepare('SELECT coalesce(max(n), 0) AS n FROM session');
		this.#remove = db.prepare('DELETE FROM session WHERE n = ?');
		this.#writer = new RowWriter(db, 'session', sessionColumns, 'INSERT OR REPLACE');
	}

	/** The session of an event, made when it is the first. */
	open(seed: SessionSeed): SessionRecord {
		const session = this.find(seed.session_id) ?? this.#create(seed);
		this.#cache.change(session);
		session.started_ms = Math.min(session.started_ms, seed.atMs);
		session.last_ms = Math.max(session.last_ms, seed.atMs);
		session.parent_session_id ??= seed.parent_session_id;
		session.folder ??= seed.folder;
		return session;
	}

	find(sessionId: string): SessionRecord | null {
		const n = this.#numbers.get(sessionId);
		const cached = n === undefined ? undefined : this.#cache.get(n);
		if (cached) return cached;
		return this.#keep(this.#find.get(sessionId));
	}

	get(n: number): SessionRecord {
		const session = this.#cache.get(n) ?? this.#keep(this.#read.get(n));
		if (!session) throw new Error(`The ledger has no session ${n}`);
		return session;
	}

	/** Says that a session is about to change. */
	change(session: SessionRecord): void {
		this.#cache.change(session);
	}

	/** Adds sums of calls, or takes them away. */
	count(n: number, sums: Readonly<Sums>, pending: number, sign: 1 | -1): void {
		const session = this.get(n);
		this.#cache.change(session);
		session.llm_call_count += sign * sums.calls;
		session.pending_count += sign * pending;
		session.unpriced_count += sign * sums.unpriced;
		session.total_input_tokens += sign * sums.input;
		session.total_output_tokens += sign * sums.output;
		session.total_cache_read_tokens += sign * sums.cache_read;
		session.total_cache_write_tokens += sign * sums.cache_write;
		session.total_cost_nano_usd += sign * sums.cost_nano;
		session.at_least_count += sign * sums.at_least;
		session.at_most_count += sign * sums.at_most;
	}

	remove(session: SessionRecord): void {
		this.#remove.run(session.n);
		this.#numbers.delete(session.session_id);
		this.#cache.drop(session.n);
	}

	flush(): void {
		for (const [session] of this.#cache.changes()) this.#writer.write(session);
		if (this.#cache.settle()) this.#numbers.clear();
	}

	forget(): void {
		this.#cache.forget();
		this.#numbers.clear();
		this.#next = null;
	}

	#create(seed: SessionSeed): SessionRecord {
		this.#next ??= Number(this.#last.get()?.n) + 1;
		const session = this.#cache.add({
			n: this.#next++,
			session_id: seed.session_id,
			agent_id: seed.agent_id,
			parent_session_id: seed.parent_session_id,
			title: null,
			folder: seed.folder,
			started_ms: seed.atMs,
			last_ms: seed.atMs,
			event_count: 0,
			call_seq: 0,
			head_hash: null,
			llm_call_count: 0,
			pending_count: 0,
			unpriced_count: 0,
			total_input_tokens: 0,
			total_output_tokens: 0,
			total_cache_read_tokens: 0,
			total_cache_write_tokens: 0,
			total_cost_nano_usd: 0,
			at_least_count: 0,
			at_most_count: 0,
		});
		this.#numbers.set(session.session_id, session.n);
		return session;
	}

	#keep(row: object | undefined): SessionRecord | null {
		if (!row) return null;
		const session = this.#cache.keep({ ...row } as SessionRecord);
		this.#numbers.set(session.session_id, session.n);
		return session;
	}
}
