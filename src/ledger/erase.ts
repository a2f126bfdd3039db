import type { SQLInputValue } from 'node:sqlite';
import type { ContentState } from '../core/draft.ts';
import { ERASED } from './call-record.ts';
import { BUSY_TIMEOUT_MS } from './database.ts';
import type { Erasable, Erased, EraseRequest } from './ledger.ts';
import type { Writer } from './writer.ts';

const CHECKPOINT_WAIT_MS = 2_000;

/**
 * Erases content, or whole sessions, so that the words are gone from the file and not only from view. What is counted
 * and what it cost stays with `content`, and the chain still verifies: it holds salted digests only, and the salts go.
 *
 * `all` deletes sessions whose last event is before `beforeMs`, with their events. A session that goes on after it loses
 * the content of its earlier calls only: events out of the middle of a chain would break it.
 */
export function erase(
	writer: Writer,
	fullText: 'fts5' | 'scan',
	request: EraseRequest,
): Omit<Erased, 'setAside'> & { revision: number } {
	const { value, revision } = writer.transaction(() => remove(writer, request));
	const { messages, sessions, emptiedSessions } = value;
	return { messages, sessions: sessions + emptiedSessions, scrubbed: scrub(writer, fullText), revision };
}

/**
 * What `erase` would do. It is done, and taken back before anyone sees it: which texts go hangs on who else says them, and
 * on prompts that are told by way of others.
 */
export function erasable(writer: Writer, request: EraseRequest): Erasable {
	const takenBack = new Error('taken back');
	let found: Erasable | null = null;
	try {
		writer.transaction(() => {
			found = remove(writer, request);
			throw takenBack;
		});
	} catch (error) {
		if (error !== takenBack) throw error;
	}
	return found ?? { sessions: 0, calls: 0, emptiedSessions: 0, emptiedCalls: 0, messages: 0 };
}

function remove(writer: Writer, request: EraseRequest): Erasable {
	const found: Erasable = { sessions: 0, calls: 0, emptiedSessions: 0, emptiedCalls: 0, messages: 0 };
	for (const session of request.what === 'all' ? wholeSessions(writer, request) : []) {
		const { calls, messages } = removeSession(writer, session);
		found.sessions++;
		found.calls += calls;
		found.messages += messages;
	}
	const { messages, sessions, calls } = eraseContent(writer, request);
	found.emptiedSessions = sessions;
	found.emptiedCalls = calls;
	found.messages += messages + writer.messages.sweep();
	return found;
}

function eraseContent(writer: Writer, request: EraseRequest): Pick<Erasable, 'messages' | 'sessions' | 'calls'> {
	const { where, values } = scope(request);
	// Newest first: a prompt goes before the one that it extends, and nothing needs to be re-hung.
	const rows = writer.db
		.prepare(`SELECT c.n FROM call c JOIN session s ON s.n = c.session_n ${where} ORDER BY c.started_ms DESC, c.n DESC`)
		.all(...values);
	const touched = new Set<number>();
	// What could confirm a guess at a text goes with it.
	const forget = writer.db.prepare('UPDATE sent SET said = NULL WHERE session_n = ?');
	let messages = 0;
	let calls = 0;
	for (const { n } of rows) {
		const call = writer.calls.get(Number(n));
		if (!call) continue;
		const [hadPrompt, hadAnswer] = [writer.prompts.has(call.n), writer.answers.get(call.n) !== null];
		const session = writer.sessions.get(call.session_n);
		if (hadPrompt || hadAnswer || session.title !== null) touched.add(session.n);
		if (hadPrompt || hadAnswer) calls++;
		messages += writer.prompts.remove(call.n) + writer.answers.remove(call.n);
		writer.calls.change(call);
		call.call_content = erasedState(call.call_content, hadPrompt);
		if (call.response_content !== null) call.response_content = erasedState(call.response_content, hadAnswer);
		call.salt = null;
		call.flags |= ERASED;
		writer.sessions.change(session);
		session.title = null;
		forget.run(session.n);
	}
	for (const n of emptyTitledSessions(writer, request)) {
		touched.add(n);
		const session = writer.sessions.get(n);
		writer.sessions.change(session);
		session.title = null;
		forget.run(n);
	}
	return { messages, sessions: touched.size, calls };
}

