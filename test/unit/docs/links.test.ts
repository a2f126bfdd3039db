import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, it } from 'mocha';
import { headings, localLinks } from './markdown.ts';

const root = join(import.meta.dirname, '../../..');
const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...globSync('docs/**/*.md', { cwd: root })]
	.map((page) => page.replaceAll('\\', '/'))
	.sort();
const textOf = (page: string) => readFileSync(join(root, page), 'utf8');

describe('the links of the documentation', () => {
	for (const page of pages) {
		it(`${page}: each leads to a file that is there, and to a heading of it`, () => {
			const broken = localLinks(textOf(page)).filter(({ path, anchor }) => !leadsSomewhere(page, path, anchor));
			assert.deepEqual(
				broken.map(({ path, anchor, line }) => `${page}:${line} ${path}${anchor === '' ? '' : `#${anchor}`}`),
				[],
			);
		});
	}

	it('every page of docs/ is reached from its index', () => {
		const reached = new Set(['docs/README.md']);
		for (const page of reached) {
			for (const { path } of localLinks(textOf(page))) {
				const target = relative(root, join(root, dirname(page), path)).replaceAll('\\', '/');
				if (target.startsWith('docs/') && target.endsWith('.md') && existsSync(join(root, target))) reached.add(target);
			}
		}
		assert.deepEqual(
			pages.filter((page) => page.startsWith('docs/') && !reached.has(page)),
			[],
		);
	});
});

function leadsSomewhere(page: string, path: string, anchor: string): boolean {
	const target = path === '' ? join(root, page) : join(root, dirname(page), path);
	if (!existsSync(target)) return false;
	if (anchor === '') return true;
	return (
		statSync(target).isFile() &&
		target.endsWith('.md') &&
		headings(readFileSync(target, 'utf8')).some((heading) => heading.anchor === anchor)
	);
}
