import { chmodSync, closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { type CodecName, detectCodec } from './codec.ts';
import { LedgerError } from './ledger.ts';
import { makeFolder } from './make-folder.ts';
import { APPLICATION_ID, migrate, SCHEMA_VERSION, userVersion } from './migrations.ts';
import { setAside, type UnusableBecause, withFileLock } from './set-aside.ts';
import { ledgerError, toLedgerError } from './sqlite-error.ts';

const MAGIC = 'SQLite format 3\u0000';
/** How long a statement waits for another window's. */
export const BUSY_TIMEOUT_MS = 5000;
/** When opening is tried again that SQLite refused without waiting. */
const AGAIN_MS = 20;
/** Negative: KiB. */
const CACHE_SIZE = -32_000;
/** How long the log grows before it is written into the file: what is changed again meanwhile is written there once. */
const CHECKPOINT_PAGES = 16_000;
/** What the index gathers in memory before it writes: a transaction's words make one segment, not several to merge. */
const GATHERED_BYTES = 8 * 1024 * 1024;
/** Up to this size the whole file is checked when it is opened; beyond, damage is found when it is read. */
const QUICK_CHECK_BYTES = 16 * 1024 * 1024;

export interface DatabaseOptions {
	/** Absolute path of the ledger. Its folder is made when missing. */
	file: string;
	/** Never writes: queries only. The file must exist; it may be of a newer version. */
	readOnly?: boolean;
	/** `scan` goes without FTS5 even where the runtime has it. */
	fullText?: 'auto' | 'scan';
	/** `gzip` goes without zstd even where the runtime has it. */
	codec?: 'auto' | 'gzip';
	/**
	 * After SQLite found the file damaged while it was used. `suspect`: check all of it and make the index anew;
	 * `condemned`: put it aside, whatever a check says.
	 */
	trust?: 'full' | 'suspect' | 'condemned';
	/** Bounds the file, in pages of 4,096 bytes: beyond it SQLite answers as it does on a full disk. */
	maxPages?: number;
}

export interface OpenDatabase {
	db: DatabaseSync;
	/** Where an unusable file was put, and why. */
	setAside: { path: string; why: UnusableBecause } | null;
	fullText: 'fts5' | 'scan';
	codec: CodecName;
}

/**
 * Opens a ledger, makes it when missing, and brings its schema up to date. A file that is damaged or of another program
 * is put aside under a name with the time, and a fresh ledger begins. One of a newer version stays where it is: the
 * window with that version may be writing it.
 *
 * @throws {LedgerError} `newerVersion` for such a file, which can still be opened read-only.
 */
export function openDatabase(options: DatabaseOptions): OpenDatabase {
	const { file } = options;
	try {
		if (options.readOnly) return describe(openReadOnly(file), options, null);
		makePrivate(file);
		const usable = tryOpen(options);
		if ('db' in usable) return describe(usable.db, options, null);
		return withFileLock(file, () => {
			// Another window may have put it aside meanwhile.
			const again = tryOpen(options);
			if ('db' in again) return describe(again.db, options, null);
			const path = setAside(file, again.problem);
			makePrivate(file);
			const fresh = tryOpen({ ...options, trust: 'full' });
			if (!('db' in fresh)) throw ledgerError('io', file);
			return describe(fresh.db, options, { path, why: again.problem });
		});
	} catch (error) {
		throw toLedgerError(error, file);
	}
}

function openReadOnly(file: string): DatabaseSync {
	try {
		return checked(new DatabaseSync(file, { readOnly: true, timeout: BUSY_TIMEOUT_MS }), file);
	} catch (error) {
		// A log and its index cannot be made there; without a log the file alone is the whole ledger.
		if (error instanceof LedgerError || existsSync(`${file}-wal`)) throw error;
	}
	const url = pathToFileURL(file);
	url.search = 'immutable=1';
	return checked(new DatabaseSync(url, { readOnly: true }), file);
}

function checked(db: DatabaseSync, file: string): DatabaseSync {
	try {
		if (applicationId(db) !== APPLICATION_ID) throw ledgerError('foreignFile', file);
		return db;
	} catch (error) {
		db.close();
		throw error;
	}
}

/** The ledger opened for writing, or what is wrong with the file. */
function tryOpen(options: DatabaseOptions): { db: DatabaseSync } | { problem: UnusableBecause } {
	// SQLite waits for no one while it turns a new file to its log: of two that do so at once, one is refused at once.
	const untilMs = Date.now() + BUSY_TIMEOUT_MS;
	for (;;) {
		try {
			return tryOpenOnce(options);
		} catch (error) {
			if (toLedgerError(error, options.file).reason !== 'locked' || Date.now() >= untilMs) throw error;
			Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, AGAIN_MS);
		}
	}
}

