import { statSync } from 'node:fs';
import type { DraftInput } from '../../core/draft.ts';
import { readDatabase, UnreadableDatabase } from '../opencode-session/open.ts';
import { databaseFile, type Flavour } from '../opencode-session/places.ts';
import type { SessionRow } from '../opencode-session/rows.ts';
import { draftsOfSession, removedResponse, type SessionDrafts } from '../opencode-session/session-drafts.ts';
import { abandonedAfterMs } from '../opencode-session/steps.ts';
import type { ReadOptions, SkipReason, UnitReading } from '../source.ts';
import { type Cursor, historyDownTo, parseCursor } from './cursor.ts';
import { Inheritance } from './inheritance.ts';
import { AgentQueries, type SessionPosition } from './queries.ts';

/** Drafts after which a page of history ends, so that memory stays bounded and newer work is not kept waiting. */
const pageDrafts = 250;
const sessionsAtATime = 50;
/** Rows may carry a time slightly older than one that was seen before: several processes write. */
const overlapMs = 5_000;
/** Changed messages that are read at one look. */
const maxChanges = 500;
/** A session's own time may be that of its last request, long before the last answer to it. */
const longestTurnMs = 24 * 60 * 60_000;
const retryBusyMs = 500;
/** How many sessions of other workspaces are remembered as counted. */
const maxForeign = 500;

export interface DatabaseReader {
	flavour: Flavour;
	/** The clock, epoch milliseconds. */
	now(): number;
}

/**
 * Reads what is new in one database: its history, session by session, newest first and a page at a time; and at each
 * look what was written since the one before. Never throws for what is in the file.
 */
export async function readAgentDatabase(
	reader: DatabaseReader,
	path: string,
	options: ReadOptions,
): Promise<UnitReading> {
	const file = await databaseFile(path);
	if (file === null) return { drafts: [], skipped: {}, cursor: null, stamp: '' };
	try {
		// An inode number is given again to the next file; the time of birth is 0 where a file system has none.
		const { ino, birthtimeMs } = statSync(path);
		const identity = `${ino}.${birthtimeMs}`;
		const previous = parseCursor(options.cursor, identity);
		const read = readDatabase(path, (database) => {
			const queries = new AgentQueries(database);
			const pass = new Pass(reader, path, options, queries, previous ?? firstCursor(identity, queries));
			if (previous !== null) pass.follow();
			if (!options.held) pass.readHistory();
			return pass.result();
		});
		return { ...read, stamp: file.stamp };
	} catch (error) {
		if (!(error instanceof UnreadableDatabase)) throw error;
		switch (error.reason) {
			case 'gone':
				return { drafts: [], skipped: {}, cursor: options.cursor, stamp: '' };
			case 'busy': {
				const recheckAtMs = reader.now() + retryBusyMs;
				// Nothing is left out: it is read as soon as the other has let go of it.
				return { drafts: [], skipped: {}, cursor: options.cursor, stamp: file.stamp, recheckAtMs };
			}
			case 'unreadable':
				return { drafts: [], skipped: { unreadable: 1 }, cursor: options.cursor, stamp: file.stamp };
			case 'unknownVersion':
				return { drafts: [], skipped: { unknownVersion: 1 }, cursor: null, stamp: file.stamp };
		}
	}
}

function firstCursor(file: string, queries: AgentQueries): Cursor {
	const marks = queries.marks();
	// What history will hand over anyway needs no second look, unless it is written again.
	const changes = queries.changes({
		rowid: marks.rowid,
		renumbered: false,
		updatedAtMs: marks.updatedAtMs - overlapMs,
	});
	const seen = Object.fromEntries(changes.map(({ id }) => [id, queries.signature(id) ?? '']));
	return { version: 1, file, history: historyDownTo(0), marks, open: {}, seen, foreign: [] };
}

type Read = Omit<UnitReading, 'stamp'>;

/** One look at an open database. */
class Pass {
	readonly #reader: DatabaseReader;
	readonly #path: string;
	readonly #options: ReadOptions;
	readonly #queries: AgentQueries;
	readonly #cursor: Cursor;
	readonly #drafts: DraftInput[] = [];
	readonly #skipped: Partial<Record<SkipReason, number>> = {};

	constructor(reader: DatabaseReader, path: string, options: ReadOptions, queries: AgentQueries, cursor: Cursor) {
		this.#reader = reader;
		this.#path = path;
		this.#options = options;
		this.#queries = queries;
		this.#cursor = structuredClone(cursor);
	}

