import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder and what is missing above it, for their owner only; what is there keeps its mode. One level at a time:
 * Node's own `recursive` never returns where the file system answers "no such file" to a new folder whose parent is
 * there, as Linux's /proc does.
 *
 * @throws what the file system throws.
 */
export function makeFolder(path: string): void {
	const missing: string[] = [];
	for (let at = path; !existsSync(at) && dirname(at) !== at; at = dirname(at)) missing.push(at);
	for (const folder of missing.reverse()) {
		try {
			mkdirSync(folder, { mode: 0o700 });
		} catch (error) {
			// Another process made it meanwhile.
			if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
		}
	}
}
