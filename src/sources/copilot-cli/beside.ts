import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** `cwd` in the `workspace.yaml` beside a session's events; `null` when it is not there. */
export function folderBeside(path: string): string | null {
	try {
		return (
			/^cwd:\s*["']?(.+?)["']?\s*$/m.exec(readFileSync(join(dirname(path), 'workspace.yaml'), 'utf8'))?.[1] ?? null
		);
	} catch {
		return null;
	}
}

/** Tells which sessions have their records beside this one's. Asks the file system once for each. */
export class Siblings {
	readonly #folder: string;
	readonly #there = new Map<string, boolean>();

	constructor(path: string) {
		this.#folder = dirname(dirname(path));
	}

	has(sessionId: string): boolean {
		let isThere = this.#there.get(sessionId);
		if (isThere === undefined) {
			isThere = /^[\w-]+$/.test(sessionId) && existsSync(join(this.#folder, sessionId, 'events.jsonl'));
			this.#there.set(sessionId, isThere);
		}
		return isThere;
	}
}
