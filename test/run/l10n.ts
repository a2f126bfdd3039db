/** Writes the list of texts for translators, `l10n/bundle.l10n.json`, anew from the source. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { l10nStrings } from './l10n-strings.ts';

const root = join(import.meta.dirname, '../..');
const texts = l10nStrings(root);
const bundle = Object.fromEntries(texts.map((text) => [text, text]));
writeFileSync(join(root, 'l10n/bundle.l10n.json'), `${JSON.stringify(bundle, null, '\t')}\n`);
console.log(`${texts.length} texts`);
