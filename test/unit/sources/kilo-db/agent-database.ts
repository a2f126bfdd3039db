import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type CallDraft, draftSchema, type ResponseDraft } from '../../../../src/core/draft.ts';
import { SqliteAgentSource } from '../../../../src/sources/kilo-db/sqlite-agent-source.ts';
import { kiloFlavour } from '../../../../src/sources/opencode-session/places.ts';
import type { Places, ReadOptions, RecordUnit, Source, UnitReading } from '../../../../src/sources/source.ts';

const recorded = join(import.meta.dirname, '../../../fixtures/recorded');

/** A folder that goes when the test is over. */
export function temporaryFolder(): string {
	return mkdtempSync(join(tmpdir(), 'callmeter-agent-'));
}

export function remove(folder: string): void {
	rmSync(folder, { recursive: true, force: true });
}

/** A copy of a recorded home: opening a database writes beside it. */
export function copyRecorded(name: string, into: string): void {
	cpSync(join(recorded, name, 'home'), into, { recursive: true });
}

export function placesAt(home: string, env: Places['env'] = {}): Places {
	return { home, env, platform: process.platform, globalStorage: [], customPlaces: {} };
}

export function kiloDatabaseIn(home: string): string {
	return join(home, '.local/share/kilo/kilo.db');
}

export async function unitsOf(source: Source, places: Places): Promise<RecordUnit[]> {
	const units: RecordUnit[] = [];
	for await (const unit of source.units(places)) units.push(unit);
	return units;
}

export const readAll: ReadOptions = {
	accepts: () => 'yes',
	metadataSinceMs: 0,
	contentSinceMs: 0,
	cursor: null,
	signal: new AbortController().signal,
};

/** Calls and responses of a reading, as the ledger would parse them. */
export function parsed(reading: Pick<UnitReading, 'drafts'>): { calls: CallDraft[]; responses: ResponseDraft[] } {
	const drafts = reading.drafts.map((draft) => draftSchema.parse(draft));
	return {
		calls: drafts.filter((draft) => draft.eventType === 'llm_call'),
		responses: drafts.filter((draft) => draft.eventType === 'llm_response'),
	};
}

interface StepOptions {
	tokens?: object;
	cost?: number;
	reason?: string;
	text?: string;
	tool?: { callId: string; name: string; input: object; output: string };
}

/** A database of Kilo's shape, written as Kilo writes it: through a log, in small transactions. */
export class AgentDatabase {
	readonly path: string;
	readonly #database: DatabaseSync;
	#counter = 0;
	/** The agent's clock: each row is a little later. */
	nowMs = Date.UTC(2026, 10, 21, 12);

