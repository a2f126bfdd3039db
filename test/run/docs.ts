/** Makes those parts of the documentation anew that follow from the source: `node test/run/docs.ts`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cliPage, withHelp } from './docs/cli-help.ts';
import { generatedDoc, generatedPaths } from './docs/generated.ts';

const root = join(import.meta.dirname, '../..');
for (const path of generatedPaths) {
	writeFileSync(join(root, path), generatedDoc(path));
	console.log(path);
}
writeFileSync(cliPage, await withHelp(readFileSync(cliPage, 'utf8')));
console.log('docs/cli.md');
