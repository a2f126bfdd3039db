import { isAbsolute, join } from 'node:path';
import { distinctFolders, type WalkOptions } from '../jsonl/walk-files.ts';
import type { Places } from '../source.ts';

/** A session's folder holds its own messages, and beside them those of each subagent and teammate that it started. */
export const messageFiles: WalkOptions = {
	wanted: (path) => /^[^/]+\/[^/]+\.messages\.json$/.test(path),
	maxDepth: 1,
};

/**
 * Folders in which Cline 4 and its command line keep sessions. Each variable stands for a part of the usual path, and
 * the narrowest wins; the usual one is looked at too, since an editor has not always the environment of a shell.
 * Source: Cline, `sdk/packages/shared/src/storage/paths.ts`.
 */
export function sessionFolders({ home, env, customPlaces }: Places): string[] {
	const named = (name: string): string | null => {
		const value = env[name]?.trim();
		return value !== undefined && isAbsolute(value) ? value : null;
	};
	const data = named('CLINE_DATA_DIR') ?? join(named('CLINE_DIR') ?? join(home, '.cline'), 'data');
	const folders = [
		named('CLINE_SESSION_DATA_DIR') ?? join(data, 'sessions'),
		join(home, '.cline', 'data', 'sessions'),
		...(customPlaces.cline ?? []).map((folder) => join(folder, 'sessions')),
	];
	return distinctFolders(folders);
}
