import { readdirSync, realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { ownGitFolder, readFirstLine, sharedGitFolder } from './git-folder.ts';
import type { ReadOptions } from './source.ts';

/** Which records go into this ledger. */
export interface RecordingScope {
	/** `all`: whatever project they are of. */
	projects: 'workspace' | 'all';
	/** Absolute folders of the workspace. */
	folders: readonly string[];
}

/**
 * Tells whether a working directory belongs to the workspace: it is inside one of its folders, or inside a git worktree
 * of the same repository. Symbolic links are resolved, and letter case too where the platform ignores it. Answers are
 * kept, so that asking for each record costs nothing; make a new filter when the folders change.
 */
export class WorkspaceFilter {
	readonly #scope: RecordingScope;
	readonly #foldCase: boolean;
	readonly #roots: string[];
	readonly #repositories: ReadonlySet<string>;
	readonly #answers = new Map<string, boolean>();

	constructor(scope: RecordingScope, platform: NodeJS.Platform = process.platform) {
		this.#scope = scope;
		this.#foldCase = platform === 'darwin' || platform === 'win32';
		const folders = scope.projects === 'all' ? [] : scope.folders.map((folder) => this.#real(folder));
		const repositories = new Set(folders.map(repositoryOf).filter((repository) => repository !== null));
		this.#repositories = repositories;
		this.#roots = [...folders, ...[...repositories].flatMap(worktreesOf).map((root) => this.#real(root))];
	}

	readonly accepts: ReadOptions['accepts'] = (folder) => {
		if (this.#scope.projects === 'all') return 'yes';
		if (folder === null || folder === '') return 'noFolder';
		let belongs = this.#answers.get(folder);
		if (belongs === undefined) {
			belongs = this.#belongs(folder);
			this.#answers.set(folder, belongs);
		}
		return belongs ? 'yes' : 'otherWorkspace';
	};

	#belongs(folder: string): boolean {
		if (!isAbsolute(folder)) return false;
		const real = this.#real(folder);
		if (this.#roots.some((root) => this.#isInside(real, root))) return true;
		// A worktree that was made after this filter.
		const repository = this.#repositories.size === 0 ? null : repositoryOf(real);
		return repository !== null && this.#repositories.has(repository);
	}

	#isInside(path: string, root: string): boolean {
		const [inner, outer] = this.#foldCase ? [path.toLowerCase(), root.toLowerCase()] : [path, root];
		return inner === outer || inner.startsWith(outer.endsWith(sep) ? outer : outer + sep);
	}

	/** The real path; of a folder that is gone, as much of it as there still is. */
	#real(path: string): string {
		const whole = resolve(path);
		const missing: string[] = [];
		for (let existing = whole; ; existing = dirname(existing)) {
			try {
				return join(realpathSync.native(existing), ...missing);
			} catch {
				if (dirname(existing) === existing) return whole;
				missing.unshift(basename(existing));
			}
		}
	}
}

/** The git folder that the worktrees of a directory's repository have in common; `null` outside of one. */
function repositoryOf(folder: string): string | null {
	const own = ownGitFolder(folder);
	return own === null ? null : sharedGitFolder(own);
}

/** Roots of a repository's main worktree and of those linked to it, also of ones that are gone but not yet pruned. */
function worktreesOf(repository: string): string[] {
	const roots = basename(repository) === '.git' ? [dirname(repository)] : [];
	try {
		for (const name of readdirSync(join(repository, 'worktrees'))) {
			const dotGit = readFirstLine(join(repository, 'worktrees', name, 'gitdir'));
			if (dotGit !== null) roots.push(dirname(resolve(join(repository, 'worktrees', name), dotGit)));
		}
	} catch {
		// No linked worktrees.
	}
	return roots;
}
