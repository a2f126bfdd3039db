/** Serves VS Code with this extension and a sample workspace to the user's own browser, until it is interrupted. */
import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VsCodeServer } from '../harness/vscode-server.ts';
import { root, sampleWorkspace, say } from './setup.mjs';

const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
// A terminal and `npm` may both pass on the same Ctrl-C: the second one must not cut the cleaning up short.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop());
const folder = mkdtempSync(join(tmpdir(), 'callmeter-start-'));
let server: VsCodeServer | undefined;
try {
	const workspace = join(folder, 'sample');
	cpSync(sampleWorkspace, workspace, { recursive: true });
	const dataDir = join(folder, 'server');
	linkExtension(join(dataDir, 'extensions'));
	const token = randomBytes(16).toString('hex');
	server = await VsCodeServer.start({
		dataDir,
		settings: { 'git.enabled': true },
		builtins: 'all',
		token,
		driver: false,
		env: { CALLMETER_START: 'sample' },
	});
	say('VS Code is running. Open this in a browser on this machine; press Ctrl-C here to end:');
	console.log(`\n  http://${server.authority}/?tkn=${token}&folder=${encodeURIComponent(workspace)}\n`);
	await stopped;
	say('Stopping');
} finally {
	await server?.stop();
	rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}

/** An extension is installed by being in this folder: here as a link, so that a reload shows the latest build. */
function linkExtension(extensions: string): void {
	const { publisher, name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
	mkdirSync(extensions, { recursive: true });
	symlinkSync(root, join(extensions, `${publisher}.${name}-${version}`), 'junction');
}
