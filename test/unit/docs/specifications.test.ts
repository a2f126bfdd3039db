import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');

/** Tests that the page names: a file, and a title in it. */
function namedTests(): [file: string, title: string][] {
	const page = readFileSync(join(root, 'docs/specifications.md'), 'utf8');
	return [...page.matchAll(/`(test\/\S+)`: "((?:[^"\\]|\\.)+)" \|/g)].map(([, file = '', title = '']) => [
		file,
		title.replaceAll('\\"', '"'),
	]);
}

/** The title as it may stand in source text: in quotes of its own kind. */
const written = (title: string): string[] => [`'${title}'`, `"${title}"`, `\`${title}\``];

describe('docs/specifications.md', () => {
	it('names tests', () => assert.ok(namedTests().length > 20));

	for (const [file, title] of namedTests()) {
		it(`names a test that is there: ${title}`, () => {
			const source = readFileSync(join(root, file), 'utf8');
			assert.ok(
				written(title).some((text) => source.includes(text)),
				`${file} has no such test`,
			);
		});
	}
});
