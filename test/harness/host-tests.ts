import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from '../run/setup.mjs';
import { openVsCode } from './open-vscode.ts';

/** What a line of a test in the extension host begins with, as `test/host/index.ts` prints it. */
const mark = '[test]';
const limitMs = 180_000;

/**
 * Runs `test/host/**` in the extension host of a real VS Code.
 * @param options `extension` as for `openVsCode`; `onLine` gets what mocha prints, line by line.
 * @returns the exit code, which proves nothing without mocha's closing lines, and everything VS Code said
 */
export async function runHostTests(options: {
	extension?: string;
	onLine: (line: string) => void;
}): Promise<{ exitCode: number; logs: string[] }> {
	const vscode = await openVsCode({
		extension: options.extension ?? 'dev',
		testsPath: await buildHostTests(),
		alongside: [join(root, 'test/fixtures/extensions/lm-stand-in')],
		// The lines are counted: no colours in them.
		env: { NO_COLOR: '1' },
		onTestOutput: (text) => {
			if (text.startsWith(mark)) options.onLine(text.slice(mark.length));
		},
	});
	const late = Promise.withResolvers<number>();
	const timer = setTimeout(() => late.resolve(1), limitMs);
	try {
		return { exitCode: await Promise.race([vscode.testsExit, late.promise]), logs: vscode.logs };
	} finally {
		clearTimeout(timer);
		await vscode.close();
	}
}

/**
 * Bundles `test/host/**` into one file whose `run()` runs them in an extension host.
 * @returns its path
 */
export async function buildHostTests(): Promise<string> {
	const outfile = join(root, 'out/host-tests.cjs');
	const files = globSync('test/host/**/*.test.ts', { cwd: root }).sort();
	if (!existsSync(join(root, 'test/host/index.ts')) || files.length === 0) throw new Error('There are no host tests');
	// `require` runs a module when called: mocha's globals have to be there before the tests are.
	const lines = files.map((file) => `require('./${file.replaceAll('\\', '/')}');`);
	await build({
		stdin: {
			contents: `const { runTests } = require('./test/host/index.ts');\nexports.run = () => runTests(() => {\n${lines.join('\n')}\n});`,
			resolveDir: root,
		},
		outfile,
		bundle: true,
		format: 'cjs',
		platform: 'node',
		target: 'node24',
		// One mocha for all, from node_modules: it does not survive bundling.
		external: ['vscode', 'mocha'],
		sourcemap: 'inline',
		logLevel: 'warning',
	});
	return outfile;
}
