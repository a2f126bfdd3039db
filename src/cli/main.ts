import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { LedgerError } from '../ledger/ledger.ts';
import { CliProblem, type Environment, exitCodes } from './environment.ts';
import { addImportCommand } from './import-command.ts';
import { addLlmCommands } from './llm-commands.ts';

/**
 * Runs one command line to its end. Never rejects: what goes wrong is told on `err`.
 *
 * @returns the exit code: one of `exitCodes`.
 */
export async function main(environment: Environment): Promise<number> {
	const program = commands(environment);
	try {
		await program.parseAsync(environment.args, { from: 'user' });
		return exitCodes.ok;
	} catch (error) {
		if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
		if (error instanceof CliProblem) {
			environment.err.write(`${error.message}\n`);
			return error.exitCode;
		}
		if (error instanceof LedgerError) {
			environment.err.write(`${error.message}\n`);
			return exitCodes.failed;
		}
		environment.err.write(`callmeter failed: ${error instanceof Error ? (error.stack ?? error.message) : error}\n`);
		return exitCodes.failed;
	}
}

function commands(environment: Environment): Command {
	const { out, err, version } = environment;
	const program = new Command('callmeter')
		.description('Every LLM call that your coding agents made: what it was, how long it took, what it cost and why.')
		.version(version, '-V, --version', 'print the version')
		.helpOption('-h, --help', 'print this help')
		.helpCommand('help [command]', 'print the help of a command')
		.showSuggestionAfterError()
		.showHelpAfterError('(callmeter --help tells more)')
		.exitOverride()
		.configureOutput({
			writeOut: (text) => out.write(text),
			writeErr: (text) => err.write(text),
			getOutHelpWidth: () => out.columns ?? 100,
			getErrHelpWidth: () => err.columns ?? 100,
		})
		.addHelpText(
			'after',
			`
Everything is read from this machine's disk, and nothing is sent anywhere.

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.`,
		);
	// Before the commands: each takes over how the program writes and ends.
	addImportCommand(program, environment);
	addLlmCommands(program, environment);
	return program;
}

/** Runs the command line of this process. `directory`: where the bundles are, absolute. */
export async function runHere(directory: string): Promise<void> {
	const interrupted = new AbortController();
	for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());
	// A reader that has seen enough, such as `head`, is no error.
	process.stdout.on('error', (error: NodeJS.ErrnoException) => {
		process.exit(error.code === 'EPIPE' ? exitCodes.ok : exitCodes.failed);
	});
	process.exitCode = await main({
		args: process.argv.slice(2),
		cwd: process.cwd(),
		home: homedir(),
		env: process.env,
		platform: process.platform,
		workers: { ledger: join(directory, 'ledger-worker.cjs'), import: join(directory, 'import-worker.cjs') },
		version: versionBeside(directory),
		locale: Intl.DateTimeFormat().resolvedOptions().locale,
		nowMs: Date.now(),
		out: outputOf(process.stdout),
		err: outputOf(process.stderr),
		signal: interrupted.signal,
	});
}

function outputOf(stream: NodeJS.WriteStream): Environment['out'] {
	return {
		write: (text) => void stream.write(text),
		columns: stream.isTTY ? stream.columns : null,
	};
}

function versionBeside(directory: string): string {
	const { version } = JSON.parse(readFileSync(join(directory, '../package.json'), 'utf8')) as { version: string };
	return version;
}
