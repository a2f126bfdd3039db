import { readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { peek } from '../../core/foreign.ts';

const maxFileBytes = 1 << 20;

/**
 * The folders of the workspace whose storage this is, by the `workspace.json` that VS Code keeps in it: one folder, or a
 * file that names several. Empty when nothing tells.
 */
export function workspaceFolders(storage: string): string[] {
	const about = readJson(join(storage, 'workspace.json'));
	const folder = pathOf(peek(about, 'folder'));
	if (folder !== null) return [folder];
	const file = pathOf(peek(about, 'workspace') ?? peek(about, 'configuration'));
	if (file === null) return [];
	const named = peek(readJson(file), 'folders');
	const folders = Array.isArray(named) ? named.flatMap((each: unknown) => folderIn(each, dirname(file))) : [];
	return folders.length > 0 ? folders : [dirname(file)];
}

function folderIn(entry: unknown, base: string): string[] {
	const path = peek(entry, 'path');
	if (typeof path === 'string') return [isAbsolute(path) ? path : join(base, path)];
	const uri = pathOf(peek(entry, 'uri'));
	return uri === null ? [] : [uri];
}

/** Records are read where the workspace is: of a folder on another machine, its path there is the one here. */
function pathOf(uri: unknown): string | null {
	if (typeof uri !== 'string') return null;
	try {
		const url = new URL(uri);
		return url.protocol === 'file:' ? fileURLToPath(url) : decodeURIComponent(url.pathname) || null;
	} catch {
		return null;
	}
}

/** `.code-workspace` files may have comments and commas before a closing bracket. */
function readJson(path: string): unknown {
	try {
		if (statSync(path).size > maxFileBytes) return null;
		const text = readFileSync(path, 'utf8');
		const plain = text.replace(
			/("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g,
			(_, string?: string) => string ?? '',
		);
		return JSON.parse(plain.replace(/("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])/g, (_, string?: string) => string ?? ''));
	} catch {
		return null;
	}
}
