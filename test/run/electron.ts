/** Runs `test/host/**` in a desktop VS Code, which `@vscode/test-electron` downloads: this needs the open internet. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTests } from '@vscode/test-electron';
import { buildHostTests } from '../harness/host-tests.ts';
import { root } from './setup.mjs';

const folder = await mkdtemp(join(tmpdir(), 'callmeter-test-'));
try {
	const workspace = join(folder, 'workspace');
	await cp(join(root, 'test/fixtures/sample-workspace'), workspace, { recursive: true });
	process.exitCode = await runTests({
		version: process.env.VSCODE_VERSION ?? 'stable',
		extensionDevelopmentPath: root,
		extensionTestsPath: await buildHostTests(),
		extensionTestsEnv: { HOME: folder },
		launchArgs: [
			workspace,
			'--disable-workspace-trust',
			'--user-data-dir',
			join(folder, 'user'),
			'--disable-extensions',
		],
	});
} finally {
	await rm(folder, { recursive: true, force: true, maxRetries: 10 });
}
