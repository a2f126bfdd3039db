import type { DatabaseSync, StatementSync } from 'node:sqlite';
import * as z from 'zod';
import { UnreadableDatabase } from '../opencode-session/open.ts';
import { type MessageRow, type PartRow, parseMessage, parsePart, type SessionRow } from '../opencode-session/rows.ts';

const sessionRow = z.object({
	id: z.string(),
	parent_id: z.string().nullable(),
	directory: z.string(),
	title: z.string().nullable(),
	version: z.string().nullable(),
	branch: z.string().nullable(),
	time_created: z.number(),
	time_updated: z.number(),
});
const messageRow = z.object({
	rowid: z.number(),
	id: z.string(),
	session_id: z.string(),
	time_updated: z.number(),
	data: z.string(),
});
const partRow = z.object({
	id: z.string(),
	message_id: z.string(),
	time_created: z.number(),
	time_updated: z.number(),
	data: z.string(),
});
const changeRow = z.object({ id: z.string(), session_id: z.string(), time_updated: z.number() });
const marksRow = z.object({ rowid: z.number().nullable(), updated: z.number().nullable() });
const signatureRow = z.object({ updated: z.number(), parts: z.number(), written: z.number().nullable() });
const countRow = z.object({ n: z.number() });
const idRow = z.object({ id: z.string() });

/** A message that was written, without its content. */
export interface Change {
	id: string;
	sessionId: string;
	updatedAtMs: number;
}

/**
 * Where a session stands in the order newest first: by when it was begun, which stays, while one that is resumed changes
 * the time of its last change and would leave its place in that order unread.
 */
export interface SessionPosition {
	createdAtMs: number;
	id: string;
}

/**
 * How far back below the highest known row number new messages are looked for: SQLite gives the number of a deleted
 * last row to the next one.
 */
const rowWindow = 256;

/** The questions that are asked of one open database. Prepared once; every row is checked. */
export class AgentQueries {
	readonly #sessions: StatementSync;
	readonly #session: StatementSync;
	readonly #olderSessions: StatementSync;
	readonly #messages: StatementSync;
	readonly #parts: StatementSync;
	readonly #marks: StatementSync;
	readonly #newMessages: StatementSync;
	readonly #touched: StatementSync;
	readonly #touchedSessions: StatementSync;
	readonly #sameTime: StatementSync;
	readonly #sameTimeIn: StatementSync;
	readonly #signature: StatementSync;
	readonly #messageCount: StatementSync;