	constructor(path: string, { extraColumns = true } = {}) {
		this.path = path;
		mkdirSync(dirname(path), { recursive: true });
		this.#database = new DatabaseSync(path);
		this.#database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;
			CREATE TABLE IF NOT EXISTS session (id text PRIMARY KEY, ${extraColumns ? 'parent_id text, workspace_id text,' : ''}
				directory text NOT NULL, title text NOT NULL, version text NOT NULL,
				time_created integer NOT NULL, time_updated integer NOT NULL);
			CREATE TABLE IF NOT EXISTS message (id text PRIMARY KEY, session_id text NOT NULL, time_created integer NOT NULL,
				time_updated integer NOT NULL, data text NOT NULL);
			CREATE TABLE IF NOT EXISTS part (id text PRIMARY KEY, message_id text NOT NULL, session_id text NOT NULL,
				time_created integer NOT NULL, time_updated integer NOT NULL, data text NOT NULL);
			${extraColumns ? 'CREATE TABLE IF NOT EXISTS workspace (id text PRIMARY KEY, branch text);' : ''}
			CREATE INDEX IF NOT EXISTS message_session_idx ON message (session_id);
			CREATE INDEX IF NOT EXISTS part_message_idx ON part (message_id);
			CREATE INDEX IF NOT EXISTS part_session_idx ON part (session_id);`);
	}

	close(): void {
		if (this.#database.isOpen) this.#database.close();
	}

	exec(sql: string): void {
		this.#database.exec(sql);
	}

	/** Whether the whole log could be moved into the database. */
	checkpoint(): 'busy' | 'not busy' {
		return this.#database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.busy === 0 ? 'not busy' : 'busy';
	}

	transaction(work: () => void): void {
		this.exec('BEGIN');
		work();
		this.exec('COMMIT');
	}

	id(prefix: string, atMs = this.nowMs): string {
		const low = (BigInt(atMs) * 4096n + BigInt(this.#counter++ % 4096)) & 0xffffffffffffn;
		return `${prefix}_${low.toString(16).padStart(12, '0')}AAAAAAAAAAAAAA`;
	}

	session(options: { directory?: string; title?: string; parent?: string; branch?: string } = {}): string {
		const id = this.id('ses');
		if (options.branch !== undefined) this.#run('INSERT INTO workspace VALUES (?, ?)', `wrk_${id}`, options.branch);
		const now = this.#tick();
		this.#run(
			`INSERT INTO session (id, directory, title, version, time_created, time_updated) VALUES (?, ?, ?, '7.7.7', ?, ?)`,
			id,
			options.directory ?? '/home/dev/project',
			options.title ?? 'A task',
			now,
			now,
		);
		if (options.parent !== undefined) this.#run('UPDATE session SET parent_id = ? WHERE id = ?', options.parent, id);
		if (options.branch !== undefined) this.#run('UPDATE session SET workspace_id = ? WHERE id = ?', `wrk_${id}`, id);
		return id;
	}

	user(session: string, text: string): string {
		const id = this.message(session, { role: 'user', time: { created: this.#tick() } });
		this.part(id, session, { type: 'text', text });
		return id;
	}

	/** An assistant's message that has just been begun. */
	assistant(session: string, data: object = {}): string {
		return this.message(session, {
			role: 'assistant',
			time: { created: this.#tick() },
			modelID: 'gpt-5',
			providerID: 'openai',
			mode: 'code',
			path: { cwd: '/home/dev/project' },
			...data,
		});
	}

	message(session: string, data: Record<string, unknown> & { time: { created: number } }): string {
		const id = this.id('msg');
		this.#run(
			'INSERT INTO message VALUES (?, ?, ?, ?, ?)',
			id,
			session,
			data.time.created,
			this.nowMs,
			JSON.stringify(data),
		);
		return id;
	}

	updateMessage(id: string, change: object): void {
		const row = this.#database.prepare('SELECT data FROM message WHERE id = ?').get(id) as { data: string };
		const data = JSON.stringify({ ...JSON.parse(row.data), ...change });
		this.#run('UPDATE message SET data = ?, time_updated = ? WHERE id = ?', data, this.#tick(), id);
	}

	part(message: string, session: string, data: object): string {
		const id = this.id('prt');
		const now = this.#tick();
		this.#run('INSERT INTO part VALUES (?, ?, ?, ?, ?, ?)', id, message, session, now, now, JSON.stringify(data));
		return id;
	}

	start(message: string, session: string): string {
		return this.part(message, session, { type: 'step-start' });
	}

	finish(
		message: string,
		session: string,
		{ tokens, cost = 0.001, reason = 'stop', text, tool }: StepOptions = {},
	): void {
		if (text !== undefined) {
			const time = { start: this.#tick(), end: this.#tick() };
			this.part(message, session, { type: 'text', text, time });
		}
		if (tool !== undefined) {
			const { callId, name, input, output } = tool;
			const state = { status: 'completed', input, output, time: { start: this.#tick(), end: this.#tick() } };
			this.part(message, session, { type: 'tool', callID: callId, tool: name, state });
		}
		const counts = tokens ?? { total: 130, input: 100, output: 20, reasoning: 0, cache: { read: 10, write: 0 } };
		this.part(message, session, { type: 'step-finish', reason, cost, tokens: counts });
		this.updateMessage(message, {
			time: { created: this.#createdAt(message), completed: this.#tick() },
			finish: reason,
		});
	}

	/** A whole call: asked, answered, done. Returns the assistant's message. */
	call(session: string, options: StepOptions & { data?: object } = {}): string {
		const message = this.assistant(session, options.data);
		this.start(message, session);
		this.finish(message, session, { text: 'Done.', ...options });
		return message;
	}

	/** Copies a session as the agent's own fork does: new ids, the same data. */
	fork(session: string): string {
		const fork = this.session({ title: 'A task (fork #1)' });
		this.nowMs += 3_600_000;
		const messages = this.#database.prepare('SELECT * FROM message WHERE session_id = ? ORDER BY rowid').all(session);
		for (const row of messages) {
			const message = this.message(fork, JSON.parse(String(row.data)));
			const parts = this.#database
				.prepare('SELECT data FROM part WHERE message_id = ? ORDER BY rowid')
				.all(row.id ?? '');
			for (const part of parts) this.part(message, fork, JSON.parse(String(part.data)));
		}
		return fork;
	}

	#createdAt(message: string): number {
		const row = this.#database.prepare('SELECT time_created AS at FROM message WHERE id = ?').get(message);
		return Number(row?.at);
	}

	#tick(): number {
		this.nowMs += 10;
		return this.nowMs;
	}

	#run(sql: string, ...values: (string | number)[]): void {
		this.#database.prepare(sql).run(...values);
	}
}

/** Kilo's source with a clock of the test's own. */
export function kiloSource(now: () => number): SqliteAgentSource {
	return new SqliteAgentSource(kiloFlavour, now);
}
