import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { l10nStrings } from './l10n-strings.ts';

const root = join(import.meta.dirname, '../../..');

describe('what people read in VS Code', () => {
	it('is listed for translators, all of it and nothing else', () => {
		const bundle = JSON.parse(readFileSync(join(root, 'l10n/bundle.l10n.json'), 'utf8')) as Record<string, string>;
		assert.deepEqual(Object.keys(bundle).sort(), l10nStrings(root));
		for (const [key, text] of Object.entries(bundle)) assert.equal(text, key);
	});
});
