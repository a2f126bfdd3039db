import * as z from 'zod';
import { defineTool } from './tool.ts';
import { ToolError } from './tool-error.ts';

const maxEntries = 500;
const maxDepth = 20;

/** Lists files and folders. Symlinks are not followed; `.git`, `node_modules` and their like are left out. */
export const listFilesTool = defineTool(
	'list_files',
	'Lists files and folders of the workspace, one a line; folders end with a slash.',
	z.object({
		path: z.string().min(1).default('.').describe('Folder, relative to the workspace folder'),
		recursive: z.boolean().default(false).describe('Also list what the folders contain'),
	}),
	async ({ path, recursive }, { workspace, signal }) => {
		const folder = await workspace.find(path);
		if (!folder.stats.isDirectory()) throw new ToolError('wrongKind', `\`${folder.name}\` is a file: use read_file.`);
		const names: string[] = [];
		const options = { depth: recursive ? maxDepth : 1, limit: maxEntries + 1, signal };
		for await (const { name, isFolder } of workspace.walk(folder, options)) {
			names.push(isFolder ? `${name}/` : name);
		}
		if (names.length > maxEntries) names[maxEntries] = `(more than ${maxEntries}: list a folder further down)`;
		return names.length === 0 ? '(empty folder)' : names.join('\n');
	},
);
