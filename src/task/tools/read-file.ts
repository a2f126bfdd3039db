import * as z from 'zod';
import { readText } from './read-text.ts';
import { defineTool } from './tool.ts';
import { ToolError } from './tool-error.ts';

const maxBytes = 128 * 1024;

/** Reads a text file, or some lines of it, with line numbers. */
export const readFileTool = defineTool(
	'read_file',
	'Reads a text file of the workspace. Each line comes with its number. Give startLine and endLine to read a part.',
	z.object({
		path: z.string().min(1).describe('Path relative to the workspace folder'),
		startLine: z.int().min(1).optional().describe('First line, from 1'),
		endLine: z.int().min(1).optional().describe('Last line, inclusive'),
	}),
	async ({ path, startLine = 1, endLine }, { workspace }) => {
		const file = await workspace.find(path);
		if (file.stats.isDirectory()) throw new ToolError('wrongKind', `\`${file.name}\` is a folder: use list_files.`);
		const content = await readText(file, maxBytes);
		if (content === null) throw new ToolError('wrongKind', `\`${file.name}\` is a binary file.`);

		const lines = content.text.split('\n');
		if (lines.at(-1) === '') lines.pop();
		if (startLine > Math.max(1, lines.length)) {
			throw new ToolError(
				'badArguments',
				`\`${file.name}\` has ${lines.length} lines${content.cut ? ' that can be read' : ''}.`,
			);
		}
		const shown = lines.slice(startLine - 1, endLine).map((line, index) => `${startLine + index} | ${line}`);
		if (shown.length === 0) return '(empty file)';
		if (content.cut && (endLine === undefined || endLine >= lines.length)) {
			shown.push(`(cut after ${maxBytes / 1024} KB of ${Math.ceil(file.stats.size / 1024)} KB)`);
		}
		return shown.join('\n');
	},
);
