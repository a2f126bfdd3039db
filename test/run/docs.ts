/** Makes those parts of the documentation anew that follow from the source: `node test/run/docs.ts`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generatedDocs } from './docs/generated.ts';

const root = join(import.meta.dirname, '../..');
for (const [path, text] of Object.entries(generatedDocs())) {
	writeFileSync(join(root, path), text);
	console.log(path);
}
