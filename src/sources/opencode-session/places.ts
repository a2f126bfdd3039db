import type { Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import type { Places } from '../source.ts';

/** How one agent of this family names and places its records. */
export interface Flavour {
	/** The source's id. */
	id: 'kilo-db' | 'opencode';
	title: string;
	agentId: string;
	/** Folder below the user's data home: `~/.local/share/<folder>`. The agents use this path on every platform. */
	folder: string;
	/** Database names: the released build's, and one for each other release channel. */
	file: RegExp;
	/** Variable that names another database: absolute, or relative to the folder above. */
	envFile: string;
}

export const kiloFlavour: Flavour = {
	id: 'kilo-db',
	title: 'Kilo Code 7 and the kilo CLI',
	agentId: 'kilo-code',
	folder: 'kilo',
	file: /^kilo(-[\w.-]+)?\.db$/,
	envFile: 'KILO_DB',
};

export const opencodeFlavour: Flavour = {
	id: 'opencode',
	title: 'opencode',
	agentId: 'opencode',
	folder: 'opencode',
	file: /^opencode(-[\w.-]+)?\.db$/,
	envFile: 'OPENCODE_DB',
};

/** Folders in which the agent keeps its data, whatever its version. Absolute, without duplicates; they need not exist. */
export function dataFolders(flavour: Flavour, places: Places): string[] {
	const folders = [join(dataHome(places), flavour.folder), join(places.home, '.local', 'share', flavour.folder)];
	return [...new Set([...folders, ...(places.customPlaces[flavour.id] ?? [])].map((folder) => resolve(folder)))];
}

/** Coarsest step of a file's modification time that we care for. */
const clockTickMs = 20;

/** A database and the log beside it, as the file system shows them. */
export interface DatabaseFile {
	path: string;
	changedAtMs: number;
	/** Equal while neither the database nor its log was written. */
	stamp: string;
}

/** Every database there is. Directory listing and stat only. */
export async function databaseFiles(flavour: Flavour, places: Places): Promise<DatabaseFile[]> {
	const paths = new Set<string>();
	for (const folder of dataFolders(flavour, places)) {
		for (const name of await readdir(folder).catch(() => [])) {
			if (flavour.file.test(name)) paths.add(join(folder, name));
		}
	}
	const named = envDatabase(flavour, places);
	if (named !== null) paths.add(named);
	const files = await Promise.all([...paths].map((path) => databaseFile(path)));
	return files.filter((file) => file !== null);
}

/** `null` when there is no such file, or it holds nothing and has no log. */
export async function databaseFile(path: string): Promise<DatabaseFile | null> {
	const [database, log] = await Promise.all([statOrNull(path), statOrNull(`${path}-wal`)]);
	if (!database?.isFile() || (database.size === 0 && (log?.size ?? 0) === 0)) return null;
	const changedAtMs = Math.round(Math.max(database.mtimeMs, log !== null && log.size > 0 ? log.mtimeMs : 0));
	const marks = [database.ino, database.size, database.mtimeMs, log?.size ?? 0, log?.size ? log.mtimeMs : 0];
	// A second write within one tick of the file system's clock would leave size and time as they are: look once more.
	const now = Date.now();
	if (now - changedAtMs < clockTickMs) marks.push(now);
	return { path, changedAtMs, stamp: marks.join(':') };
}

/** The database that the environment names, absolute; `null` for none and for one in memory. */
export function envDatabase(flavour: Flavour, places: Places): string | null {
	const named = places.env[flavour.envFile];
	if (named === undefined || named === '' || named === ':memory:') return null;
	return isAbsolute(named) ? resolve(named) : join(dataHome(places), flavour.folder, named);
}

function dataHome(places: Places): string {
	const configured = places.env.XDG_DATA_HOME;
	return configured ? configured : join(places.home, '.local', 'share');
}

async function statOrNull(path: string): Promise<Stats | null> {
	try {
		return await stat(path);
	} catch {
		return null;
	}
}
