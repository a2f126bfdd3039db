import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { agreeOnLedger } from '../ledger/agree-on-ledger.ts';
import { LedgerError } from '../ledger/ledger.ts';
import type { LedgerClient } from '../ledger/ledger-client.ts';
import { APPLICATION_ID } from '../ledger/migrations.ts';
import { LEDGER_FILE, type LedgerOptions, openLedger } from '../ledger/open-ledger.ts';
import { LedgerRegistry, type RegistryEntry } from '../ledger/registry.ts';
import { registryDirectory } from '../ledger/registry-place.ts';
import { CliProblem, type Environment, exitCodes } from './environment.ts';

/** A ledger on the disk, and the folders whose calls it holds. */
export interface LedgerFile {
	/** Absolute. */
	file: string;
	/** Absolute; the current folder when the ledger was named. */
	folders: readonly string[];
}

/**
 * The ledger that a command reads: the one named, else that of the innermost folder around the current one.
 *
 * @throws CliProblem when there is none.
 */
export function ledgerToRead(environment: Environment, named: string | undefined): LedgerFile {
	const here = realOf(environment.cwd);
	if (named !== undefined) {
		const file = resolve(environment.cwd, named);
		if (!existsSync(file) || (statSync(file).isFile() && statSync(file).size === 0)) {
			throw new CliProblem(`There is no ledger at ${file}. callmeter import --ledger ${named} makes one.`);
		}
		mustBeLedger(file);
		return { file, folders: [here] };
	}
	const found = entryAround(registryOf(environment), here);
	if (found !== null) return { file: found.ledger, folders: found.folders };
	throw new CliProblem(
		`No calls were recorded for ${here} yet. Run "callmeter import" here, open the folder in VS Code with Callmeter, or name a ledger with --ledger FILE.`,
	);
}

/** The ledger that an import writes: as `ledgerToRead`, and made and put on the list of ledgers where there is none. */
export function ledgerToWrite(environment: Environment, named: string | undefined): LedgerFile {
	const here = realOf(environment.cwd);
	if (named !== undefined) {
		const file = resolve(environment.cwd, named);
		if (existsSync(file)) mustBeLedger(file);
		return { file, folders: [here] };
	}
	const registry = registryOf(environment);
	const found = entryAround(registry, here);
	if (found !== null) return { file: found.ledger, folders: found.folders };
	const name = createHash('sha256').update(here).digest('hex').slice(0, 32);
	const own = join(dirname(registryDirectory(environment)), 'workspaces', name, LEDGER_FILE);
	try {
		const file = agreeOnLedger(registry, { ledger: own, folders: [here], name: here, nowMs: environment.nowMs });
		return { file, folders: [here] };
	} catch (error) {
		const why = error instanceof Error ? error.message : error;
		throw new CliProblem(`No ledger can be made for ${here}: ${why}. Name another place with --ledger FILE.`);
	}
}

/**
 * Opens a ledger, does something with it, and closes it whatever happened. Work that only reads ends at once when the
 * user wants to stop.
 *
 * @throws CliProblem also for a damaged ledger that is only read.
 */
export async function withLedger<T>(
	{ workers, signal }: Environment,
	{ file }: LedgerFile,
	options: Pick<LedgerOptions, 'content' | 'prices'> & { readOnly: boolean },
	work: (ledger: LedgerClient) => Promise<T>,
): Promise<T> {
	const ledger = openLedger({ file, workerPath: workers.ledger, ...options });
	const { promise: stopped, reject } = Promise.withResolvers<never>();
	const stop = () => reject(new CliProblem('Interrupted.', exitCodes.interrupted));
	if (options.readOnly) {
		if (signal.aborted) stop();
		signal.addEventListener('abort', stop, { once: true });
	}
	try {
		return await Promise.race([work(ledger), stopped]);
	} catch (error) {
		if (options.readOnly && error instanceof LedgerError && error.reason === 'damaged') throw damaged(file);
		throw error;
	} finally {
		signal.removeEventListener('abort', stop);
		// A query that goes on is left behind: it changes nothing.
		const closed = ledger.close();
		if (!options.readOnly || !signal.aborted) await closed;
	}
}

/** @throws CliProblem when a ledger has no task of this id. */
export async function mustHaveSession(ledger: LedgerClient, { file }: LedgerFile, sessionId: string): Promise<void> {
	const { total } = await ledger.sessions({ filter: { sessionId }, offset: 0, limit: 1 });
	if (total === 0) throw new CliProblem(`There is no task "${sessionId}" in ${file}.`);
}

function damaged(file: string): CliProblem {
	return new CliProblem(
		`The ledger ${file} is damaged. callmeter import puts it aside, begins a fresh one, and reads the records again.`,
	);
}

function registryOf(environment: Environment): LedgerRegistry {
	return new LedgerRegistry(registryDirectory(environment));
}

/** A file that someone named by mistake must not be set aside for a ledger. An empty one is none yet. */
function mustBeLedger(file: string): void {
	// A pipe or a device would be waited for, or never end.
	if (!statSync(file).isFile()) throw new CliProblem(`${file} is no file. Name another one with --ledger.`);
	const header = Buffer.alloc(72);
	let length: number;
	try {
		const descriptor = openSync(file, 'r');
		length = readSync(descriptor, header);
		closeSync(descriptor);
	} catch (error) {
		throw new CliProblem(`${file} cannot be read: ${error instanceof Error ? error.message : error}`);
	}
	// SQLite's file format: the application id is the four bytes from 68 on.
	if (length === 0 || (length === 72 && header.readUInt32BE(68) === APPLICATION_ID)) return;
	// A ledger that is being made, or whose maker was killed, has all of this in the log beside it still.
	if (existsSync(`${file}-wal`) && isLedgerByItsLog(file)) return;
	throw new CliProblem(`${file} is no ledger of Callmeter. Name another file with --ledger.`);
}

function isLedgerByItsLog(file: string): boolean {
	try {
		const database = new DatabaseSync(file, { readOnly: true, timeout: 5_000 });
		try {
			const id = database.prepare('PRAGMA application_id').get()?.application_id;
			const { tables } = { ...database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get() };
			return id === APPLICATION_ID || (id === 0 && tables === 0);
		} finally {
			database.close();
		}
	} catch {
		return false;
	}
}

/** The ledger whose folder lies closest around `here`; of several for that folder the one that was first. */
function entryAround(registry: LedgerRegistry, here: string): RegistryEntry | null {
	let best: { entry: RegistryEntry; length: number } | null = null;
	for (const entry of registry.all()) {
		if (!existsSync(entry.ledger)) continue;
		for (const folder of entry.folders) {
			if (!isInside(here, folder)) continue;
			if (best === null || folder.length >= best.length) best = { entry, length: folder.length };
		}
	}
	return best?.entry ?? null;
}

/** Whether a path is a folder or lies in it; both absolute, symlinks resolved. */
export function isInside(path: string, folder: string): boolean {
	const way = relative(folder, path);
	return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** The real path of a folder, or the path as it is where there is none. */
export function realOf(path: string): string {
	try {
		return realpathSync.native(path);
	} catch {
		return path;
	}
}
