import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { type CodeBlock, codeBlocks } from './markdown.ts';
import { PageStage, pageText, runnableLanguages } from './page-stage.ts';

const root = join(import.meta.dirname, '../../..');
const pages = ['README.md', 'CONTRIBUTING.md', ...globSync('docs/**/*.md', { cwd: root }).sort()].map((page) =>
	page.replaceAll('\\', '/'),
);

/** A block that runs, and the text that it must print, if the page shows any. */
interface Example {
	block: CodeBlock;
	output: string | null;
}

/** CONTRIBUTING.md says how blocks are marked. */
describe('story 5.1: examples are copy-pasteable', () => {
	for (const page of pages) {
		const blocks = codeBlocks(pageText(page));

		it(`${page}: says of each block that could run whether it does`, () => {
			const silent = blocks.filter(
				({ language, words }) =>
					runnableLanguages.includes(language) &&
					!words.includes('run') &&
					!(words[0] === 'no-run' && words.length > 1),
			);
			assert.deepEqual(
				silent.map(({ language, line }) => `${page}:${line} (${language})`),
				[],
			);
		});

		const examples = examplesOf(blocks);
		if (examples.length === 0) continue;

		describe(page, () => {
			const stage = new PageStage();
			before(async function () {
				this.timeout(60_000);
				await stage.open(!examples.some(({ block }) => block.words.includes('background')));
			});
			after(() => stage.close());

			for (const [at, { block, output }] of examples.entries()) {
				it(`line ${block.line} (${block.language}) runs${output === null ? '' : ' and prints what the page shows'}`, async function () {
					this.timeout(60_000);
					const needed = block.words.flatMap((word) => (word.startsWith('needs=') ? word.slice(6).split(',') : []));
					if (block.language === 'python') needed.push('python3');
					// Not Callmeter's to install: a machine without them leaves these out, and says so.
					if (!needed.every(isInstalled)) this.skip();
					const printed = await stage.run(block, at + 1);
					if (output !== null) assert.match(printed.trimEnd(), patternOf(output), `It printed:\n${printed}`);
				});
			}
		});
	}

	it('there are some', () => {
		const all = pages.flatMap((page) => examplesOf(codeBlocks(pageText(page))));
		assert.ok(all.length > 0);
	});
});

function examplesOf(blocks: readonly CodeBlock[]): Example[] {
	return blocks.flatMap((block, at) => {
		if (!block.words.includes('run')) return [];
		const next = blocks[at + 1];
		const shown = next?.language === 'text' && next.words.includes('output');
		return [{ block, output: shown ? next.code : null }];
	});
}

/** The text, in which `…` stands for anything on its line, and for any lines where it has a line of its own. */
function patternOf(output: string): RegExp {
	const lines = output.trimEnd().split('\n');
	const pattern = lines.map((line) => {
		if (line.trim() === '…') return '[\\s\\S]*?';
		return line
			.trimEnd()
			.split('…')
			.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
			.join('.*?');
	});
	return new RegExp(`^${pattern.join('[ \\t]*\\n')}[ \\t]*$`);
}

function isInstalled(program: string): boolean {
	return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;
}
