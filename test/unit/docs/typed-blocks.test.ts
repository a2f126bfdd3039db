import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { codeBlocks } from './markdown.ts';
import { pageText } from './page-stage.ts';

const root = join(import.meta.dirname, '../../..');
const folder = join(root, 'out/docs-blocks');

describe('story 5.1: examples are copy-pasteable into TypeScript', () => {
	it('every block in ts that runs has the right types, also in strict mode', function () {
		this.timeout(60_000);
		rmSync(folder, { recursive: true, force: true });
		mkdirSync(folder, { recursive: true });
		let blocks = 0;
		for (const page of ['README.md', ...globSync('docs/**/*.md', { cwd: root })]) {
			for (const { language, words, code, line } of codeBlocks(pageText(page))) {
				if (language !== 'ts' || !words.includes('run')) continue;
				blocks++;
				const name = `${page.replace(/[\\/]/g, '-').replace(/\.md$/, '')}-${line}.ts`;
				writeFileSync(join(folder, name), code.includes('import ') ? code : `${code}export {};\n`);
			}
		}
		assert.ok(blocks > 2);
		const config = {
			extends: '../../tsconfig.json',
			include: ['*.ts'],
			exclude: [],
			compilerOptions: { types: ['node'] },
		};
		writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
		const tsc = join(root, 'node_modules/typescript/bin/tsc');
		const { stdout, status } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' });
		assert.equal(stdout, '');
		assert.equal(status, 0);
	});
});
