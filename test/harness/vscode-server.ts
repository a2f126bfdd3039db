import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureServer } from '../run/setup.mjs';

/** User settings that leave nothing on the screen but what is looked at. */
const cleanSettings = {
	'workbench.startupEditor': 'none',
	'workbench.secondarySideBar.defaultVisibility': 'hidden',
	'workbench.editor.useModal': 'off',
	'workbench.quickOpen.closeOnFocusLost': false,
	'workbench.enableExperiments': false,
	'workbench.colorTheme': 'Dark 2026',
	'chat.disableAIFeatures': true,
	'git.enabled': false,
	'extensions.autoCheckUpdates': false,
	'extensions.autoUpdate': false,
	'window.autoDetectColorScheme': false,
};

export interface ServerOptions {
	/** Holds settings, extensions and all state of this server. A fresh one for each run, unless state is to survive. */
	dataDir: string;
	/** 0: any free one. Storage of a workspace depends on the port, so a restart keeps it. */
	port?: number;
	/** On top of the clean ones. */
	settings?: Record<string, unknown>;
	/** `themes` starts 2 s faster. */
	builtins?: 'themes' | 'all';
	/** A secret that the URL must carry; without it anyone on this machine may connect. */
	token?: string;
	/** Lets a page bring a payload and drive the window. Default: true. */
	driver?: boolean;
	/** Lets extensions send telemetry, which is what an extension under test finds elsewhere. Default: false. */
	telemetry?: boolean;
	/** Lets extensions log to files, as they do elsewhere. Default: false. */
	logFiles?: boolean;
	env?: NodeJS.ProcessEnv;
	onOutput?: (text: string) => void;
}

/** A running VS Code server on 127.0.0.1. Whoever starts it stops it. */
export class VsCodeServer {
	readonly port: number;
	readonly #process: ChildProcess;

	private constructor(child: ChildProcess, port: number) {
		this.#process = child;
		this.port = port;
		process.once('exit', this.#kill);
	}

	/** When this process is interrupted nobody calls `stop`. */
	readonly #kill = () => this.#process.kill('SIGTERM');

	get authority(): string {
		return `127.0.0.1:${this.port}`;
	}

	static async start(options: ServerOptions): Promise<VsCodeServer> {
		const { dataDir, port = 0, settings = {}, builtins = 'themes', token, driver = true, env, onOutput } = options;
		const { telemetry = false, logFiles = false } = options;
		const { main, extensions } = await ensureServer();
		await writeSettings(join(dataDir, 'data/User'), { ...cleanSettings, ...settings });
		const args = ['--host', '127.0.0.1', '--port', String(port), ...commonArguments(dataDir)];
		args.push('--disable-workspace-trust');
		if (!telemetry) args.push('--disable-telemetry');
		if (driver) args.push('--enable-smoke-test-driver');
		args.push(...(token === undefined ? ['--without-connection-token'] : ['--connection-token', token]));
		if (builtins === 'themes') args.push('--builtin-extensions-dir', extensions);
		// The extension host gets the server's own arguments for Node.
		const nodeArgs = logFiles ? [`--import=${new URL('log-files/register.mjs', import.meta.url)}`] : [];
		const child = spawn(process.execPath, [...nodeArgs, main, ...args], {
			env: { ...process.env, EXTENSIONS_GALLERY: '{}', ...env },
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		return new VsCodeServer(child, await listening(child, onOutput));
	}

	/** Changes settings while VS Code runs, on top of earlier ones; it takes effect at once. `machine` scope is read here alone. */
	static async writeMachineSettings(dataDir: string, settings: Record<string, unknown>): Promise<void> {
		const folder = join(dataDir, 'data/Machine');
		const before = await readFile(join(folder, 'settings.json'), 'utf8').catch(() => '{}');
		await writeSettings(folder, { ...JSON.parse(before), ...settings });
	}

	/** Installs a package into a server's data folder, as a user would. */
	static async install(vsix: string, dataDir: string): Promise<void> {
		const { main } = await ensureServer();
		const args = [main, '--install-extension', vsix, ...commonArguments(dataDir)];
		const child = spawn(process.execPath, args, {
			env: { ...process.env, EXTENSIONS_GALLERY: '{}' },
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		let output = '';
		for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
		const [code] = await once(child, 'close');
		if (code !== 0 || !output.includes('was successfully installed')) {
			throw new Error(`Installing ${vsix} failed (exit code ${code}):\n${output}`);
		}
	}

	/** Ends the server and waits until it is gone. */
	async stop(): Promise<void> {
		process.off('exit', this.#kill);
		if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
		// `exit`, not `close`: a process of the extension host may hold the pipes open for longer.
		const gone = once(this.#process, 'exit');
		this.#process.kill('SIGTERM');
		const impatient = setTimeout(() => this.#process.kill('SIGKILL'), 10_000);
		await gone;
		clearTimeout(impatient);
	}
}

function commonArguments(dataDir: string): string[] {
	return ['--server-data-dir', dataDir, '--accept-server-license-terms'];
}

async function writeSettings(folder: string, settings: Record<string, unknown>): Promise<void> {
	await mkdir(folder, { recursive: true });
	await writeFile(join(folder, 'settings.json'), JSON.stringify(settings, null, '\t'));
}

/** Resolves to the port once the server listens. */
function listening(child: ChildProcess, onOutput: ServerOptions['onOutput']): Promise<number> {
	return new Promise((resolve, reject) => {
		let output = '';
		const read = (data: Buffer) => {
			const text = data.toString();
			onOutput?.(text);
			if (output.length < 100_000) output += text;
			const port = /Extension host agent listening on (\d+)/.exec(output)?.[1];
			if (port !== undefined) resolve(Number(port));
		};
		child.stdout?.on('data', read);
		child.stderr?.on('data', read);
		child.on('error', reject);
		child.on('exit', (code) => reject(new Error(`The VS Code server ended (exit code ${code}):\n${output}`)));
	});
}
