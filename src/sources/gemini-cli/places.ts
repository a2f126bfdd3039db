import { join, resolve } from 'node:path';
import { fileAt, type WalkOptions, walkFiles } from '../jsonl/walk-files.ts';
import type { Places, RecordUnit } from '../source.ts';

const walk: WalkOptions = {
	wanted: (path) => /^[^/]+\/chats\/(?:[^/]+\/)?[^/]+\.jsonl?$/.test(path),
	enter: (path) => /^[^/]+(?:\/chats(?:\/[^/]+)?)?$/.test(path) && path !== 'bin',
	maxDepth: 4,
};

/**
 * The `.gemini` folders that the CLI may use: the user's, or the one below `GEMINI_CLI_HOME`, which takes the place of
 * the user's home.
 */
export function geminiFolders(places: Places): string[] {
	const named = places.env.GEMINI_CLI_HOME;
	const home = named ? resolve(places.home, named) : places.home;
	return [...new Set([join(home, '.gemini'), ...(places.customPlaces['gemini-cli'] ?? [])])];
}

/** Where chats are: `tmp/<project>/chats/`, those of subagents one folder deeper. */
export function chatRoots(places: Places): string[] {
	return geminiFolders(places).map((folder) => join(folder, 'tmp'));
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
	/** The `.gemini` folder. */
	geminiFolder: string;
	/** Name of the project's folder: a short name, or before 0.30 the hash of its path. */
	project: string;
	projectFolder: string;
	/** The session that started this one as its subagent. */
	parentSessionId: string | null;
}

/** `null` for a file that lies elsewhere. */
export function chatPlace(path: string): ChatPlace | null {
	const found = /^(.+)[\\/]tmp[\\/]([^\\/]+)[\\/]chats[\\/](?:([^\\/]+)[\\/])?[^\\/]+$/.exec(path);
	if (found === null) return null;
	const [, geminiFolder = '', project = '', parentSessionId] = found;
	return {
		geminiFolder,
		project,
		projectFolder: join(geminiFolder, 'tmp', project),
		parentSessionId: parentSessionId ?? null,
	};
}
