import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { AnswerStore } from './answer-store.ts';
import { CallTable } from './call-table.ts';
import { isNewer, type OpenDatabase } from './database.ts';
import { Dimensions } from './dimensions.ts';
import { EventLog } from './event-log.ts';
import { MessageStore } from './message-store.ts';
import { PromptStore } from './prompt-store.ts';
import { Rollups } from './rollups.ts';
import { SessionTable } from './session-table.ts';
import { SourceDays } from './source-days.ts';
import { ledgerError } from './sqlite-error.ts';

/**
 * Everything that is written, in transactions. Within one, rows are changed in memory and flushed before the commit. The
 * caches outlive it, until another connection has written: SQLite's `data_version` tells.
 */
export class Writer {
	readonly db: DatabaseSync;
	readonly dims: Dimensions;
	readonly rollups: Rollups;
	readonly sourceDays: SourceDays;
	readonly sessions: SessionTable;
	readonly calls: CallTable;
	readonly events: EventLog;
	readonly messages: MessageStore;
	readonly prompts: PromptStore;
	readonly answers: AnswerStore;
	readonly #dataVersion: StatementSync;
	readonly #bumpRevision: StatementSync;
	readonly #setRemoved: StatementSync;
	readonly #sourceNumber: StatementSync;
	readonly #addSource: StatementSync;
	readonly #countSources: StatementSync;
	readonly #sources = new Map<string, number>();
	#sourceCount: number | null = null;
	#seenVersion = -1;

	constructor({ db, codec, fullText }: Pick<OpenDatabase, 'db' | 'codec' | 'fullText'>) {
		this.db = db;
		this.dims = new Dimensions(db);
		this.rollups = new Rollups(db);
		this.sourceDays = new SourceDays(db);
		this.sessions = new SessionTable(db);
		this.calls = new CallTable(db, this.dims, this.sessions, this.rollups, this.sourceDays);
		this.events = new EventLog(db);
		this.messages = new MessageStore(db, codec, fullText);
		this.prompts = new PromptStore(db, this.messages);
		this.answers = new AnswerStore(db, this.messages);
		this.#dataVersion = db.prepare('PRAGMA data_version');
		this.#bumpRevision = db.prepare(
			`UPDATE meta SET value = value + 1 WHERE key = 'revision' RETURNING value AS revision`,
		);
		this.#setRemoved = db.prepare(`UPDATE meta SET value = ? WHERE key = 'removed'`);
		this.#sourceNumber = db.prepare('SELECT n FROM source WHERE name = ?');
		this.#addSource = db.prepare('INSERT INTO source (name) VALUES (?)');
		this.#countSources = db.prepare('SELECT count(*) AS n FROM source');
	}

	/**
	 * Runs `work` in a transaction that holds the write lock from its start. Nothing of it remains when it throws.
	 *
	 * @throws {LedgerError} `newerVersion` when a newer version of the program has come to the file since it was opened.
	 */
	transaction<T>(work: () => T): { value: T; revision: number } {
		this.db.exec('BEGIN IMMEDIATE');
		try {
			const version = Number(this.#dataVersion.get()?.data_version);
			if (version !== this.#seenVersion) {
				if (isNewer(this.db)) throw ledgerError('newerVersion', this.db.location() ?? undefined);
				this.#forget();
			}
			this.calls.begin();
			const value = work();
			const hasRemoved = this.calls.flush();
			this.sessions.flush();
			this.rollups.flush();
			this.sourceDays.flush();
			const revision = Number(this.#bumpRevision.get()?.revision);
			if (hasRemoved) this.#setRemoved.run(revision);
			this.messages.flush();
			this.db.exec('COMMIT');
			this.#seenVersion = version;
			return { value, revision };
		} catch (error) {
			this.#forget();
			this.#seenVersion = -1;
			if (this.db.isTransaction) this.db.exec('ROLLBACK');
			throw error;
		}
	}

	/** That of the last commit. */
	revision(): number {
		return Number(this.db.prepare(`SELECT value FROM meta WHERE key = 'revision'`).get()?.value ?? 0);
	}

	/** The number of a source by its id, such as `claude-code`. */
	source(name: string): number {
		const known = this.#sources.get(name);
		if (known !== undefined) return known;
		const row = this.#sourceNumber.get(name);
		const n = Number(row ? row.n : this.#addSource.run(name).lastInsertRowid);
		this.#sourceCount = null;
		this.#sources.set(name, n);
		return n;
	}

	/** More than one source has written here: only then can a call have been seen twice. */
	get hasSeveralSources(): boolean {
		this.#sourceCount ??= Number(this.#countSources.get()?.n);
		return this.#sourceCount > 1;
	}

	#forget(): void {
		this.dims.forget();
		this.rollups.forget();
		this.sourceDays.forget();
		this.sessions.forget();
		this.calls.forget();
		this.events.forget();
		this.messages.forget();
		this.prompts.forget();
		this.#sources.clear();
		this.#sourceCount = null;
	}
}
