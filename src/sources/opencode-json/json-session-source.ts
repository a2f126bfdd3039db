import { basename, join, relative, sep } from 'node:path';
import * as z from 'zod';
import type { DraftInput } from '../../core/draft.ts';
import { foundIn } from '../found-in.ts';
import { fileAt, outsideReading, outsideStamp, type WalkOptions, walkFiles } from '../jsonl/walk-files.ts';
import { dataFolders, type Flavour } from '../opencode-session/places.ts';
import type { MessageRow } from '../opencode-session/rows.ts';
import { draftsOfSession, removedResponse } from '../opencode-session/session-drafts.ts';
import { abandonedAfterMs } from '../opencode-session/steps.ts';
import type { Found, Places, ReadOptions, RecordUnit, Source, UnitReading } from '../source.ts';
import type { Skipped } from '../unit-state.ts';
import { messagesInDatabases } from './in-database.ts';
import { Inheritance } from './inheritance.ts';
import { readSession, readSessionRow } from './read-session.ts';
import { readJsonFile, Storage } from './storage.ts';

const openCall = z.object({ callId: z.string(), sessionId: z.string(), provider: z.string(), model: z.string() });

/** What was handed over of a session by its earlier readings. */
const cursorSchema = z.object({
	version: z.literal(1),
	/** Messages made up to this one have ended, and do not change any more. Epoch milliseconds and id. */
	settled: z.object({ createdAtMs: z.number(), id: z.string() }).nullable(),
	/** Calls that had not ended, by message. */
	open: z.record(z.string(), openCall),
});
type Cursor = z.infer<typeof cursorSchema>;

const sessionFiles: WalkOptions = { wanted: (path) => /^[^/]+\/[\w-]+\.json$/.test(path), maxDepth: 1 };
const retryBusyMs = 500;
const lookAgainMs = 60_000;

/**
 * opencode before 1.2 and Kilo 7.0 before their databases: a JSON file for each session, message and part below
 * `~/.local/share/<agent>/storage`. A unit is a session. The same messages and parts as in the databases, and the same
 * calls: token counts are disjoint, input excludes cache. Messages that were moved into a database are left to that.
 */
export class JsonSessionSource implements Source {
	readonly id: string;
	readonly title: string;
	readonly pollMs = 20_000;
	readonly busyPollMs = 5_000;
	readonly #flavour: Flavour;
	readonly #now: () => number;

	constructor(flavour: Flavour, now: () => number = Date.now) {
		this.id = flavour.id;
		this.title = flavour.title;
		this.#flavour = flavour;
		this.#now = now;
	}

