import { basename, dirname, isAbsolute, join } from 'node:path';
import { distinctFolders, type WalkOptions } from '../jsonl/walk-files.ts';
import type { Places } from '../source.ts';

/** `<session>/events.jsonl`; early versions kept `<session>.jsonl`. */
export const eventFiles: WalkOptions = {
	wanted: (path) => /^[^/]+(\/events)?\.jsonl$/.test(path) && path !== 'events.jsonl',
	maxDepth: 1,
};

/**
 * Folders in which the Copilot CLI keeps sessions: below `COPILOT_HOME` or `~/.copilot`, and below `XDG_STATE_HOME`,
 * which versions before `COPILOT_HOME` went by. Source: GitHub, "Copilot CLI configuration directory".
 */
export function sessionFolders({ home, env, customPlaces }: Places): string[] {
	const named = [env.COPILOT_HOME, env.XDG_STATE_HOME && join(env.XDG_STATE_HOME, '.copilot'), join(home, '.copilot')];
	const homes = named.filter((folder): folder is string => folder !== undefined && isAbsolute(folder));
	return distinctFolders([...homes, ...(customPlaces['copilot-cli'] ?? [])].map((each) => join(each, 'session-state')));
}

/** The id of the session that a file holds. */
export function sessionIdOf(path: string): string {
	return basename(path) === 'events.jsonl' ? basename(dirname(path)) : basename(path, '.jsonl');
}
