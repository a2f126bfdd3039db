import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { l10nStrings } from '../../run/l10n-strings.ts';

const root = join(import.meta.dirname, '../../..');

describe('what people read in VS Code', () => {
	it('is listed for translators, all of it and nothing else', () => {
		const bundle = JSON.parse(readFileSync(join(root, 'l10n/bundle.l10n.json'), 'utf8')) as Record<string, string>;
		const listed = Object.keys(bundle);
		const used = l10nStrings(root);
		const hint = '`node test/run/l10n.ts` brings l10n/bundle.l10n.json up to date';
		const missing = used.filter((text) => !listed.includes(text));
		const left = listed.filter((text) => !used.includes(text));
		assert.deepEqual({ missing, left }, { missing: [], left: [] }, hint);
		for (const [key, text] of Object.entries(bundle)) assert.equal(text, key);
	});
});
