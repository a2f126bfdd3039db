import { rmSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { format } from 'node:util';
import { type Browser, type BrowserContext, chromium } from 'playwright-core';
import { ensureChromium, root, sampleWorkspace } from '../run/setup.mjs';
import { VsCodeServer } from './vscode-server.ts';
import { type Theme, Workbench } from './workbench.ts';

export interface OpenOptions {
	/** A folder to open; it is copied first, so that a test may write to it. Default: the sample workspace. */
	workspace?: string;
	/** `dev`: this project as it was last built. Else a `.vsix`, or the folder of another extension. */
	extension?: 'dev' | (string & {});
	/** Folders of other extensions to install. */
	alongside?: string[];
	/** User settings, on top of those for a clean window. */
	settings?: Record<string, unknown>;
	/** Settings of `machine` scope, which a window of a server reads from the server alone. */
	machineSettings?: Record<string, unknown>;
	theme?: Theme;
	/** Environment of the extension host. */
	env?: Record<string, string>;
	/** What the extension host sees as the home of the user. Default: an empty folder, so that no real record is read. */
	home?: string;
	/** A module whose `run()` VS Code calls in the extension host. */
	testsPath?: string;
	/** Of the window, in CSS pixels. */
	size?: { width: number; height: number };
	/** `all`: with VS Code's own extensions for languages and Git. */
	builtins?: 'themes' | 'all';
	/** Lets extensions make telemetry events. Default: false. */
	telemetry?: boolean;
	/** Lets extensions log to files, as they do elsewhere. Default: false. */
	logFiles?: boolean;
	/** Gets each line that the extension host's tests print. */
	onTestOutput?: (text: string) => void;
}

/** A real VS Code: server, extension host, and a window in a headless browser. Close it in `finally`. */
export class VsCode extends Workbench {
	/** What server, window and extension host said, oldest first. For finding out why a test failed. */
	readonly logs: string[];
	/** The copy of the workspace that is open. */
	readonly workspace: string;
	/** The home folder that the extension host sees. */
	readonly home: string;
	/** The exit code of the tests at `testsPath`. Beware: a crashed extension host reports 0. */
	readonly testsExit: Promise<number>;
	readonly #parts: Parts;

	private constructor(parts: Parts, page: Workbench['page']) {
		super(page, parts.dataDir);
		this.#parts = parts;
		this.logs = parts.logs;
		this.workspace = parts.workspace;
		this.home = parts.home;
		this.testsExit = parts.testsExit;
	}

	static async open(options: OpenOptions = {}): Promise<VsCode> {
		const parts = await assemble(options);
		try {
			const vscode = new VsCode(parts, await openPage(parts));
			await vscode.whenReady();
			return vscode;
		} catch (error) {
			await takeApart(parts);
			throw new Error(`VS Code did not open. Its last words:\n${parts.logs.slice(-20).join('\n')}`, { cause: error });
		}
	}

	/** Where the server keeps everything, the extension's storage among it. */
	get serverData(): string {
		return this.#parts.dataDir;
	}

	/** Those of the logs that are about Callmeter: VS Code itself complains about much that does not matter here. */
	remarks(): string[] {
		return this.logs.filter((line) => /callmeter/i.test(line) && !line.includes('spdlog'));
	}

	/** A second window of the same VS Code, on the same folder or another one. */
	async openWindow(folder = this.workspace): Promise<Workbench> {
		const window = new Workbench(await openPage({ ...this.#parts, workspace: folder }), this.dataDir);
		await window.whenReady();
		return window;
	}

	/** Ends VS Code in an orderly way and starts it again: same port, same data, same browser profile. */
	async restart(): Promise<void> {
		// The browser side stores the state of its window every 5 s, and at once when it reloads.
		await this.reloadWindow();
		for (const page of this.#parts.context.pages()) await page.close();
		await this.#parts.server.stop();
		this.#parts.server = await startServer(this.#parts);
		this.page = await openPage(this.#parts);
		await this.whenReady();
	}

	async close(): Promise<void> {
		await takeApart(this.#parts);
	}
}

/** Opens VS Code, as `VsCode.open` does. */
export function openVsCode(options: OpenOptions = {}): Promise<VsCode> {
	return VsCode.open(options);
}

interface Parts {
	options: OpenOptions;
	/** Everything temporary is in here. */
	folder: string;
	dataDir: string;
	workspace: string;
	home: string;
	developmentPath: string | null;
	server: VsCodeServer;
	browser: Browser;
	context: BrowserContext;
	logs: string[];
	testsExit: Promise<number>;
}

const browserArguments = [
	'--no-sandbox',
	'--disable-gpu',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
];

/** Folders to delete when this process ends, because whoever interrupted it left no time to close. */
const leftovers = new Set<string>();
process.once('exit', () => {
	for (const folder of leftovers) rmSync(folder, { recursive: true, force: true });
});

async function assemble(options: OpenOptions): Promise<Parts> {
	const executablePath = await ensureChromium();
	const folder = await mkdtemp(join(tmpdir(), 'callmeter-test-'));
	leftovers.add(folder);
	let server: VsCodeServer | undefined;
	let browser: Browser | undefined;
	try {
		const dataDir = join(folder, 'server');
		const workspace = join(folder, 'workspace');
		const home = options.home ?? join(folder, 'home');
		await mkdir(home, { recursive: true });
		await cp(options.workspace ?? sampleWorkspace, workspace, { recursive: true });
		// Before a package is: from then on VS Code has a list, and looks for no others.
		for (const other of options.alongside ?? []) await installFolder(other, dataDir);
		const developmentPath = await installExtension(options, dataDir, folder);
		const logs: string[] = [];
		await VsCodeServer.writeMachineSettings(dataDir, options.machineSettings ?? {});
		server = await startServer({ options, dataDir, logs });
		browser = await chromium.launch({ executablePath, args: browserArguments });
		const context = await browser.newContext({ viewport: options.size ?? { width: 1280, height: 800 } });
		const { testsExit } = await listen(context, logs, options.onTestOutput);
		return { options, folder, dataDir, workspace, home, developmentPath, server, browser, context, logs, testsExit };
	} catch (error) {
		await takeApart({ folder, server, browser });
		throw error;
	}
}

async function takeApart(parts: { folder: string; server?: VsCodeServer | undefined; browser?: Browser | undefined }) {
	await parts.browser?.close();
	await parts.server?.stop();
	// The extension host outlives its server for a moment and may still write.
	await rm(parts.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
	leftovers.delete(parts.folder);
}

/** Makes the extension available; the result is the folder of the one under development. */
async function installExtension(options: OpenOptions, dataDir: string, folder: string): Promise<string | null> {
	const { extension = 'dev' } = options;
	if (!extension.endsWith('.vsix')) {
		// A link, since VS Code takes every extension below the folder of one under development, and so its own themes in
		// `.vscode-test`, for one under development too, and leaves them out.
		const link = join(folder, 'extension');
		await symlink(extension === 'dev' ? root : resolve(extension), link, 'junction');
		return link;
	}
	await VsCodeServer.install(resolve(extension), dataDir);
	if (options.testsPath === undefined) return null;
	// Tests need some extension under development: an empty one, beside the installed one that they test.
	const dummy = join(folder, 'dummy');
	await mkdir(dummy);
	const manifest = { name: 'dummy', publisher: 'test', version: '0.0.0', engines: { vscode: '*' } };
	await writeFile(join(dummy, 'package.json'), JSON.stringify(manifest));
	return dummy;
}

/** An extension is installed by being in this folder. */
async function installFolder(folder: string, dataDir: string): Promise<void> {
	const { publisher, name, version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
	await cp(folder, join(dataDir, 'extensions', `${publisher}.${name}-${version}`.toLowerCase()), { recursive: true });
}

function startServer({
	options,
	dataDir,
	logs,
	server,
}: Pick<Parts, 'options' | 'dataDir' | 'logs'> & { server?: VsCodeServer }) {
	const { theme, settings, builtins, telemetry = false, logFiles = false } = options;
	return VsCodeServer.start({
		dataDir,
		port: server?.port ?? 0,
		settings: { ...settings, ...(theme === undefined ? {} : { 'workbench.colorTheme': theme }) },
		builtins: builtins ?? 'themes',
		telemetry,
		logFiles,
		onOutput: (text) => logs.push(`[server] ${text.trimEnd()}`),
	});
}

/** Collects what windows say, and the result of tests. VS Code calls the two functions by these names. */
async function listen(context: BrowserContext, logs: string[], onTestOutput: OpenOptions['onTestOutput']) {
	const { promise, resolve } = Promise.withResolvers<number>();
	await context.exposeFunction('codeAutomationLog', (_type: string, args: unknown[]) => {
		const text = format(...args);
		logs.push(`[extension host] ${text}`);
		onTestOutput?.(text);
	});
	await context.exposeFunction('codeAutomationExit', resolve);
	context.on('console', (message) => logs.push(`[window] ${message.text()}`));
	context.on('weberror', (error) => logs.push(`[window] ${error.error()}`));
	return { testsExit: promise };
}

async function openPage(
	parts: Pick<Parts, 'context' | 'server' | 'workspace' | 'developmentPath' | 'options' | 'home'>,
) {
	const { context, server, workspace, developmentPath, options, home } = parts;
	const remote = (path: string) => `vscode-remote://${server.authority}${resolve(path)}`;
	const environment = { HOME: home, ...options.env };
	const payload = [['extensionEnvironment', JSON.stringify(environment)]];
	if (developmentPath !== null) payload.push(['extensionDevelopmentPath', remote(developmentPath)]);
	if (options.testsPath !== undefined) payload.push(['extensionTestsPath', remote(options.testsPath)]);
	const query = new URLSearchParams({ folder: workspace, payload: JSON.stringify(payload) });
	const page = await context.newPage();
	await page.goto(`http://${server.authority}/?${query}`);
	return page;
}