/** Sessions all of whose calls turned out to be those of others: their titles are told by no call. */
function emptyTitledSessions(writer: Writer, request: EraseRequest): number[] {
	const { conditions, values } = sessionScope(request);
	conditions.push('title IS NOT NULL', 'NOT EXISTS (SELECT 1 FROM call WHERE session_n = session.n)');
	return sessionNumbers(writer, conditions, values);
}

/** What never had content keeps saying so. */
function erasedState(state: ContentState, hadContent: boolean): ContentState {
	return hadContent || state === 'full' || state === 'redacted' ? 'erased' : state;
}

/** The sessions that a request names; `null`: it names none, and means all. */
function namedSessions({ sessionId, sessionIds }: EraseRequest): string[] | null {
	if (sessionId === undefined && sessionIds === undefined) return null;
	return [...(sessionIds ?? []), ...(sessionId === undefined ? [] : [sessionId])];
}

function wholeSessions(writer: Writer, request: EraseRequest): number[] {
	const { conditions, values } = sessionScope(request);
	return sessionNumbers(writer, conditions, values);
}

/** For whole sessions, by the time of their last event. */
function sessionScope(request: EraseRequest): { conditions: string[]; values: SQLInputValue[] } {
	const { beforeMs } = request;
	const named = namedSessions(request);
	const conditions = ['1 = 1'];
	const values: SQLInputValue[] = [];
	if (named) {
		conditions.push('session_id IN (SELECT value FROM json_each(?))');
		values.push(JSON.stringify(named));
	}
	if (beforeMs !== undefined) {
		conditions.push('last_ms < ?');
		values.push(beforeMs);
	}
	return { conditions, values };
}

function sessionNumbers(writer: Writer, conditions: readonly string[], values: readonly SQLInputValue[]): number[] {
	return writer.db
		.prepare(`SELECT n FROM session WHERE ${conditions.join(' AND ')}`)
		.all(...values)
		.map(({ n }) => Number(n));
}

function removeSession(writer: Writer, n: number): Pick<Erasable, 'messages' | 'calls'> {
	const { db, calls, prompts, answers, rollups, sessions } = writer;
	let messages = 0;
	let gone = 0;
	for (const row of db.prepare('SELECT n FROM call WHERE session_n = ? ORDER BY started_ms DESC, n DESC').all(n)) {
		const call = calls.get(Number(row.n));
		if (!call) continue;
		messages += prompts.remove(call.n) + answers.remove(call.n);
		db.prepare('DELETE FROM seen WHERE call_n = ?').run(call.n);
		calls.remove(call, null);
		gone++;
	}
	for (const cost of db
		.prepare('SELECT at_ms, dim_n, cost_nano FROM tracked WHERE session_n = ? AND counted = 1')
		.all(n)) {
		rollups.countCost(Number(cost.at_ms), Number(cost.dim_n), -Number(cost.cost_nano));
	}
	db.prepare('DELETE FROM tracked WHERE session_n = ?').run(n);
	db.prepare('DELETE FROM sent WHERE session_n = ?').run(n);
	db.prepare('DELETE FROM event WHERE session_n = ?').run(n);
	sessions.remove(sessions.get(n));
	return { messages, calls: gone };
}

function scope(request: EraseRequest): { where: string; values: SQLInputValue[] } {
	const { beforeMs } = request;
	const named = namedSessions(request);
	const conditions: string[] = [];
	const values: SQLInputValue[] = [];
	if (named) {
		conditions.push('s.session_id IN (SELECT value FROM json_each(?))');
		values.push(JSON.stringify(named));
	}
	if (beforeMs !== undefined) {
		conditions.push('c.started_ms < ?');
		values.push(beforeMs);
	}
	return { where: conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`, values };
}

/**
 * Writes the file anew without what was deleted. Until then the words stand in free pages, in the index's deleted
 * entries and in the log. Another window that is just reading can hold the log for a moment: waited for up to 2 s, and
 * SQLite empties it at the latest when the last window closes. True when it is empty now.
 */
function scrub({ db }: Writer, fullText: 'fts5' | 'scan'): boolean {
	if (fullText === 'fts5') db.exec(`INSERT INTO message_text (message_text) VALUES ('optimize')`);
	db.exec('VACUUM');
	db.exec(`PRAGMA busy_timeout = ${CHECKPOINT_WAIT_MS}`);
	try {
		return db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.busy === 0;
	} finally {
		db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
	}
}
