import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { generatedDoc, generatedPaths } from '../../run/docs/generated.ts';

const root = join(import.meta.dirname, '../../..');

describe('the generated parts of the documentation', () => {
	for (const path of generatedPaths) {
		it(`${path} is as the source says; node test/run/docs.ts makes it anew`, () => {
			assert.equal(readFileSync(join(root, path), 'utf8'), generatedDoc(path));
		});
	}
});