	result(): Read {
		const { history, open } = this.#cursor;
		const read: Read = { drafts: this.#drafts, skipped: this.#skipped, cursor: JSON.stringify(this.#cursor) };
		if (history !== null) return { ...read, more: true };
		// A call whose agent is gone is never written again: look once more when it has had its time.
		const recheckAtMs = this.#reader.now() + abandonedAfterMs + 1;
		return Object.keys(open).length > 0 ? { ...read, recheckAtMs } : read;
	}

	/** The next page of what was there at the first look. */
	readHistory(): void {
		const from = this.#cursor.history;
		if (from === null) return;
		const { metadataSinceMs } = this.#options;
		const isFirstPage = from.createdAtMs === Number.MAX_SAFE_INTEGER && from.untilMs === 0;
		if (isFirstPage) this.#skip('tooOld', this.#queries.sessionsOlderThan(metadataSinceMs));
		const sinceMs = Math.max(metadataSinceMs, from.untilMs);
		let position: SessionPosition = from;
		while (this.#drafts.length < pageDrafts && !this.#options.signal.aborted) {
			const sessions = this.#queries.sessionsBelow(position, sinceMs, sessionsAtATime);
			for (const session of sessions) {
				position = { createdAtMs: session.createdAtMs, id: session.id };
				if (this.#accepts(session)) this.#take(this.#read(session, null));
				if (this.#drafts.length >= pageDrafts) break;
			}
			if (sessions.length === 0) {
				this.#cursor.history = null;
				return;
			}
		}
		this.#cursor.history = { ...position, untilMs: from.untilMs };
	}

	/** Messages written since the last look. */
	follow(): void {
		const cursor = this.#cursor;
		const top = this.#queries.marks();
		const changes = this.#queries.changes({
			rowid: cursor.marks.rowid,
			// Fewer rows than before: the database was compacted and its rows numbered anew. Then only time tells.
			renumbered: top.rowid < cursor.marks.rowid,
			updatedAtMs: cursor.marks.updatedAtMs - overlapMs,
		});
		if (changes.length > maxChanges) {
			// Much was written while nobody looked: read in pages too. What is read twice, the ledger knows.
			const untilMs = cursor.history?.untilMs ?? Math.max(0, cursor.marks.updatedAtMs - longestTurnMs);
			cursor.history = historyDownTo(untilMs);
			cursor.marks = top;
			cursor.seen = {};
			return;
		}
		const sessions = new Map<string, Set<string>>();
		const seen: Record<string, string> = {};
		const look = (id: string, sessionId: string, anyway = false): void => {
			const signature = this.#queries.signature(id);
			if (signature === null) return;
			seen[id] = signature;
			if (cursor.seen[id] === signature && !anyway) return;
			const wanted = sessions.get(sessionId) ?? new Set();
			sessions.set(sessionId, wanted.add(id));
		};
		for (const change of changes) look(change.id, change.sessionId);
		for (const [id, call] of Object.entries(cursor.open)) {
			const signature = this.#queries.signature(id);
			if (signature === null) {
				this.#drafts.push(removedResponse(this.#reader.flavour, this.#path, call, this.#reader.now()));
				delete cursor.open[id];
			} else {
				look(id, call.sessionId, this.#mayHaveEnded(call));
			}
		}
		for (const [sessionId, wanted] of sessions) this.#followSession(sessionId, wanted);
		for (const { updatedAtMs } of changes) top.updatedAtMs = Math.max(top.updatedAtMs, updatedAtMs);
		cursor.marks = top;
		cursor.seen = seen;
	}

	/** Without a word in its own rows: by what was written after it, or by time going by. */
	#mayHaveEnded(call: Cursor['open'][string]): boolean {
		const abandoned = this.#reader.now() - call.seenAtMs > abandonedAfterMs;
		return abandoned || this.#queries.messageCount(call.sessionId) !== call.messages;
	}

	#followSession(sessionId: string, wanted: ReadonlySet<string>): void {
		const session = this.#queries.session(sessionId);
		if (session === null || session.updatedAtMs < this.#options.metadataSinceMs) return;
		if (!this.#accepts(session)) return;
		const read = this.#read(session, wanted);
		for (const id of wanted) delete this.#cursor.open[id];
		// History will come to this session, and count what it leaves out.
		this.#take(this.#isAhead(session) ? { ...read, skipped: {} } : read);
	}

	/** Whether history has not come to this session yet. */
	#isAhead({ createdAtMs, id }: SessionRow): boolean {
		const { history } = this.#cursor;
		if (history === null) return false;
		return createdAtMs < history.createdAtMs || (createdAtMs === history.createdAtMs && id < history.id);
	}

	#accepts(session: SessionRow): boolean {
		const { foreign } = this.#cursor;
		if (foreign.includes(session.id)) return false;
		const answer = this.#options.accepts(session.directory === '' ? null : session.directory);
		if (answer === 'yes') return true;
		this.#skip(answer, 1);
		foreign.push(session.id);
		foreign.splice(0, foreign.length - maxForeign);
		return false;
	}

	#read(session: SessionRow, wanted: ReadonlySet<string> | null): SessionDrafts {
		const messages = this.#queries.messages(session.id);
		const parts = this.#queries.parts(session.id);
		if (wanted === null) this.#skip('malformed', messages.malformed + parts.malformed);
		const inheritance = new Inheritance(this.#queries);
		return draftsOfSession(
			{ session, messages: messages.rows, parts: parts.byMessage },
			{
				flavour: this.#reader.flavour,
				path: this.#path,
				options: this.#options,
				nowMs: this.#reader.now(),
				wanted,
				announced: new Set(Object.values(this.#cursor.open).map((call) => call.callId)),
				isInherited: (message) => inheritance.isInherited(message),
			},
		);
	}

	#take({ drafts, skipped, open }: SessionDrafts): void {
		for (const draft of drafts) this.#drafts.push(draft);
		const seenAtMs = this.#reader.now();
		for (const [id, call] of open) {
			this.#cursor.open[id] = { ...call, seenAtMs, messages: this.#queries.messageCount(call.sessionId) };
		}
		for (const reason of Object.keys(skipped) as SkipReason[]) this.#skip(reason, skipped[reason] ?? 0);
	}

	#skip(reason: SkipReason, count: number): void {
		if (count > 0) this.#skipped[reason] = (this.#skipped[reason] ?? 0) + count;
	}
}
