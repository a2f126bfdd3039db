/**
 * `npm start`: opens VS Code with this extension and a sample workspace, where a sample task runs at once and the panel
 * shows its calls. Installs what is missing first; needs Node 20 or newer and npm.
 *
 *     npm start                               desktop VS Code if there is one, else a VS Code server for your browser
 *     npm start -- --server                   the VS Code server in any case
 *     npm start -- --once [--screenshot PATH] headless: prints the recorded calls and takes a screenshot
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fail, Problem, run } from './process.mjs';
import { findOnPath, root, sampleWorkspace, say } from './setup.mjs';
import { prepare, runOptions } from './stages.mjs';

async function main() {
	const { values, desktop } = plan();
	const node = await prepare(values.once ? 'browser' : desktop === null ? 'server' : 'node');
	say('Building');
	const options = runOptions(node);
	if ((await run(node, ['esbuild.mjs'], options)) !== 0) throw new Problem('The build failed.');
	if (values.once) {
		process.exitCode = await run(node, ['test/run/start-once.ts', ...process.argv.slice(2)], options);
	} else if (desktop === null) {
		process.exitCode = await run(node, ['test/run/serve.ts'], options);
	} else {
		process.exitCode = await openDesktop(desktop);
	}
}

function plan() {
	try {
		const { values } = parseArgs({
			options: {
				once: { type: 'boolean', default: false },
				server: { type: 'boolean', default: false },
				screenshot: { type: 'string' },
			},
		});
		if (values.screenshot !== undefined && !values.once) throw new Problem('--screenshot needs --once');
		return { values, desktop: values.once || values.server ? null : findDesktop() };
	} catch (error) {
		throw error instanceof TypeError ? new Problem(error.message) : error;
	}
}

/** A desktop VS Code that is new enough and can open a window here; else `null`. */
function findDesktop() {
	const code = findOnPath('code');
	if (code === null) return null;
	const { DISPLAY, WAYLAND_DISPLAY, VSCODE_IPC_HOOK_CLI } = process.env;
	// In a terminal of a remote window, `code` only talks to that window.
	if (VSCODE_IPC_HOOK_CLI !== undefined) return null;
	if (process.platform === 'linux' && !DISPLAY && !WAYLAND_DISPLAY) return null;
	if (process.getuid?.() === 0) return null;
	try {
		const shell = process.platform === 'win32';
		const version =
			execFileSync(shell ? `"${code}"` : code, ['--version'], { encoding: 'utf8', shell }).split('\n')[0] ?? '';
		const [major = 0, minor = 0] = version.split('.').map(Number);
		if (major > 1 || (major === 1 && minor >= 125)) return code;
		say(`Desktop VS Code is ${version}, and Callmeter needs 1.125: using a VS Code server`);
	} catch {
		say(`${code} does not run here: using a VS Code server`);
	}
	return null;
}

/** Opens a window with settings, extensions and storage of its own, and waits until it is closed. @param {string} code */
function openDesktop(code) {
	const folder = mkdtempSync(join(tmpdir(), 'callmeter-start-'));
	process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }));
	const workspace = join(folder, 'sample');
	cpSync(sampleWorkspace, workspace, { recursive: true });
	mkdirSync(join(folder, 'user/User'), { recursive: true });
	writeFileSync(join(folder, 'user/User/settings.json'), '{ "workbench.startupEditor": "none" }\n');
	say('Opening VS Code; close its window, or press Ctrl-C, to end');
	const args = [`--extensionDevelopmentPath=${root}`, '--user-data-dir', join(folder, 'user')];
	args.push('--extensions-dir', join(folder, 'extensions'), '--disable-workspace-trust', '--skip-release-notes');
	args.push('--new-window', '--wait', workspace);
	return run(code, args, { env: { ...process.env, CALLMETER_START: 'sample' }, shell: process.platform === 'win32' });
}

main().catch(fail);
