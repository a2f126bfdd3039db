import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitForUpdate } from '@pydantic/genai-prices';
import { compactTable, tableText } from './price-table-compact.ts';

const root = join(import.meta.dirname, '../..');
const packageFolder = join(root, 'node_modules/@pydantic/genai-prices');

/** Where the table lies. */
export const tableFile = join(root, 'src/core/pricing/table.json');

/** The text of the table made from the installed `@pydantic/genai-prices`. */
export async function currentTableText(): Promise<string> {
	const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'));
	// Before any update is asked for, this resolves to the data that the package carries.
	const providers = await waitForUpdate();
	if (!providers) throw new Error('@pydantic/genai-prices gave no data.');
	return tableText(compactTable(providers, `genai-prices ${version}`));
}

if (import.meta.main) {
	const text = await currentTableText();
	writeFileSync(tableFile, text);
	console.log(`Wrote ${tableFile}: ${(text.length / 1024).toFixed(0)} KB.`);
}
