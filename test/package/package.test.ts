import assert from 'node:assert/strict';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openVsCode } from '../harness/open-vscode.ts';
import { filesOf, type PackedFile, packageVsix } from '../harness/package-vsix.ts';

describe('the package', () => {
	let folder: string;
	let vsix: string;
	let files: PackedFile[];

	before(async () => {
		folder = await mkdtemp(join(tmpdir(), 'callmeter-package-'));
		vsix = await packageVsix(join(folder, 'callmeter.vsix'));
		files = filesOf(vsix);
	});

	after(() => rm(folder, { recursive: true, force: true }));

	it('holds everything that the extension runs', () => {
		const paths = files.map(({ path }) => path);
		for (const needed of ['package.json', 'dist/extension.cjs', 'dist/ledger-worker.cjs', 'dist/webview/panel.js']) {
			assert.ok(paths.includes(`extension/${needed}`), `${needed} is missing`);
		}
	});

	it('holds nothing else', () => {
		const expected =
			/^(\[Content_Types\]\.xml|extension\.vsixmanifest|extension\/(package(\.nls(\.[\w-]+)?)?\.json|(readme|changelog)\.md|LICENSE\.txt|(dist|media|l10n)\/.+))$/i;
		const unexpected = files.filter(
			({ path }) => !expected.test(path) || /\.(ts|map)$|^extension\/dist\/sdk\//.test(path),
		);
		assert.deepEqual(unexpected, []);
	});

	it('is at most 3 MB', async () => {
		assert.ok((await stat(vsix)).size <= 3 * 1024 * 1024);
	});

	it('installs into a fresh VS Code and opens its panel from the command palette', async () => {
		const vscode = await openVsCode({ extension: vsix });
		try {
			await vscode.runCommand('Show LLM Usage');
			await vscode.panel().getByRole('heading').first().waitFor();
		} finally {
			await vscode.close();
		}
	});
});
