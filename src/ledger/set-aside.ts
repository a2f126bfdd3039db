import { closeSync, existsSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';

/** A lock older than this was left by a process that died while it held it. */
const STALE_LOCK_MS = 30_000;
const LOCK_WAIT_MS = 10_000;
const PAUSE_MS = 25;

/** SQLite's files beside the database itself. */
const COMPANIONS = ['', '-wal', '-shm'];

/** Why a file cannot be a ledger. */
export type UnusableBecause = 'damaged' | 'foreign';

/**
 * Renames a file that cannot be used, with its companions, to `<name>.<why>-<UTC time>.<ext>` and returns the new path.
 * Nothing is deleted. The caller holds the lock and has closed the file.
 */
export function setAside(file: string, why: UnusableBecause, now: Date = new Date()): string {
	const extension = extname(file);
	const stem = join(dirname(file), basename(file, extension));
	const time = now.toISOString().replaceAll(':', '-');
	let target = `${stem}.${why}-${time}${extension}`;
	for (let i = 2; existsSync(target); i++) target = `${stem}.${why}-${time}-${i}${extension}`;
	for (const companion of COMPANIONS) {
		if (existsSync(file + companion)) renameSync(file + companion, target + companion);
	}
	return target;
}

/**
 * Runs `action` while no other process runs one for the same file: two windows that find the same damaged file must not
 * both put it aside, for the second would move the first one's fresh ledger.
 */
export function withFileLock<T>(file: string, action: () => T): T {
	const lock = `${file}.lock`;
	const deadline = Date.now() + LOCK_WAIT_MS;
	while (!tryLock(lock)) {
		if (isStale(lock) || Date.now() > deadline) rmSync(lock, { force: true });
		else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
	}
	try {
		return action();
	} finally {
		rmSync(lock, { force: true });
	}
}

function tryLock(lock: string): boolean {
	try {
		closeSync(openSync(lock, 'wx', 0o600));
		return true;
	} catch (error) {
		if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
		throw error;
	}
}

function isStale(lock: string): boolean {
	try {
		return Date.now() - statSync(lock).mtimeMs > STALE_LOCK_MS;
	} catch {
		return false;
	}
}
