import { type Dirent, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { Places, RecordUnit } from '../source.ts';
import type { Dialect } from './dialect.ts';

/** The files of a task folder, by what they are for. */
export const taskFiles = {
	rows: 'ui_messages.json',
	history: 'api_conversation_history.json',
	item: 'history_item.json',
} as const;

/** Task folders looked at between two turns of the event loop. */
const batch = 100;

/** Folders in which the agent keeps its tasks: below each `globalStorage`, at home, and where its own setting says. */
export function taskRoots(dialect: Dialect, places: Places): string[] {
	const storages = places.globalStorage.map((folder) => join(folder, dialect.storageFolder));
	const home = dialect.homeFolder === undefined ? [] : [join(places.home, dialect.homeFolder)];
	const custom = places.customPlaces[dialect.id] ?? [];
	return [...new Set([...storages, ...home, ...custom])].map((storage) => join(storage, 'tasks'));
}

/** Every task folder there is, by directory listing and stat alone. */
export async function* taskUnits(dialect: Dialect, places: Places): AsyncGenerator<RecordUnit> {
	let looked = 0;
	for (const root of taskRoots(dialect, places)) {
		for (const entry of entriesOf(root)) {
			// A link is listed too: reading it tells whether it leaves the agent's folder, and counts it if so.
			if (!entry.isDirectory() && !entry.isSymbolicLink()) continue;
			const key = join(root, entry.name);
			const seen = stampOf(key);
			if (seen !== null) yield { key, ...seen };
			if (++looked % batch === 0) await turn();
		}
	}
}

/**
 * Size, time and inode of each of the folder's files: it changes with every write, also with one by rename. `null` when
 * the folder is gone or holds no rows.
 */
export function stampOf(folder: string): { stamp: string; changedAtMs: number } | null {
	const parts: string[] = [];
	let changedAtMs = 0;
	for (const name of [taskFiles.rows, taskFiles.history, taskFiles.item]) {
		const stat = statOf(join(folder, name));
		if (stat === null) {
			if (name === taskFiles.rows) return null;
			parts.push('-');
			continue;
		}
		changedAtMs = Math.max(changedAtMs, Math.floor(stat.mtimeMs));
		parts.push(`${stat.size}.${stat.mtimeMs}.${stat.ino}`);
	}
	return { stamp: parts.join('|'), changedAtMs };
}

function statOf(path: string): { size: number; mtimeMs: number; ino: number } | null {
	try {
		return statSync(path, { throwIfNoEntry: false }) ?? null;
	} catch {
		return null;
	}
}

function entriesOf(root: string): Dirent[] {
	try {
		return readdirSync(root, { withFileTypes: true });
	} catch {
		return [];
	}
}
