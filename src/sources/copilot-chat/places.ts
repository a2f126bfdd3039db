import { basename, dirname, join } from 'node:path';
import { distinctFolders, type WalkOptions } from '../jsonl/walk-files.ts';
import type { Places } from '../source.ts';

const extension = /^github\.copilot-chat$/i;

/** Below `workspaceStorage`: `<workspace>/<extension>/debug-logs/<session>/<file>.jsonl`. */
export const workspaceLogs: WalkOptions = {
	wanted: (path) => isLog(path.split('/').slice(1)),
	enter: (path) => mayHoldLogs(path.split('/').slice(1)),
	maxDepth: 4,
};

/** Below `globalStorage`, for windows without a folder: the same without the workspace. */
export const globalLogs: WalkOptions = {
	wanted: (path) => isLog(path.split('/')),
	enter: (path) => mayHoldLogs(path.split('/')),
	maxDepth: 3,
};

/** Folders in which editors keep what Copilot Chat stores, with what to look for in each. */
export function logRoots({ globalStorage }: Places): { path: string; logs: WalkOptions }[] {
	const workspaces = distinctFolders(globalStorage.map((folder) => join(userFolder(folder), 'workspaceStorage')));
	return [
		...workspaces.map((path) => ({ path, logs: workspaceLogs })),
		...distinctFolders(globalStorage).map((path) => ({ path, logs: globalLogs })),
	];
}

/** Of a log's path: whose it is, and the folder of the workspace's storage. */
export interface LogPlace {
	/** The session that was opened by the user. */
	sessionId: string;
	/** `null` for its own log; else what the log beside it is of: `title`, `runSubagent`, … with that one's id. */
	label: string | null;
	/** `<workspaceStorage>/<workspace>`, or `globalStorage`. */
	storage: string;
	folder: string;
}

export function placeOf(path: string): LogPlace {
	const folder = dirname(path);
	const name = basename(path, '.jsonl');
	return {
		sessionId: basename(folder),
		label: name === 'main' ? null : name,
		storage: dirname(dirname(dirname(folder))),
		folder,
	};
}

function isLog(parts: readonly string[]): boolean {
	return parts.length === 4 && mayHoldLogs(parts.slice(0, 3)) && parts[3]?.endsWith('.jsonl') === true;
}

function mayHoldLogs([owner, logs, _session, ...rest]: readonly string[]): boolean {
	if (rest.length > 0) return false;
	return (owner === undefined || extension.test(owner)) && (logs === undefined || logs === 'debug-logs');
}

/** A profile has a `globalStorage` of its own; what belongs to a workspace is kept for all profiles. */
function userFolder(globalStorage: string): string {
	const user = dirname(globalStorage);
	return basename(dirname(user)) === 'profiles' ? dirname(dirname(user)) : user;
}
