import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { peek } from '../../core/foreign.ts';
import type { ChatPlace } from './places.ts';

/** Paths in a record that may be tried, so that a long record costs no more than a short one. */
const maxTried = 2_000;

/**
 * Finds the folder of a chat's project. A chat names it by a hash only (SHA-256 of the absolute path, in hexadecimal):
 * a folder is found by hashing those that may be it. These are, in this order, the one that the CLI noted beside its
 * chats (`.project_root`), those in its list of projects (`projects.json`), the workspace's, and those around files
 * that the chat itself names.
 */
export class ProjectFolder {
	readonly #place: ChatPlace | null;
	readonly #workspace: readonly string[];
	readonly #tried = new Set<string>();
	#hash: string | null = null;
	#found: string | null = null;
	#noted: string | null = null;

	constructor(place: ChatPlace | null, workspace: readonly string[]) {
		this.#place = place;
		this.#workspace = workspace;
	}

	/** Absolute; `null` while it is not known. */
	get path(): string | null {
		return this.#found ?? this.#noted;
	}

	/** Takes the hash that the chat gives for its project; `null`: it gives none. */
	identify(hash: string | null): void {
		if (this.#found !== null && hash === this.#hash) return;
		this.#hash = hash;
		this.#found = null;
		this.#tried.clear();
		const noted = this.#place === null ? null : textOf(join(this.#place.projectFolder, '.project_root'));
		const registered = this.#registered();
		const byName = registered.find(({ name }) => name === this.#place?.project)?.path ?? null;
		this.#noted = noted ?? byName;
		const listed = registered.map(({ path }) => path);
		for (const folder of [noted, byName, ...listed, ...this.#workspace]) if (folder !== null) this.#try(folder);
	}

	/** Tries each folder around a path that the chat names. */
	tryAround(path: string): void {
		if (this.#found !== null || this.#hash === null || this.#tried.size > maxTried) return;
		if (!/^(?:\/|[a-z]:[\\/])/i.test(path)) return;
		for (let folder = path; folder !== ''; ) {
			if (this.#tried.has(folder)) return;
			this.#try(folder);
			folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/'), folder.lastIndexOf('\\')));
		}
	}

	#try(folder: string): void {
		if (this.#found !== null || this.#hash === null) return;
		this.#tried.add(folder);
		// The list of projects has paths of Windows in lower case.
		if (projectHash(folder) === this.#hash || projectHash(folder.toLowerCase()) === this.#hash) this.#found = folder;
	}

	#registered(): { path: string; name: unknown }[] {
		if (this.#place === null) return [];
		try {
			const text = textOf(join(this.#place.geminiFolder, 'projects.json'));
			const projects = text === null ? null : peek(JSON.parse(text), 'projects');
			if (typeof projects !== 'object' || projects === null) return [];
			return Object.entries(projects).map(([path, name]) => ({ path, name }));
		} catch {
			return [];
		}
	}
}

/** The CLI's own name for a project's folder in its chats, and of its folder below `tmp` in older releases. */
export function projectHash(folder: string): string {
	return createHash('sha256').update(folder).digest('hex');
}

function textOf(path: string): string | null {
	try {
		return readFileSync(path, 'utf8').trim() || null;
	} catch {
		return null;
	}
}
