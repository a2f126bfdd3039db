import { closeSync, existsSync, openSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
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
	const { stem, extension } = nameOf(file);
	const time = now.toISOString().replaceAll(':', '-');
	let target = `${stem}.${why}-${time}${extension}`;
	for (let i = 2; existsSync(target); i++) target = `${stem}.${why}-${time}-${i}${extension}`;
	for (const companion of COMPANIONS) {
		if (existsSync(file + companion)) renameSync(file + companion, target + companion);
	}
	return target;
}

/** The files that were set aside beside a ledger, earlier versions' `newer` among them, oldest first. Not their companions. */
export function filesSetAside(file: string): string[] {
	const { stem, extension } = nameOf(file);
	return readdirSync(dirname(file))
		.map((name) => join(dirname(file), name))
		.filter((path) => path.endsWith(extension) && /^\.(damaged|foreign|newer)-\d{4}-/.test(path.slice(stem.length)))
		.filter((path) => path.startsWith(stem))
		.sort();
}

function nameOf(file: string): { stem: string; extension: string } {
	const extension = extname(file);
	return { stem: join(dirname(file), basename(file, extension)), extension };
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