	detect(places: Places): Promise<Found | null> {
		return foundIn(this.units(places), this.#storages(places));
	}

	async *units(places: Places): AsyncIterable<RecordUnit> {
		for (const path of this.#storages(places)) {
			const storage = new Storage(path);
			for await (const file of walkFiles(join(path, 'session'), sessionFiles)) {
				yield file.stamp === outsideStamp ? file : storage.unitOf(file);
			}
		}
	}

	async unitAt(path: string, places: Places): Promise<RecordUnit | null> {
		for (const root of this.#storages(places)) {
			const storage = new Storage(root);
			const sessionFile = sessionFileOf(storage, path);
			const file = sessionFile === null ? null : fileAt(join(root, 'session'), sessionFile, sessionFiles);
			if (file !== null) return file.stamp === outsideStamp ? file : storage.unitOf(file);
		}
		return null;
	}

	watch(places: Places): { path: string; recursive: boolean }[] {
		return this.#storages(places).map((path) => ({ path, recursive: true }));
	}

	async read(unit: RecordUnit, options: ReadOptions): Promise<UnitReading> {
		if (unit.stamp === outsideStamp) return outsideReading();
		const storage = Storage.around(unit.key);
		const file = fileAt(join(storage.path, 'session'), unit.key, sessionFiles);
		if (file === null) return { drafts: [], skipped: {}, cursor: options.cursor, stamp: '' };
		const { stamp } = storage.unitOf(file);
		const leftOut = (skipped: Skipped): UnitReading => ({ drafts: [], skipped, cursor: null, stamp });

		const session = readSessionRow(storage, unit.key);
		if (session === null) return leftOut({});
		if (session === 'malformed') return leftOut({ malformed: 1 });
		if (storage.leadsOutside(session.id)) return leftOut({ outsideAgentFolder: 1 });
		const answer = options.accepts(session.directory === '' ? null : session.directory);
		if (answer !== 'yes') return leftOut({ [answer]: 1 });
		const moved = messagesInDatabases(this.#flavour, storage, session.id);
		if (moved === 'busy') {
			return { drafts: [], skipped: {}, cursor: options.cursor, stamp, recheckAtMs: this.#now() + retryBusyMs };
		}

		const before = parseCursor(options.cursor);
		const { record, malformed } = readSession(storage, session);
		const isNew = (message: MessageRow): boolean => before === null || !isSettled(message, before);
		const wanted = record.messages.filter((message) => isNew(message) && !moved.has(message.id));
		const inheritance = new Inheritance(storage, unit.key);
		const result = draftsOfSession(record, {
			flavour: this.#flavour,
			path: unit.key,
			options,
			nowMs: this.#now(),
			wanted: new Set(wanted.map(({ id }) => id)),
			announced: new Set(Object.values(before?.open ?? {}).map(({ callId }) => callId)),
			isInherited: (message) => inheritance.isInherited(message),
		});
		const skipped: Skipped = { ...result.skipped };
		const copies = record.messages.filter((row) => isNew(row) && row.data.role === 'assistant' && moved.has(row.id));
		if (copies.length > 0) skipped.inherited = (skipped.inherited ?? 0) + copies.length;
		const drafts = [...this.#removed(unit.key, before, record.messages), ...result.drafts];
		if (malformed > 0) {
			// What could not be read may belong to any message: all of it is read again when it is written again.
			skipped.malformed = (skipped.malformed ?? 0) + malformed;
			const isFresh = this.#now() - unit.changedAtMs < abandonedAfterMs;
			return { drafts, skipped, cursor: null, stamp, ...(isFresh ? { recheckAtMs: this.#now() + lookAgainMs } : {}) };
		}
		const cursor: Cursor = { version: 1, settled: lastSettled(record.messages, result.open), open: {} };
		for (const [id, call] of result.open) cursor.open[id] = call;
		// A call whose agent is gone is never written again: look once more when it has had its time.
		const recheck = result.open.size > 0 ? { recheckAtMs: this.#now() + abandonedAfterMs + 1 } : {};
		return { drafts, skipped, cursor: JSON.stringify(cursor), stamp, ...recheck };
	}

	/** Ends calls whose messages were taken back while they were open. */
	#removed(path: string, before: Cursor | null, messages: readonly MessageRow[]): DraftInput[] {
		const there = new Set(messages.map(({ id }) => id));
		const gone = Object.entries(before?.open ?? {}).filter(([id]) => !there.has(id));
		return gone.map(([, call]) => removedResponse(this.#flavour, path, call, this.#now()));
	}

	#storages(places: Places): string[] {
		return dataFolders(this.#flavour, places).map((folder) => join(folder, 'storage'));
	}
}

/** The file of the session that a changed path belongs to: its own, one of its messages', or one of their parts'. */
function sessionFileOf(storage: Storage, path: string): string | null {
	const [kind, folder, name] = relative(storage.path, path).split(sep);
	if (folder === undefined) return null;
	if (kind === 'session') return name === undefined ? null : path;
	let sessionId: string | null = kind === 'message' ? folder : null;
	if (kind === 'part' && name !== undefined) {
		const file = readJsonFile(path);
		const part = partSchema.safeParse(file === null || file === 'malformed' ? null : file.value);
		sessionId = part.data?.sessionID ?? null;
	}
	if (sessionId === null || basename(sessionId) !== sessionId) return null;
	const id = sessionId;
	const project = storage.projects().find((each) => storage.sessionIds(each).includes(id));
	return project === undefined ? null : storage.sessionFile(project, id);
}

const partSchema = z.looseObject({ sessionID: z.string() });

function isSettled({ id, data }: MessageRow, { settled }: Cursor): boolean {
	if (settled === null) return false;
	const { created } = data.time;
	return created < settled.createdAtMs || (created === settled.createdAtMs && id <= settled.id);
}

/** The last message of those before the first that has not ended. */
function lastSettled(messages: readonly MessageRow[], open: ReadonlyMap<string, unknown>): Cursor['settled'] {
	const firstOpen = messages.findIndex(({ id }) => open.has(id));
	const last = messages.at(firstOpen < 0 ? -1 : firstOpen - 1);
	if (firstOpen === 0 || last === undefined) return null;
	return { createdAtMs: last.data.time.created, id: last.id };
}

function parseCursor(text: string | null): Cursor | null {
	if (text === null) return null;
	try {
		return cursorSchema.safeParse(JSON.parse(text)).data ?? null;
	} catch {
		return null;
	}
}
