import { closeSync, existsSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { DraftInput } from '../core/draft.ts';
import { ownGitFolder, readFirstLine, sharedGitFolder } from './git-folder.ts';

/** Where a working tree stood at a moment. `null`: not known, or on no branch. */
export interface GitPosition {
	branch: string | null;
	commit: string | null;
}

const nowhere: GitPosition = { branch: null, commit: null };

/** Of a longer log the end is read: that of months in which a commit was made every minute. */
const maxLogBytes = 4 * 1024 * 1024;
const maxFolders = 2_000;
const maxTrees = 100;
/** A working tree is looked at again after this long. */
const freshMs = 2_000;

/**
 * Tells on which branch and commit a working tree stood when a call was made, by git's own log of where HEAD was
 * (`logs/HEAD`, git-reflog(1)): git itself is not run. Answers only what the log says: nothing about the time before it
 * begins, and no branch while HEAD was on none. Never throws.
 */
export class GitFacts {
	readonly #now: () => number;
	readonly #folders = new Map<string, { git: string | null; atMs: number }>();
	readonly #trees = new Map<string, { tree: WorkingTree; atMs: number }>();

	constructor(now: () => number = Date.now) {
		this.#now = now;
	}

	at(folder: string, timeMs: number): GitPosition {
		try {
			const git = this.#gitFolder(folder);
			return git === null ? nowhere : positionAt(this.#tree(git), timeMs);
		} catch {
			return nowhere;
		}
	}

	/**
	 * A draft with the branch and commit that its record does not tell. Where the record tells one of them, the other is
	 * added only if the log agrees on the first.
	 */
	readonly complete = (draft: DraftInput): DraftInput => {
		if (draft.eventType !== 'llm_call' || !draft.folder) return draft;
		const { gitBranch = null, gitCommit = null } = draft;
		if (gitBranch !== null && gitCommit !== null) return draft;
		const { branch, commit } = this.at(draft.folder, draft.startedAtMs);
		if (gitBranch !== null) return branch === gitBranch ? { ...draft, gitCommit: commit } : draft;
		if (gitCommit !== null) return commit === gitCommit ? { ...draft, gitBranch: branch } : draft;
		return branch === null && commit === null ? draft : { ...draft, gitBranch: branch, gitCommit: commit };
	};

	#gitFolder(folder: string): string | null {
		const known = this.#folders.get(folder);
		if (known !== undefined && this.#now() - known.atMs < freshMs) return known.git;
		if (this.#folders.size >= maxFolders) this.#folders.clear();
		const git = isLocalFolder(folder) ? ownGitFolder(folder) : null;
		this.#folders.set(folder, { git, atMs: this.#now() });
		return git;
	}

	#tree(git: string): WorkingTree {
		const known = this.#trees.get(git);
		if (known !== undefined && this.#now() - known.atMs < freshMs) return known.tree;
		const stamp = stampOf(git);
		const tree = known?.tree.stamp === stamp ? known.tree : readTree(git, stamp);
		if (this.#trees.size >= maxTrees) this.#trees.clear();
		this.#trees.set(git, { tree, atMs: this.#now() });
		return tree;
	}
}

/** Since `atMs` HEAD was there. */
interface Stay extends GitPosition {
	atMs: number;
}

interface WorkingTree {
	stamp: string;
	/** In the order of their times. */
	stays: Stay[];
	/** The branch it is on now. */
	branch: string | null;
	/** For a tree without any commit: since when HEAD has been as it is. */
	sinceMs: number;
}

/** A folder that is gone may lie in the place of another repository, and one on the network may take forever. */
function isLocalFolder(folder: string): boolean {
	if (!isAbsolute(folder) || folder.startsWith('\\\\') || folder.startsWith('//')) return false;
	return statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
}

function stampOf(git: string): string {
	return ['HEAD', join('logs', 'HEAD')]
		.map((name) => statSync(join(git, name), { throwIfNoEntry: false }))
		.map((stat) => (stat === undefined ? '' : `${stat.mtimeMs}:${stat.size}`))
		.join(' ');
}

function readTree(git: string, stamp: string): WorkingTree {
	const head = readFirstLine(join(git, 'HEAD'));
	// Repositories with another store of references have a HEAD that is not valid in this one.
	const named = head?.match(/^ref: refs\/heads\/(.+)$/)?.[1];
	const branch = named === undefined || named === '.invalid' ? null : named;
	const isBranch = branchTest(sharedGitFolder(git) ?? git);
	const moves = logLines(join(git, 'logs', 'HEAD')).flatMap((line) => parseMove(line, isBranch) ?? []);
	const sinceMs = statSync(join(git, 'HEAD'), { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY;
	return { stamp, stays: staysOf(moves, branch), branch, sinceMs };
}

function staysOf(moves: readonly Move[], branchNow: string | null): Stay[] {
	// Until it first changed branches it was on the one that it left then.
	const left = moves.find(({ from }) => from !== undefined);
	let branch = left?.from === undefined ? branchNow : left.from;
	let atMs = 0;
	return moves.map((move) => {
		if (move.to !== undefined) branch = move.to;
		// A clock that was set back does not make the log go back.
		atMs = Math.max(atMs, move.atMs);
		return { atMs, branch, commit: /^0+$/.test(move.commit) ? null : move.commit };
	});
}

function positionAt({ stays, branch, sinceMs }: WorkingTree, timeMs: number): GitPosition {
	if (stays.length === 0) return { branch: timeMs >= sinceMs ? branch : null, commit: null };
	let [low, high] = [0, stays.length];
	while (low < high) {
		const middle = (low + high) >> 1;
		if ((stays[middle]?.atMs ?? 0) <= timeMs) low = middle + 1;
		else high = middle;
	}
	const stay = stays[low - 1];
	return stay === undefined ? nowhere : { branch: stay.branch, commit: stay.commit };
}

function logLines(path: string): string[] {
	let file: number;
	try {
		file = openSync(path, 'r');
	} catch {
		return [];
	}
	try {
		const { size } = fstatSync(file);
		const bytes = Buffer.alloc(Math.min(size, maxLogBytes));
		const read = readSync(file, bytes, 0, bytes.length, size - bytes.length);
		const lines = bytes.toString('utf8', 0, read).split('\n');
		// The first of a cut log is a part of one, and the last may be half-written.
		return lines.slice(size > bytes.length ? 1 : 0, -1);
	} finally {
		closeSync(file);
	}
}

/** One line of the log. */
interface Move {
	atMs: number;
	/** Where it went. */
	commit: string;
	/** The branches that it went from and to. `undefined`: it stayed on its branch; `null`: not on one. */
	from?: string | null;
	to?: string | null;
}

/** `<old> <new> Name <mail> <seconds> <zone>\t<message>`. */
const LOG_LINE = /^[0-9a-f]{40,64} ([0-9a-f]{40,64}) [^\t]*> (\d{1,12}) [+-]\d{4}(?:\t(.*))?$/;

function parseMove(line: string, isBranch: (name: string) => boolean): Move | null {
	const [, commit, seconds, message = ''] = LOG_LINE.exec(line) ?? [];
	if (commit === undefined || seconds === undefined) return null;
	const move = { atMs: Number(seconds) * 1000, commit };
	const named = (name: string): string | null => (isBranch(name) ? name : null);
	const [, from, to] = /^checkout: moving from (\S+) to (\S+)$/.exec(message) ?? [];
	if (from !== undefined && to !== undefined) return { ...move, from: named(from), to: named(to) };
	const [, old, renamed] = /^Branch: renamed refs\/heads\/(\S+) to refs\/heads\/(\S+)$/.exec(message) ?? [];
	if (old !== undefined && renamed !== undefined) return { ...move, from: old, to: renamed };
	const [, back] = /^rebase.* \(?finish(?:ed|\)): returning to refs\/heads\/(\S+)$/.exec(message) ?? [];
	return back === undefined ? move : { ...move, to: back };
}

/**
 * Tells the names of branches from those of commits, tags and remote branches, which a checkout leaves HEAD on without a
 * branch. One that no longer exists passes for a branch.
 */
function branchTest(shared: string): (name: string) => boolean {
	const known = new Map<string, boolean>();
	const has = (...parts: string[]): boolean => existsSync(join(shared, ...parts));
	return (name) => {
		let is = known.get(name);
		if (is === undefined) {
			const isPath = !/[~^:?*[\\\s]|@\{|\.\.|^\/|^-/.test(name);
			const isElse = /^[0-9a-f]{7,64}$/.test(name) || name === 'HEAD' || !isPath;
			is =
				(isPath && has('refs', 'heads', name)) ||
				!(isElse || has('refs', 'tags', name) || has('refs', 'remotes', name));
			known.set(name, is);
		}
		return is;
	};
}
