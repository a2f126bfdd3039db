import assert from 'node:assert/strict';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { splitLine } from '../../../src/cli/completion/split-line.ts';
import { callDraft } from '../ledger/support.ts';
import { CommandLine } from './command-line.ts';
import { ended, hasTerminals, onTerminal, program, start } from './program.ts';

describe('shell completion', function () {
	this.timeout(30_000);
	const shell = new CommandLine();
	const { folder } = shell;
	const bin = join(folder, 'bin');
	const env = { PATH: `${bin}:${join(process.execPath, '..')}:${process.env.PATH ?? ''}` };
	before(async () => {
		mkdirSync(bin);
		mkdirSync(join(folder, 'a folder'));
		writeFileSync(join(folder, 'a file.db'), '');
		symlinkSync(program, join(bin, 'callmeter'));
		shell.ledger('calls.db', [
			callDraft('a', { agentId: 'codex', model: 'gpt-5', sessionId: 'run:one' }),
			callDraft('b', { agentId: 'cline', model: 'evil\u001b[31m', sessionId: 'run:two' }),
		]);
	});
	after(() => shell.remove());

	/** What is offered, and what else may stand there. */
	async function offered(...words: string[]): Promise<string[]> {
		const { code, out, err } = await shell.run(['__complete', 'zsh', '--', ...words]);
		assert.deepEqual([code, err], [0, '']);
		return out
			.trimEnd()
			.split('\n')
			.map((line) => line.split('\t')[0] ?? '');
	}
	const onLedger = ['--ledger', 'calls.db'];

	it('knows every command and option that the commands themselves have', async () => {
		const commands = await offered('');
		const help = (await shell.run(['--help'])).out;
		const listed = Array.from(help.matchAll(/^ {2}([a-z]+) {2,}/gm), ([, name]) => name);
		assert.deepEqual(
			commands.slice(0, -1).filter((name) => name !== 'help'),
			listed.filter((name) => name !== 'help'),
		);
		for (const name of commands.slice(0, -2)) {
			const long = (text: string) =>
				new Set(Array.from(text.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm), ([, option]) => option));
			const { out } = await shell.run([name, '--help']);
			assert.deepEqual(new Set((await offered(name, '--')).slice(0, -1)), long(out), name);
		}
		assert.deepEqual(await offered('llm', 'r'), ['recent', ':none']);
		assert.deepEqual(await offered('help', 'do'), ['doctor', ':none']);
		assert.deepEqual(await offered('llm', 'recent', '--limit', '3', '--l'), ['--ledger', ':none']);
		assert.deepEqual(await offered('nonsense', ''), [':none']);
	});

	it('offers values: of the command tree, of the ledger that is named, and paths', async () => {
		assert.deepEqual(await offered('completion', ''), ['bash', 'zsh', 'fish', ':none']);
		assert.deepEqual(await offered('import', '--source', 'gem'), ['gemini-cli', ':none']);
		assert.deepEqual(await offered('import', '--source=gem'), ['--source=gemini-cli', ':none']);
		assert.deepEqual((await offered('llm', 'recent', ...onLedger, '--agent', '')).sort(), [':none', 'cline', 'codex']);
		assert.deepEqual(await offered('verify', ...onLedger, 'run:o'), ['run:one', ':none']);
		assert.deepEqual(
			await offered('diagnostics', '--ledger=calls.db', ''),
			['run:two', 'run:one', ':none'].sort().reverse(),
		);
		assert.deepEqual(await offered('erase', '--session', ''), [':none'], 'no ledger here');
		assert.deepEqual(await offered('llm', 'stats', '--from', 'y'), ['yesterday', ':none']);
		assert.deepEqual(await offered('llm', 'stats', '--ledger', ''), [':files']);
		assert.deepEqual(await offered('import', '--path', ''), [':folders']);
		assert.deepEqual(await offered('search', ''), [':none']);
	});

	it('offers no name that a terminal would take for a command', async () => {
		assert.deepEqual(await offered('llm', 'recent', ...onLedger, '--model', ''), ['gpt-5', ':none']);
	});

	it('takes a line of bash apart as bash does, and runs nothing of it', () => {
		for (const [line, words] of [
			['callmeter ', ['callmeter', '']],
			['callmeter  llm rec', ['callmeter', 'llm', 'rec']],
			[`a 'b c' "d \\" e" f\\ g`, ['a', 'b c', 'd " e', 'f g']],
			['a "" "open $(touch x)', ['a', '', 'open $(touch x)']],
			['', ['']],
		] as const) {
			assert.deepEqual(splitLine(line), words);
		}
	});

	it('works in bash as it is typed, also past a colon, and runs nothing that was typed', async function () {
		if (!hasTerminals || !existsSync('/usr/bin/bash')) this.skip();
		const typed = [
			'eval "$(callmeter completion bash)"',
			'callmeter ver\t --led\tcalls.db run:o\t',
			'callmeter llm recent --ledger "$(touch touched; echo calls.db)" --age\t\u0015',
			'callmeter verify --ledger a\\ fi\t',
			'exit\n',
		].join('\n');
		const { out } = await onTerminal('PS1= bash --norc --noprofile -i', 120, { folder, env, input: typed });
		assert.match(stripVTControlCharacters(out), /The ledger is intact: 1 event in 1 task\./, out);
		assert.match(stripVTControlCharacters(out), /There is no ledger at \S+\/a file\.db/);
		assert.equal(existsSync(join(folder, 'touched')), false);
	});

	it('works in zsh as it is typed', async function () {
		if (!hasTerminals || !existsSync('/usr/bin/zsh')) this.skip();
		const typed = [
			'autoload -Uz compinit && compinit -u -D',
			'eval "$(callmeter completion zsh)"',
			'callmeter ver\t --led\tcalls.db run:o\t',
			'exit\n',
		].join('\n');
		const { out } = await onTerminal('zsh -f -i', 120, { folder, env, input: typed });
		assert.match(stripVTControlCharacters(out), /The ledger is intact: 1 event in 1 task\./, out);
	});

	it('works in fish', async function () {
		if (!existsSync('/usr/bin/fish')) this.skip();
		const script = `callmeter completion fish | source
			complete -C 'callmeter ver'
			complete -C 'callmeter verify --ledger calls.db run:o'
			complete -C 'callmeter verify --ledger a'`;
		const { out, err } = await ended(start('fish', ['--no-config', '-c', script], { folder, env }));
		assert.equal(err, '');
		const values = out.split('\n').map((line) => line.split('\t')[0]);
		assert.deepEqual(values.slice(0, 2), ['verify', 'run:one']);
		assert.ok(values.includes('a\\ file.db') || values.includes('a file.db'), out);
	});
});
