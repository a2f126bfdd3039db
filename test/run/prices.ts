import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitForUpdate } from '@pydantic/genai-prices';
import { compactTable, tableText } from './price-table-compact.ts';

const root = join(import.meta.dirname, '../..');
const packageFolder = join(root, 'node_modules/@pydantic/genai-prices');

/** Where the table lies. */
export const tableFile = join(root, 'src/core/pricing/table.json');

/** Where its version and day stand. */
const asOfFile = join(root, 'src/core/pricing/prices-as-of.ts');

/** The text of the table made from the installed `@pydantic/genai-prices`. */
export async function currentTableText(): Promise<string> {
	const version = installedVersion();
	// Before any update is asked for, this resolves to the data that the package carries.
	const providers = await waitForUpdate();
	if (!providers) throw new Error('@pydantic/genai-prices gave no data.');
	return tableText(compactTable(providers, `genai-prices ${version}`));
}

/** The file of the table's day with another version and day in it. */
export function asOfText(text: string, version: string, day: string): string {
	const found = /\{ source: '[^']*', date: '[^']*' \}/;
	if (!found.test(text)) throw new Error(`${asOfFile} does not have its usual form.`);
	return text.replace(found, `{ source: 'genai-prices ${version}', date: '${day}' }`);
}

function installedVersion(): string {
	return JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')).version;
}

/** The day on which a version of the package was published, `YYYY-MM-DD`, as the registry tells. */
function publishedOn(version: string): string {
	const told = execFileSync('npm', ['view', '@pydantic/genai-prices', 'time', '--json'], {
		encoding: 'utf8',
		shell: process.platform === 'win32',
	});
	const day = JSON.parse(told)[version]?.slice(0, 10);
	if (!/^\d{4}-\d\d-\d\d$/.test(day ?? ''))
		throw new Error(`The registry does not tell when ${version} was published.`);
	return day;
}

if (import.meta.main) {
	const version = installedVersion();
	const asOf = readFileSync(asOfFile, 'utf8');
	// Asked for only where it is not known: the table can be made anew without a network.
	if (!asOf.includes(`'genai-prices ${version}'`)) {
		writeFileSync(asOfFile, asOfText(asOf, version, publishedOn(version)));
	}
	const text = await currentTableText();
	writeFileSync(tableFile, text);
	console.log(`Wrote ${tableFile}: ${(text.length / 1024).toFixed(0)} KB.`);
}
