import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';

/** How long to wait for a lock, in milliseconds. Short: a locked database is simply read at the next look. */
const lockWaitMs = 100;

/** Why a foreign database could not be read. `busy` passes; the others stay until the file changes. */
export type UnreadableReason = 'busy' | 'gone' | 'unreadable' | 'unknownVersion';

export class UnreadableDatabase extends Error {
	readonly reason: UnreadableReason;
	constructor(reason: UnreadableReason, options?: { cause?: unknown }) {
		super(`The agent's database cannot be read: ${reason}`, options);
		this.name = 'UnreadableDatabase';
		this.reason = reason;
	}
}

/**
 * Runs `read` on an agent's database, in place and read-only, in one snapshot, and closes it.
 *
 * A log with content is read with the database: while an agent runs, nearly everything may be there. Without one the
 * file is opened as immutable, which takes no lock and leaves no `-wal` or `-shm` behind; if an agent wrote meanwhile,
 * what was read is thrown away as `busy`. It is never kept open: an agent that quits can then tidy up its own log.
 *
 * @throws {UnreadableDatabase}
 */
export function readDatabase<T>(path: string, read: (database: DatabaseSync) => T): T {
	let database: DatabaseSync | null = null;
	let immutable: string | null = null;
	try {
		const before = fingerprint(path);
		if (!before.hasLog && keepsLog(path)) immutable = before.stamp;
		const url = pathToFileURL(path);
		if (immutable !== null) url.searchParams.set('immutable', '1');
		database = new DatabaseSync(url, { readOnly: true, timeout: lockWaitMs });
		database.exec('BEGIN');
		const result = read(database);
		if (immutable !== null && fingerprint(path).stamp !== immutable) throw new UnreadableDatabase('busy');
		return result;
	} catch (cause) {
		const error = cause instanceof UnreadableDatabase ? cause : asUnreadable(cause, path);
		// Pages that changed under an immutable reader look like damage.
		if (immutable !== null && error instanceof UnreadableDatabase && changedSince(path, immutable)) {
			throw new UnreadableDatabase('busy', { cause });
		}
		throw error;
	} finally {
		if (database?.isOpen) database.close();
	}
}

function fingerprint(path: string): { hasLog: boolean; stamp: string } {
	const file = statSync(path);
	const log = statSync(`${path}-wal`, { throwIfNoEntry: false });
	const hasLog = log !== undefined && log.size > 0;
	return { hasLog, stamp: [file.ino, file.size, file.mtimeMs, hasLog].join(':') };
}

/** Whether the database is in WAL mode: bytes 18 and 19 of its header (https://sqlite.org/fileformat.html#the_database_header). */
function keepsLog(path: string): boolean {
	const header = Buffer.alloc(20);
	const file = openSync(path, 'r');
	try {
		return readSync(file, header, 0, 20, 0) === 20 && header[18] === 2 && header[19] === 2;
	} finally {
		closeSync(file);
	}
}

function changedSince(path: string, stamp: string): boolean {
	try {
		return fingerprint(path).stamp !== stamp;
	} catch {
		return false;
	}
}

/** SQLite's primary result codes: https://sqlite.org/rescode.html */
function asUnreadable(cause: unknown, path: string): unknown {
	if (!(cause instanceof Error)) return cause;
	if ('code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR')) {
		return new UnreadableDatabase('gone', { cause });
	}
	if (!('errcode' in cause) || typeof cause.errcode !== 'number') return cause;
	switch (cause.errcode & 0xff) {
		case 5: // SQLITE_BUSY
		case 6: // SQLITE_LOCKED
		case 15: // SQLITE_PROTOCOL
		case 17: // SQLITE_SCHEMA
			return new UnreadableDatabase('busy', { cause });
		case 14: // SQLITE_CANTOPEN: gone, or its folder does not let the log be read
			return new UnreadableDatabase(existsSync(path) ? 'unreadable' : 'gone', { cause });
		case 1: // SQLITE_ERROR: a query that this layout does not know
			return new UnreadableDatabase('unknownVersion', { cause });
		default:
			return new UnreadableDatabase('unreadable', { cause });
	}
}
