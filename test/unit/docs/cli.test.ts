import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { commandEntries } from '../../../src/cli/commands.ts';
import { exitCodes } from '../../../src/cli/environment.ts';
import { cliPage, nowhere, withHelp } from '../../run/docs/cli-help.ts';

/** A command and all that are below it, each by its words. */
function* tree(command: Command, words: readonly string[] = []): Generator<readonly [words: string, command: Command]> {
	yield [words.join(' '), command];
	for (const each of command.commands) yield* tree(each, [...words, each.name()]);
}

describe('the page on the command line', () => {
	const page = readFileSync(cliPage, 'utf8');
	const program = new Command('callmeter');
	before(async () => {
		for (const { load } of commandEntries)
			(await load())(
				program,
				nowhere([], () => undefined),
			);
	});

	it('has the help of every command as it is', async () => {
		for (const [words] of tree(program)) {
			const line = `$ callmeter ${words === '' ? '' : `${words} `}--help\n`;
			assert.ok(page.includes(line), `node test/run/docs.ts cannot add "${line.trim()}": give it a place`);
		}
		assert.equal(page, await withHelp(page), 'node test/run/docs.ts writes it anew');
	});

	it('lists every exit code', () => {
		const listed = Array.from(page.matchAll(/^\| (\d+) \|/gm), ([, code]) => Number(code));
		assert.deepEqual(listed, Object.values(exitCodes));
	});
});

describe('the commands', () => {
	const program = new Command('callmeter');
	before(async () => {
		for (const { load } of commandEntries)
			(await load())(
				program,
				nowhere([], () => undefined),
			);
	});

	it('are described by the program as they describe themselves', () => {
		assert.deepEqual(
			program.commands.map((command) => [command.name(), command.description()]),
			commandEntries.map(({ name, about }) => [name, about]),
		);
	});

	it('show examples, and take --ledger and --json wherever these mean something', async () => {
		const leaves = [...tree(program)].filter(([, { commands }]) => commands.length === 0);
		for (const [words, command] of leaves) {
			let help = '';
			command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
			assert.match(help, /^Examples:\n {2}\S/m, words);
			const options = command.options.map(({ long }) => long);
			if (words === 'completion') continue;
			assert.ok(options.includes('--ledger'), words);
			// MCP speaks JSON anyway.
			if (words !== 'mcp') assert.ok(options.includes('--json'), words);
		}
	});
});
