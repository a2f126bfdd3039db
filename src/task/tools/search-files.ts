import { stat } from 'node:fs/promises';
import * as z from 'zod';
import { readText } from './read-text.ts';
import { defineTool } from './tool.ts';
import type { Found } from './workspace.ts';

const maxFiles = 2000;
const maxFileBytes = 1024 * 1024;
const maxDepth = 20;
const maxHits = 100;
const maxLineLength = 300;

/**
 * Finds text in files. Plain text, not a regular expression: a model's pattern could keep the extension host busy for
 * hours.
 */
export const searchFilesTool = defineTool(
	'search_files',
	'Finds lines that contain a text in the files of the workspace. Plain text, letter case is ignored.',
	z.object({
		text: z.string().min(1).max(500).describe('What to look for'),
		path: z.string().min(1).default('.').describe('Folder, relative to the workspace folder'),
	}),
	async ({ text, path }, { workspace, signal }) => {
		const start = await workspace.find(path);
		if (start.stats.isFile()) return report(text, await hitsIn(start, text));
		const hits: string[] = [];
		let files = 0;
		for await (const entry of workspace.walk(start, { depth: maxDepth, limit: 10 * maxFiles, signal })) {
			if (entry.isFolder) continue;
			if (++files > maxFiles || hits.length > maxHits) break;
			const stats = await stat(entry.path).catch(() => null);
			if (stats !== null && stats.size <= maxFileBytes) hits.push(...(await hitsIn({ ...entry, stats }, text)));
		}
		return report(text, hits, files > maxFiles);
	},
);

async function hitsIn(file: Found, text: string): Promise<string[]> {
	const content = await readText(file, maxFileBytes).catch(() => null);
	const wanted = text.toLowerCase();
	const hits: string[] = [];
	for (const [index, line] of (content?.text ?? '').split('\n').entries()) {
		if (hits.length > maxHits) break;
		if (line.toLowerCase().includes(wanted)) hits.push(`${file.name}:${index + 1}: ${line.slice(0, maxLineLength)}`);
	}
	return hits;
}

function report(text: string, hits: string[], incomplete = false): string {
	const lines = hits.slice(0, maxHits);
	if (incomplete || hits.length > maxHits) lines.push('(there may be more: search in a folder further down)');
	return lines.length === 0 ? `No line contains \`${text}\`.` : lines.join('\n');
}
