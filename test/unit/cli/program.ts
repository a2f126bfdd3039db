import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Ran } from './command-line.ts';

const root = join(import.meta.dirname, '../../..');
/** What users start; `npm run build` makes it. */
export const program = join(root, 'dist/callmeter.cjs');

/** Whether this machine has `script` of util-linux, which gives a program a terminal. */
export const hasTerminals = process.platform === 'linux' && existsSync('/usr/bin/script');

export interface Surroundings {
	/** Its home and current folder. */
	folder: string;
	/** Beside what every program needs. */
	env?: Record<string, string>;
	/** What is typed; once this is shown, where that is said. */
	input?: string;
	inputAfter?: string;
	/** User id to run as. */
	uid?: number;
}

/** Starts a program with nothing of this user's environment. */
export function start(command: string, args: readonly string[], { folder, env, uid }: Surroundings): ChildProcess {
	if (!existsSync(program)) throw new Error('There is nothing to test: npm run build makes it.');
	return spawn(command, args, {
		cwd: folder,
		// One that hangs must not outlive its test.
		timeout: 50_000,
		env: {
			HOME: folder,
			PATH: `${join(process.execPath, '..')}:${process.env.PATH ?? ''}`,
			TZ: 'UTC',
			LANG: 'C.UTF-8',
			...env,
		},
		...(uid !== undefined && { uid, gid: uid }),
	});
}

/** Runs a program to its end. */
export async function ended(child: ChildProcess, input = '', inputAfter?: string): Promise<Ran> {
	let out = '';
	let err = '';
	let isTyped = false;
	const type = () => {
		if (isTyped || (inputAfter !== undefined && !out.includes(inputAfter))) return;
		isTyped = true;
		// A terminal is kept open: its end would be taken for one that hangs up.
		if (inputAfter === undefined) child.stdin?.end(input);
		else child.stdin?.write(input);
	};
	child.stdout?.setEncoding('utf8').on('data', (text: string) => {
		out += text;
		type();
	});
	child.stderr?.setEncoding('utf8').on('data', (text: string) => (err += text));
	type();
	const code = await new Promise<number>((done, fail) => {
		child.once('error', fail);
		child.once('close', (code, signal) => done(code ?? (signal === null ? -1 : 128)));
	});
	return { code, out, err };
}

/** Runs the built program on pipes. */
export function callmeter(args: readonly string[], surroundings: Surroundings): Promise<Ran> {
	return ended(start(process.execPath, [program, ...args], surroundings), surroundings.input);
}

/** Runs a shell's command on a terminal of so many columns; all that it shows is in `out`. */
export function onTerminal(command: string, columns: number, surroundings: Surroundings): Promise<Ran> {
	const line = `stty cols ${columns} rows 40; ${command}`;
	const env = { TERM: 'xterm-256color', ...surroundings.env };
	return ended(
		start('script', ['-qec', line, '/dev/null'], { ...surroundings, env }),
		surroundings.input,
		surroundings.inputAfter,
	);
}

/** The built program, for a shell. */
export const programWord = `'${process.execPath}' '${program}'`;
