import { spawn } from 'node:child_process';

/** What went wrong, in words for the person who typed the command: printed without a stack. */
export class Problem extends Error {}

/** @typedef {{ cwd?: string, env?: NodeJS.ProcessEnv, shell?: boolean, limitMs?: number, onOutput?: (text: string) => void, silent?: boolean }} RunOptions */

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();
let stopping = false;
let passing = false;

/** From the first program on: whoever only uses other things of this module keeps its own way of being interrupted. */
function passSignalsOn() {
	for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
		process.on(signal, () => {
			stopping = true;
			for (const child of running) child.kill(signal);
			exitWhenStopped();
		});
	}
}

/** The children clean up after themselves: whoever is interrupted waits for them, and starts nothing more. */
function exitWhenStopped() {
	if (stopping && running.size === 0) process.exit(130);
}

/**
 * Runs a program, passing its output on, and waits for its end.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options] `limitMs`: ends it when it takes longer; `onOutput` sees stdout and stderr as they come; `silent` keeps them off the terminal.
 * @returns {Promise<number>} its exit code; 1 when a signal ended it
 */
export function run(
	command,
	args,
	{ cwd, env = process.env, shell = false, limitMs = 0, onOutput, silent = false } = {},
) {
	if (!passing) passSignalsOn();
	passing = true;
	return new Promise((resolve, reject) => {
		const piped = silent || onOutput !== undefined;
		const child = spawn(command, args, {
			cwd,
			env,
			shell,
			stdio: piped ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
		});
		running.add(child);
		const timer = limitMs > 0 ? setTimeout(overdue, limitMs) : undefined;
		function overdue() {
			console.error(`\nNot done after ${limitMs / 60_000} minutes: ending it.`);
			child.kill('SIGTERM');
			setTimeout(() => child.kill('SIGKILL'), 10_000).unref();
		}
		for (const [from, to] of /** @type {const} */ ([
			[child.stdout, process.stdout],
			[child.stderr, process.stderr],
		])) {
			from?.setEncoding('utf8').on('data', (text) => {
				if (!silent) to.write(text);
				onOutput?.(text);
			});
		}
		child.on('error', (error) => {
			running.delete(child);
			reject(error);
		});
		child.on('close', (code) => {
			clearTimeout(timer);
			running.delete(child);
			exitWhenStopped();
			resolve(code ?? 1);
		});
	});
}

/**
 * Runs a program quietly and requires success: on failure its output is shown.
 * @param {string} what what it does, for the message: "npm ci"
 * @param {string} command
 * @param {readonly string[]} args
 * @param {Pick<RunOptions, 'cwd' | 'env'>} [options]
 */
export async function must(what, command, args, options = {}) {
	let output = '';
	const code = await run(command, args, { ...options, silent: true, onOutput: (text) => (output += text) });
	if (code !== 0) throw new Problem(`${what} failed (exit code ${code}):\n${output.trimEnd()}`);
}

/**
 * Runs npm, whichever way this machine has it.
 * @param {readonly string[]} args
 * @param {{ cwd: string }} options
 */
export async function npm(args, { cwd }) {
	const cli = process.env.npm_execpath;
	const [command, first] = cli?.endsWith('.js') ? [process.execPath, [cli]] : ['npm', []];
	// A production environment would leave out what builds and tests need.
	const env = { ...process.env, NODE_ENV: 'development' };
	await must(`npm ${args[0]} in ${cwd}`, command, [...first, ...args, '--no-audit', '--no-fund'], { cwd, env });
}

/** @param {unknown} error */
export function fail(error) {
	console.error(error instanceof Problem ? `\n${error.message}` : error);
	process.exitCode = 1;
}
