import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileAt, type WalkOptions, walkFiles } from '../jsonl/walk-files.ts';
import type { Places, RecordUnit } from '../source.ts';

const walk: WalkOptions = {
	wanted: (path) => /^[^/]+\/chats\/(?:[^/]+\/)?[^/]+\.jsonl?$/.test(path),
	enter: (path) => /^[^/]+(?:\/chats(?:\/[^/]+)?)?$/.test(path) && path !== 'bin',
	maxDepth: 4,
};

/**
 * Folders of which each holds one project's chats: `tmp` in the CLI's own folder, `.gemini` in the user's home.
 * `GEMINI_CLI_HOME` takes the place of the home.
 */
export function chatRoots(places: Places): string[] {
	const named = places.env.GEMINI_CLI_HOME;
	const home = named ? resolve(places.home, named) : places.home;
	return [...new Set([join(home, '.gemini', 'tmp'), ...(places.customPlaces['gemini-cli'] ?? []).map(rootNamed)])];
}

/** What the user named: the CLI's own folder, or one with projects in it. */
function rootNamed(folder: string): string {
	const projects = join(folder, 'tmp');
	return existsSync(projects) ? projects : folder;
}

export async function* chatUnits(places: Places): AsyncGenerator<RecordUnit> {
	for (const root of chatRoots(places)) yield* walkFiles(root, walk);
}

/** The chat at a path that was reported as changed. */
export function chatAt(path: string, places: Places): RecordUnit | null {
	for (const root of chatRoots(places)) {
		const unit = fileAt(root, path, walk);
		if (unit !== null) return unit;
	}
	return null;
}

/** What a chat's own path tells: `…/.gemini/tmp/<project>/chats/[<parent session>/]<file>`. */
export interface ChatPlace {
	/** The CLI's own folder, `.gemini`. */
	geminiFolder: string;
	/** Name of the project's folder: a short name, or in older releases the hash of its path. */
	project: string;
	projectFolder: string;
	/** The session that started this one as its subagent. */
	parentSessionId: string | null;
}

/** `null` for a file that lies elsewhere. */
export function chatPlace(path: string): ChatPlace | null {
	const found = /^(.+)[\\/]chats[\\/](?:([^\\/]+)[\\/])?[^\\/]+$/.exec(path);
	if (found === null) return null;
	const [, projectFolder = '', parentSessionId] = found;
	const root = dirname(projectFolder);
	return {
		geminiFolder: basename(root) === 'tmp' ? dirname(root) : root,
		project: basename(projectFolder),
		projectFolder,
		parentSessionId: parentSessionId ?? null,
	};
}
