import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/**
 * The git folder of the working tree that a directory is in; `null` outside of one. A worktree's `.git` is a file that
 * names its own git folder (gitrepository-layout(5)).
 */
export function ownGitFolder(folder: string): string | null {
	for (let at = folder; ; at = dirname(at)) {
		const own = gitFolderAt(at);
		if (own !== null || dirname(at) === at) return own;
	}
}

/** The git folder that all worktrees of a repository share, which `commondir` in the own one of each names. */
export function sharedGitFolder(own: string): string | null {
	const shared = readFirstLine(join(own, 'commondir'));
	try {
		return realpathSync.native(shared === null ? own : resolve(own, shared));
	} catch {
		return null;
	}
}

/** The first line of a small file, trimmed; `null` when it cannot be read or is empty. */
export function readFirstLine(path: string): string | null {
	try {
		return readFileSync(path, 'utf8').split('\n', 1)[0]?.trim() || null;
	} catch {
		return null;
	}
}

function gitFolderAt(folder: string): string | null {
	const path = join(folder, '.git');
	const found = statSync(path, { throwIfNoEntry: false });
	if (found === undefined) return null;
	if (found.isDirectory()) return path;
	const named = readFirstLine(path)?.match(/^gitdir: (.+)$/)?.[1];
	return named === undefined ? null : resolve(folder, named);
}
