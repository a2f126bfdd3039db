import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openApi } from '../../../src/server/api/openapi.ts';
import { eventTable } from './event-tables.ts';
import { csvTable, otlpTable } from './export-tables.ts';
import { httpReference } from './http-reference.ts';
import { commandTable, settingList } from './manifest-tables.ts';
import { mcpReference } from './mcp-reference.ts';

const root = join(import.meta.dirname, '../../..');

/** What stands between `<!-- generated: NAME -->` and `<!-- /generated -->` of a page, by its name. */
const parts: Readonly<Record<string, () => string>> = {
	envelope: () => eventTable('envelope'),
	llm_call: () => eventTable('llm_call'),
	llm_response: () => eventTable('llm_response'),
	cost_tracked: () => eventTable('cost_tracked'),
	http: httpReference,
	commands: commandTable,
	settings: settingList,
	mcp: mcpReference,
	csv: csvTable,
	otlp: otlpTable,
	leaving: () => section('README.md', 'To leave nothing behind'),
};

const marked = /(<!-- generated: (\S+) -->\n)[\s\S]*?(<!-- \/generated -->)/g;

/** The text below a heading of a page, up to the next heading. */
function section(page: string, heading: string): string {
	const [, text] =
		new RegExp(`^#+ ${heading}\\n+([\\s\\S]*?)\\n+(?=#)`, 'm').exec(readFileSync(join(root, page), 'utf8')) ?? [];
	if (text === undefined) throw new Error(`${page} has no "${heading}"`);
	return text;
}

/** A page with its generated parts made anew. */
function renewed(page: string): string {
	return readFileSync(join(root, page), 'utf8').replace(marked, (_, open: string, name: string, close: string) => {
		const part = parts[name];
		if (part === undefined) throw new Error(`${page}: nothing makes ${name}`);
		return `${open}\n${part()}\n\n${close}`;
	});
}

/** The files of the documentation that are made from the source, in part or whole, by their path from the root. */
export const generatedPaths = [
	'docs/events.md',
	'docs/http-api.md',
	'docs/vscode.md',
	'docs/privacy.md',
	'docs/mcp.md',
	'docs/export.md',
	'docs/openapi.json',
] as const;

/** One of them as it should be. Throws a sentence when something has no text yet. */
export function generatedDoc(path: (typeof generatedPaths)[number]): string {
	if (path !== 'docs/openapi.json') return renewed(path);
	const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
	return `${JSON.stringify(openApi(version), null, '\t')}\n`;
}