	/** @throws {UnreadableDatabase} `unknownVersion` when a table or column is not there. */
	constructor(database: DatabaseSync) {
		const session = columns(database, 'session', ['id', 'directory', 'title', 'time_updated']);
		const message = columns(database, 'message', ['id', 'session_id', 'time_created', 'data']);
		columns(database, 'part', ['id', 'message_id', 'session_id', 'time_created', 'data']);
		const workspaces = columns(database, 'workspace', []);
		const branch =
			session.has('workspace_id') && workspaces.has('id') && workspaces.has('branch')
				? '(SELECT branch FROM workspace WHERE workspace.id = session.workspace_id)'
				: 'NULL';
		const optional = (name: string): string => (session.has(name) ? name : 'NULL');
		const created = session.has('time_created') ? 'time_created' : 'time_updated';
		const selectSession =
			`SELECT id, ${optional('parent_id')} AS parent_id, directory, title, ${optional('version')} AS version,` +
			` ${branch} AS branch, ${created} AS time_created, time_updated FROM session`;
		const updated = message.has('time_updated') ? 'time_updated' : 'time_created';
		const change = `SELECT id, session_id, ${updated} AS time_updated FROM message`;

		this.#sessions = database.prepare(
			`${selectSession} WHERE time_updated >= :sinceMs AND (${created}, id) < (:createdAtMs, :id)
			ORDER BY ${created} DESC, id DESC LIMIT :limit`,
		);
		this.#session = database.prepare(`${selectSession} WHERE id = :id`);
		this.#olderSessions = database.prepare('SELECT count(*) AS n FROM session WHERE time_updated < :sinceMs');
		this.#messages = database.prepare(
			`SELECT rowid, id, session_id, ${updated} AS time_updated, data FROM message
			WHERE session_id = :sessionId ORDER BY time_created, id`,
		);
		this.#parts = database.prepare(
			'SELECT id, message_id, time_created, coalesce(time_updated, time_created) AS time_updated, data FROM part' +
				' WHERE session_id = :sessionId ORDER BY message_id, id',
		);
		this.#marks = database.prepare(
			`SELECT max(rowid) AS rowid, (SELECT max(time_updated) FROM session) AS updated FROM message`,
		);
		this.#newMessages = database.prepare(
			`${change} WHERE rowid > :from AND (rowid > :rowid OR ${updated} >= :sinceMs) ORDER BY rowid`,
		);
		this.#touchedSessions = database.prepare('SELECT id FROM session WHERE time_updated >= :sinceMs');
		this.#touched = database.prepare(`${change} WHERE session_id = :sessionId AND ${updated} >= :sinceMs`);
		this.#sameTime = database.prepare(
			`SELECT rowid, id, session_id, ${updated} AS time_updated, data FROM message
			WHERE time_created = :createdAtMs AND rowid < :rowid`,
		);
		this.#sameTimeIn = database.prepare(
			`SELECT rowid, id, session_id, ${updated} AS time_updated, data FROM message
			WHERE session_id = :sessionId AND time_created = :createdAtMs AND rowid < :rowid`,
		);
		this.#messageCount = database.prepare('SELECT count(*) AS n FROM message WHERE session_id = :sessionId');
		this.#signature = database.prepare(
			`SELECT ${updated} AS updated, (SELECT count(*) FROM part WHERE message_id = message.id) AS parts,
			(SELECT max(time_updated) FROM part WHERE message_id = message.id) AS written FROM message WHERE id = :id`,
		);
	}

	/** Sessions changed since `sinceMs` and below `position`, those begun last first. */
	sessionsBelow(position: SessionPosition, sinceMs: number, limit: number): SessionRow[] {
		const rows = this.#sessions.all({ sinceMs, createdAtMs: position.createdAtMs, id: position.id, limit });
		return rows.map(toSession);
	}

	session(id: string): SessionRow | null {
		const row = this.#session.get({ id });
		return row === undefined ? null : toSession(row);
	}

	sessionsOlderThan(sinceMs: number): number {
		return countRow.parse(this.#olderSessions.get({ sinceMs })).n;
	}

	/** A session's messages in the order in which they were sent, and how many could not be read. */
	messages(sessionId: string): { rows: MessageRow[]; malformed: number } {
		const rows: MessageRow[] = [];
		let malformed = 0;
		for (const raw of this.#messages.iterate({ sessionId })) {
			const message = toMessage(raw);
			if (message === null) malformed++;
			else rows.push(message);
		}
		return { rows, malformed };
	}

	/** A session's parts by message, each list in order, and how many could not be read. */
	parts(sessionId: string): { byMessage: Map<string, PartRow[]>; malformed: number } {
		const byMessage = new Map<string, PartRow[]>();
		let malformed = 0;
		for (const raw of this.#parts.iterate({ sessionId })) {
			const row = partRow.safeParse(raw);
			const data = row.success ? parsePart(row.data.data) : 'malformed';
			if (data === 'malformed') malformed++;
			if (!row.success || data === 'malformed' || data === null) continue;
			const part: PartRow = {
				id: row.data.id,
				messageId: row.data.message_id,
				createdAtMs: row.data.time_created,
				updatedAtMs: row.data.time_updated,
				data,
			};
			const list = byMessage.get(part.messageId);
			if (list === undefined) byMessage.set(part.messageId, [part]);
			else list.push(part);
		}
		return { byMessage, malformed };
	}

	/** The highest row number of a message, and the latest change of any session. */
	marks(): { rowid: number; updatedAtMs: number } {
		const row = marksRow.parse(this.#marks.get());
		return { rowid: row.rowid ?? 0, updatedAtMs: row.updated ?? 0 };
	}

	/** Messages written since: new ones by row number, and those of sessions that changed, by time. */
	changes(since: { rowid: number; updatedAtMs: number; renumbered: boolean }): Change[] {
		const found = new Map<string, Change>();
		const add = (raw: unknown): void => {
			const row = changeRow.parse(raw);
			found.set(row.id, { id: row.id, sessionId: row.session_id, updatedAtMs: row.time_updated });
		};
		const sinceMs = since.updatedAtMs;
		const from = since.renumbered ? 0 : since.rowid - rowWindow;
		for (const row of this.#newMessages.iterate({ from, rowid: since.rowid, sinceMs })) add(row);
		for (const session of this.#touchedSessions.all({ sinceMs })) {
			for (const row of this.#touched.iterate({ sessionId: idRow.parse(session).id, sinceMs })) add(row);
		}
		return [...found.values()];
	}

	/** Changes whenever a message or a part of it is written; `null` when there is no such message (any more). */
	signature(id: string): string | null {
		const row = this.#signature.get({ id });
		if (row === undefined) return null;
		const { updated, parts, written } = signatureRow.parse(row);
		return [updated, parts, written ?? 0].join(':');
	}

	messageCount(sessionId: string): number {
		return countRow.parse(this.#messageCount.get({ sessionId })).n;
	}

	/**
	 * Messages made in the same millisecond and written earlier: what a forked message was copied from. Without a
	 * session the whole table is searched.
	 */
	earlierWritten(message: MessageRow, sessionId: string | null): MessageRow[] {
		const at = { createdAtMs: message.data.time.created, rowid: message.rowid };
		const rows = sessionId === null ? this.#sameTime.all(at) : this.#sameTimeIn.all({ ...at, sessionId });
		return rows.map(toMessage).filter((row) => row !== null);
	}
}

function columns(database: DatabaseSync, table: string, required: string[]): ReadonlySet<string> {
	const rows = database.prepare('SELECT name AS id FROM pragma_table_info(:table)').all({ table });
	const names = new Set(rows.map((row) => idRow.parse(row).id));
	if (required.some((name) => !names.has(name))) throw new UnreadableDatabase('unknownVersion');
	return names;
}

function toSession(raw: unknown): SessionRow {
	const row = sessionRow.parse(raw);
	return {
		id: row.id,
		parentId: row.parent_id === '' ? null : row.parent_id,
		directory: row.directory,
		title: row.title ?? '',
		version: row.version ?? '',
		branch: row.branch,
		createdAtMs: row.time_created,
		updatedAtMs: row.time_updated,
	};
}

function toMessage(raw: unknown): MessageRow | null {
	const row = messageRow.safeParse(raw);
	if (!row.success) return null;
	const data = parseMessage(row.data.data);
	if (data === 'malformed') return null;
	const { rowid, id } = row.data;
	return { rowid, id, sessionId: row.data.session_id, updatedAtMs: row.data.time_updated, data };
}
