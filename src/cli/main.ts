import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { Command, CommanderError } from 'commander';
import { addCommands, commandNamed } from './commands.ts';
import { completeWord } from './completion/scripts.ts';
import { CliProblem, EndsWith, type Environment, exitCodes, exitCodeTexts } from './environment.ts';
import { paint, showsColors } from './paint.ts';
import { printableLines } from './printable.ts';

/**
 * Runs one command line to its end. Never rejects: what goes wrong is told on `err`.
 *
 * @returns the exit code: one of `exitCodes`.
 */
export async function main(given: Environment): Promise<number> {
	const environment = withoutColorSwitch(given);
	const { args, err } = environment;
	try {
		const program = programFor(environment);
		if (args[0] === completeWord) {
			const { answerShell } = await import('./completion/answer-shell.ts');
			await answerShell(program, args.slice(1), environment);
			return exitCodes.ok;
		}
		await addCommands(program, environment, commandNamed(args));
		await program.parseAsync(args, { from: 'user' });
		return exitCodes.ok;
	} catch (error) {
		if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
		if (error instanceof EndsWith) return error.exitCode;
		const problem = problemOf(error);
		err.write(`${paint(err, 'bad', printableLines(problem.message))}\n`);
		return problem.exitCode;
	}
}

/** What went wrong, for a person. A ledger's errors are known by their name: its code need not be loaded to tell one. */
function problemOf(error: unknown): { message: string; exitCode: number } {
	if (error instanceof CliProblem) return error;
	if (error instanceof Error && error.name === 'LedgerError') {
		return { message: error.message, exitCode: exitCodes.failed };
	}
	const told = error instanceof Error ? (error.stack ?? error.message) : error;
	return { message: `callmeter failed: ${told}`, exitCode: exitCodes.failed };
}

/** `--no-color` may stand anywhere before `--`, whatever the command. */
function withoutColorSwitch(environment: Environment): Environment {
	const { args, out, err } = environment;
	const end = args.indexOf('--');
	const isSwitch = (word: string, at: number) => word === '--no-color' && (end === -1 || at < end);
	if (!args.some(isSwitch)) return environment;
	return {
		...environment,
		args: args.filter((word, at) => !isSwitch(word, at)),
		out: { ...out, colors: false },
		err: { ...err, colors: false },
	};
}

function programFor({ out, err, version }: Environment): Command {
	const codes = Object.entries(exitCodes).map(
		([name, code]) => `  ${String(code).padEnd(5)}${exitCodeTexts[name as keyof typeof exitCodes]}`,
	);
	return new Command('callmeter')
		.description('Every LLM call that your coding agents made: what it was, how long it took, what it cost and why.')
		.version(version, '-V, --version', 'print the version')
		.option('--no-color', 'no colours; by default they are shown on a terminal (NO_COLOR, FORCE_COLOR)')
		.helpOption('-h, --help', 'print this help')
		.helpCommand('help [command]', 'print the help of a command')
		.showSuggestionAfterError()
		.showHelpAfterError('(callmeter --help tells more)')
		.configureHelp({
			showGlobalOptions: true,
			styleTitle: (title) => paint({ colors: true }, 'heading', title),
		})
		.exitOverride()
		.configureOutput({
			writeOut: (text) => out.write(text),
			writeErr: (text) => err.write(printableLines(text)),
			getOutHelpWidth: () => out.columns ?? 100,
			getErrHelpWidth: () => err.columns ?? 100,
			getOutHasColors: () => out.colors === true,
			getErrHasColors: () => err.colors === true,
		})
		.addHelpText(
			'after',
			`
Everything is read from this machine's disk, and nothing is sent anywhere that you do not name.

Examples:
  callmeter import                        read what the agents on this machine recorded
  callmeter llm stats --from today        what today cost
  callmeter llm --help                    more of a command

Exit codes:
${codes.join('\n')}`,
		);
}

/** Runs the command line of this process. `directory`: where the bundles are, absolute. */
export async function runHere(directory: string): Promise<void> {
	const interrupted = new AbortController();
	for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());
	// A reader that has seen enough, such as `head`, is no error.
	process.stdout.on('error', (error: NodeJS.ErrnoException) => {
		process.exit(error.code === 'EPIPE' ? exitCodes.ok : exitCodes.failed);
	});
	const { signal } = interrupted;
	const code = await main({
		args: process.argv.slice(2),
		cwd: process.cwd(),
		home: homedir(),
		env: process.env,
		platform: process.platform,
		workers: {
			ledger: join(directory, 'ledger-worker.cjs'),
			import: join(directory, 'import-worker.cjs'),
			export: join(directory, 'export-worker.cjs'),
			api: join(directory, 'api-worker.cjs'),
			otlp: join(directory, 'otlp-worker.cjs'),
			proxy: join(directory, 'proxy-worker.cjs'),
		},
		version: versionBeside(directory),
		locale: Intl.DateTimeFormat().resolvedOptions().locale,
		nowMs: Date.now(),
		out: outputOf(process.stdout),
		err: outputOf(process.stderr),
		ask: process.stdin.isTTY && process.stderr.isTTY ? (question) => askHere(question, signal) : null,
		signal,
	});
	// A query that was left behind must not hold up whoever interrupted it.
	if (code === exitCodes.interrupted) process.exit(code);
	process.exitCode = code;
}

async function askHere(question: string, signal: AbortSignal): Promise<string> {
	if (signal.aborted) throw new CliProblem('Interrupted.', exitCodes.interrupted);
	const terminal = createInterface({ input: process.stdin, output: process.stderr });
	const interrupted = new CliProblem('Interrupted.', exitCodes.interrupted);
	const { promise: left, reject } = Promise.withResolvers<never>();
	terminal.once('SIGINT', () => reject(interrupted));
	// The end of the input: nobody will answer any more.
	terminal.once('close', () => reject(interrupted));
	signal.addEventListener('abort', () => reject(interrupted), { once: true });
	try {
		return await Promise.race([terminal.question(question), left]);
	} finally {
		terminal.close();
	}
}

function outputOf(stream: NodeJS.WriteStream): Environment['out'] {
	return {
		write: (text) => void stream.write(text),
		taken: async () => {
			if (stream.writableNeedDrain) await once(stream, 'drain');
		},
		columns: stream.isTTY ? stream.columns : null,
		colors: showsColors(process.env, stream.isTTY, false),
	};
}

function versionBeside(directory: string): string {
	const { version } = JSON.parse(readFileSync(join(directory, '../package.json'), 'utf8')) as { version: string };
	return version;
}
