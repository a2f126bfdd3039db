import { type Dirent, lstatSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { RecordUnit, UnitReading } from '../source.ts';
import { stampOfFile } from './file-stamp.ts';

/** The stamp of a unit that is a link out of the agent's folder: not to be read, and counted as such. */
export const outsideStamp = 'outside';

export interface WalkOptions {
	/** Whether a file is one of the agent's records. `path` is relative to the root, with `/` between its parts. */
	wanted(path: string): boolean;
	/** Whether to look into a folder; absent = into every one. */
	enter?(path: string): boolean;
	/** Folders below the root, itself 0. */
	maxDepth?: number;
}

/** Files looked at between two turns of the event loop. */
const batch = 250;

/**
 * Every wanted file below `root`, by directory listing and stat alone. The root may be a link. Of links below it, one
 * whose target is also below it is passed over, since the target is listed itself; one that leads out of it is given
 * with `outsideStamp`, so that it can be counted. What cannot be listed is passed over.
 */
export async function* walkFiles(root: string, options: WalkOptions): AsyncGenerator<RecordUnit> {
	const realRoot = realOrNull(root);
	if (realRoot === null) return;
	let looked = 0;
	// Putting each path together anew would take as long as looking at the file.
	const prefix = join(root, sep);
	const keyOf = (path: string): string => prefix + (sep === '/' ? path : path.replaceAll('/', sep));
	const folders: { path: string; depth: number }[] = [{ path: '', depth: 0 }];
	for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
		for (const entry of entriesOf(join(root, folder.path))) {
			const path = folder.path === '' ? entry.name : `${folder.path}/${entry.name}`;
			if (++looked % batch === 0) await turn();
			if (entry.isDirectory()) {
				if (folder.depth < (options.maxDepth ?? 16) && options.enter?.(path) !== false) {
					folders.push({ path, depth: folder.depth + 1 });
				}
			} else if (entry.isSymbolicLink()) {
				const isRecord = options.wanted(path) || (options.enter?.(path) ?? !entry.name.includes('.'));
				if (isRecord && leadsOutside(realRoot, keyOf(path))) yield outsideUnit(keyOf(path));
			} else if (options.wanted(path)) {
				const key = keyOf(path);
				const seen = stampOfFile(key);
				if (seen !== null) yield { key, ...seen };
			}
		}
	}
}

/** The unit at a path that was reported as changed; `null` when it is none of `root`, not wanted, or gone. */
export function fileAt(root: string, path: string, options: WalkOptions): RecordUnit | null {
	const inside = relative(root, path);
	if (inside === '' || inside.startsWith('..') || isAbsolute(inside)) return null;
	const parts = inside.split(sep);
	if (!options.wanted(parts.join('/'))) return null;
	const folders = parts.slice(0, -1).map((_, index) => parts.slice(0, index + 1).join('/'));
	if (folders.some((folder) => options.enter?.(folder) === false)) return null;
	const seen = stampOfFile(path);
	if (seen === null) return null;
	const realRoot = realOrNull(root);
	const realFolder = realOrNull(dirname(path));
	const real = realOrNull(path);
	if (realRoot === null || realFolder === null || real === null) return null;
	if (!isBelow(real, realRoot)) return outsideUnit(path);
	// A link to another record is listed as that record.
	return real === join(realRoot, inside) ? { key: path, ...seen } : null;
}

/** The places of `roots` that are there, each once, however many links lead to it. */
export function distinctFolders(roots: readonly string[]): string[] {
	const seen = new Set<string>();
	return roots.filter((root) => {
		const real = realOrNull(root);
		if (real === null || seen.has(real)) return false;
		seen.add(real);
		return true;
	});
}

/** What reading a unit with `outsideStamp` gives. */
export function outsideReading(): UnitReading {
	return { drafts: [], skipped: { outsideAgentFolder: 1 }, cursor: null, stamp: outsideStamp };
}

function outsideUnit(key: string): RecordUnit {
	const changedAtMs = Math.floor(lstatSync(key, { throwIfNoEntry: false })?.mtimeMs ?? 0);
	return { key, changedAtMs, stamp: outsideStamp };
}

function leadsOutside(realRoot: string, link: string): boolean {
	const real = realOrNull(link);
	return real !== null && !isBelow(real, realRoot);
}

function isBelow(path: string, folder: string): boolean {
	return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

function realOrNull(path: string): string | null {
	try {
		return realpathSync.native(path);
	} catch {
		return null;
	}
}

function entriesOf(folder: string): Dirent[] {
	try {
		return readdirSync(folder, { withFileTypes: true });
	} catch {
		return [];
	}
}