function tryOpenOnce(options: DatabaseOptions): { db: DatabaseSync } | { problem: UnusableBecause } {
	const { file } = options;
	if (!hasMagic(file) || (options.trust === 'condemned' && !isEmpty(file))) return { problem: 'damaged' };
	const db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
	try {
		const suspect = options.trust === 'suspect';
		const problem = check(db, file, suspect);
		if (problem !== null && problem !== 'index') {
			db.close();
			return { problem };
		}
		db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = ${CACHE_SIZE};
			PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}; PRAGMA journal_size_limit = ${CHECKPOINT_PAGES * 4096}`);
		if (options.maxPages !== undefined) db.exec(`PRAGMA max_page_count = ${Math.trunc(options.maxPages)}`);
		migrate(db);
		if (options.fullText !== 'scan') createFullText(db, suspect || problem === 'index');
		return { db };
	} catch (error) {
		db.close();
		const typed = toLedgerError(error, file);
		if (typed.reason === 'damaged') return { problem: 'damaged' };
		throw typed;
	}
}

/** What is wrong with a file. `index`: only the full-text index, which can be made anew. */
function check(db: DatabaseSync, file: string, whole: boolean): UnusableBecause | 'index' | null {
	const tables = Number(db.prepare('SELECT count(*) AS tables FROM sqlite_schema').get()?.tables ?? 0);
	if (tables > 0 && applicationId(db) !== APPLICATION_ID) return 'foreign';
	if (isNewer(db)) throw ledgerError('newerVersion', file);
	if (tables > 0 && (whole || statSync(file).size <= QUICK_CHECK_BYTES)) {
		const problems = db
			.prepare('PRAGMA quick_check(100)')
			.all()
			.map((row) => String(row.quick_check));
		if (problems.some((text) => text !== 'ok' && !/\bfts5\b/i.test(text))) return 'damaged';
		if (problems.some((text) => text !== 'ok')) return 'index';
	}
	return null;
}

/** Whether a newer version of the program wrote the ledger. */
export function isNewer(db: DatabaseSync): boolean {
	return userVersion(db) > SCHEMA_VERSION;
}

/** Whether an earlier version wrote it, and nobody has opened it for writing since. */
export function isOlder(db: DatabaseSync): boolean {
	return userVersion(db) < SCHEMA_VERSION;
}

function applicationId(db: DatabaseSync): number {
	return Number(db.prepare('PRAGMA application_id').get()?.application_id ?? 0);
}

function isEmpty(file: string): boolean {
	return statSync(file).size === 0 && !existsSync(`${file}-wal`);
}

/** An empty file is a database that has not begun; anything else begins with SQLite's magic string. */
function hasMagic(file: string): boolean {
	const fd = openSync(file, 'r');
	try {
		const head = Buffer.alloc(MAGIC.length);
		const length = readSync(fd, head, 0, head.length, 0);
		return length === 0 || head.toString('latin1') === MAGIC;
	} finally {
		closeSync(fd);
	}
}

/** The file for its owner only; SQLite gives its companions the same mode. A folder that exists keeps its mode. */
function makePrivate(file: string): void {
	makeFolder(dirname(file));
	closeSync(openSync(file, 'a', 0o600));
	if ((statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600);
}

/**
 * The index over all content. Contentless: the words stand in the index, the text only in `message`. Made outside the
 * migrations, since it depends on the runtime: what was stored without it is indexed when the ledger is opened with it.
 */
function createFullText(db: DatabaseSync, anew: boolean): void {
	const exists = db.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'message_text'`).get() !== undefined;
	if (exists && !anew) return;
	try {
		if (exists) db.exec('DROP TABLE message_text; UPDATE message SET indexed = 0 WHERE indexed = 1');
		db.exec(`CREATE VIRTUAL TABLE IF NOT EXISTS message_text USING fts5(
			text, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2')`);
		db.exec(`INSERT INTO message_text (message_text, rank) VALUES ('hashsize', ${GATHERED_BYTES})`);
	} catch (error) {
		const typed = toLedgerError(error);
		// Without FTS5 SQLite answers "no such module", its plain error code; anything else is the disk's.
		if (typed.reason !== 'io') throw typed;
	}
}

function describe(db: DatabaseSync, options: DatabaseOptions, aside: OpenDatabase['setAside']): OpenDatabase {
	return {
		db,
		setAside: aside,
		fullText: options.fullText !== 'scan' && hasFullText(db) ? 'fts5' : 'scan',
		codec: options.codec === 'gzip' ? 'gzip' : detectCodec(),
	};
}

function hasFullText(db: DatabaseSync): boolean {
	try {
		db.prepare('SELECT rowid FROM message_text LIMIT 0').all();
		return true;
	} catch (error) {
		if (error instanceof LedgerError) throw error;
		return false;
	}
}
