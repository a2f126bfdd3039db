import type { Dirent, Stats } from 'node:fs';
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, posix, relative, resolve, sep, win32 } from 'node:path';
import { ToolError } from './tool-error.ts';

/** A file or folder that a model named and that was found to lie in the workspace. */
export interface Found {
	/** Absolute, with every symlink resolved. */
	path: string;
	/** As the model may name it: relative to the root, with `/`. */
	name: string;
	stats: Stats;
}

/** What a walk comes upon. */
export interface Entry {
	path: string;
	name: string;
	isFolder: boolean;
}

export interface WalkOptions {
	/** 1: only what is in the folder itself. */
	depth: number;
	/** How many entries are given at most. */
	limit: number;
	signal: AbortSignal;
}

/** Folders that are never listed or searched: too large, and of no use to a reader. */
const skippedFolders = new Set(['.git', '.hg', '.svn', 'node_modules']);

/**
 * The one folder in which the tools may read. A model is not trusted: absolute paths, `..` that leave the folder and
 * symlinks that lead out of it are refused.
 */
export class Workspace {
	readonly #root: string;

	/** `root` is an absolute path; it need not exist yet. */
	constructor(root: string) {
		this.#root = resolve(root);
	}

	/** Resolves a path of the model's. Throws `ToolError` if it leads outside or to nothing. */
	async find(path: string): Promise<Found> {
		if (path.includes('\0')) throw new ToolError('badArguments', 'A path cannot contain a NUL character.');
		if (isAbsolute(path) || win32.isAbsolute(path) || posix.isAbsolute(path) || /^[a-z]:/i.test(path)) {
			throw new ToolError('outside', 'Use a path relative to the workspace folder, such as `src/index.js`.');
		}
		const wanted = resolve(this.#root, path);
		if (!isWithin(this.#root, wanted)) throw outside();
		const root = await this.#resolved(this.#root, '.');
		const real = await this.#resolved(wanted, path);
		if (!isWithin(root, real)) throw outside();
		try {
			return { path: real, name: nameOf(this.#root, wanted), stats: await stat(real) };
		} catch (cause) {
			throw notFound(path, cause);
		}
	}

	/**
	 * The files and folders in `folder`, each folder's own before those of the folders in it, in name order; not what
	 * symlinks point to. A folder that cannot be read is passed over.
	 */
	async *walk(folder: Found, { depth, limit, signal }: WalkOptions): AsyncGenerator<Entry> {
		let given = 0;
		let level: { path: string; name: string }[] = [folder];
		for (let at = 0; at < depth && level.length > 0; at++) {
			const below: typeof level = [];
			for (const parent of level) {
				signal.throwIfAborted();
				for (const entry of await entriesOf(parent.path)) {
					const isFolder = entry.isDirectory();
					if (isFolder ? skippedFolders.has(entry.name) : !entry.isFile()) continue;
					if (given++ >= limit) return;
					const found = { path: join(parent.path, entry.name), name: posix.join(parent.name, entry.name), isFolder };
					if (isFolder) below.push(found);
					yield found;
				}
			}
			level = below;
		}
	}

	async #resolved(path: string, asked: string): Promise<string> {
		try {
			return await realpath(path);
		} catch (cause) {
			// A dangling symlink has a target outside or nowhere; it is not worth telling which.
			const link = await lstat(path).catch(() => null);
			if (link?.isSymbolicLink()) throw outside();
			throw notFound(asked, cause);
		}
	}
}

async function entriesOf(folder: string): Promise<Dirent[]> {
	try {
		const entries = await readdir(folder, { withFileTypes: true });
		return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
	} catch {
		return [];
	}
}

function isWithin(root: string, path: string): boolean {
	const way = relative(root, path);
	return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

function nameOf(root: string, path: string): string {
	const name = relative(root, path).replaceAll(sep, '/');
	return name === '' ? '.' : name;
}

function outside(): ToolError {
	return new ToolError('outside', 'That path leads outside the workspace folder, where nothing may be read.');
}

function notFound(path: string, cause: unknown): ToolError {
	return new ToolError('notFound', `There is no \`${path}\`. Use list_files to see what is there.`, { cause });
}
