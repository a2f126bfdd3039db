import type { Command } from 'commander';
import { addCommands, commandNamed } from '../commands.ts';
import type { Environment } from '../environment.ts';
import { printable } from '../printable.ts';
import { type Candidates, complete } from './complete.ts';
import { splitLine } from './split-line.ts';
import { knownValues } from './values.ts';

/**
 * Answers a shell that asks what may follow. Whatever goes wrong, there is then nothing to offer: a person who types
 * must see no errors.
 *
 * @param asked the words after `__complete`: the shell, then the words typed so far, or from bash the line.
 */
export async function answerShell(program: Command, asked: readonly string[], environment: Environment): Promise<void> {
	const [shell, ...rest] = asked;
	const words = shell === 'bash' ? splitLine(rest[0] ?? '').slice(1) : rest.slice(rest[0] === '--' ? 1 : 0);
	let found: Candidates = { values: [], paths: null };
	try {
		await addCommands(program, environment, commandNamed(words.slice(0, -1)));
		found = await complete(program, words, (name) => knownValues(name, words, environment));
	} catch {
		// No ledger, a damaged one: what the command tree does not hold is not known then.
	}
	// A value with a sign that the terminal or the shell takes for something else cannot be typed back.
	const typable = found.values.filter(
		({ value }) => value !== '' && value === printable(value) && !value.startsWith(':'),
	);
	const lines = typable.map(({ value, about }) => (about === '' ? value : `${value}\t${printable(about)}`));
	environment.out.write(`${[...lines, `:${found.paths ?? 'none'}`].join('\n')}\n`);
}
