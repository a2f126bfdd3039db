import assert from 'node:assert/strict';
import { chmodSync, chownSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { stripVTControlCharacters } from 'node:util';
import { commandEntries } from '../../../src/cli/commands.ts';
import type { DraftInput } from '../../../src/core/draft.ts';
import { callDraft, responseDraft, T0 } from '../ledger/support.ts';
import { CommandLine, type Ran, root } from './command-line.ts';
import { callmeter, ended, hasTerminals, onTerminal, programWord, start } from './program.ts';

/** Commands that read a ledger, as they are given one. */
const reading: Readonly<Record<string, string[]>> = {
	stats: ['llm', 'stats'],
	models: ['llm', 'models'],
	recent: ['llm', 'recent'],
	search: ['search', 'prompt'],
	verify: ['verify'],
	diagnostics: ['diagnostics'],
};
const nobody = 65_534;

function calls(count: number): DraftInput[] {
	return Array.from({ length: count }, (_, n) => {
		const at = { sessionId: `session-${n % 3}`, model: 'claude-sonnet-4-5' };
		return [
			callDraft(`call-${n}`, { ...at, startedAtMs: T0 + n, messages: [{ role: 'user', content: `prompt ${n}` }] }),
			responseDraft(`call-${n}`, { ...at, endedAtMs: T0 + n + 5, completion: `answer ${n}` }),
		];
	}).flat();
}

describe('the built callmeter', function () {
	this.timeout(60_000);
	const shell = new CommandLine();
	const { folder } = shell;
	let file: string;
	before(() => {
		file = shell.ledger('calls.db', calls(5));
	});
	after(() => shell.remove());

	const run = (...args: string[]) => callmeter(args, { folder });
	/** How each of the commands ended on a ledger, two at a time. */
	async function each(of: Readonly<Record<string, string[]>>, ledger: string): Promise<Record<string, Ran>> {
		const found: Record<string, Ran> = {};
		const waiting = Object.entries(of);
		const take = async (): Promise<void> => {
			for (let next = waiting.shift(); next; next = waiting.shift()) {
				found[next[0]] = await run(...next[1], '--ledger', ledger);
			}
		};
		await Promise.all([take(), take()]);
		return found;
	}

	it('helps with each command, with examples, and says what its exit codes mean', async () => {
		const { code, out, err } = await run('--help');
		assert.deepEqual([code, err], [0, '']);
		for (const { name } of commandEntries) assert.match(out, new RegExp(`^ {2}${name}\\b`, 'm'));
		assert.match(out, /Exit codes:\n {2}0 +done\n {2}1 .*\n {2}2 .*\n {2}3 .*\n {2}130 /);
		for (const { name } of commandEntries.filter((entry) => entry.name !== 'llm')) {
			const help = await run(name, '--help');
			assert.deepEqual([name, help.code, help.err, help.out.includes('\u001b')], [name, 0, '', false]);
			assert.match(help.out, /^Examples:\n {2}\S/m, name);
		}
	});

	it('reads a ledger of some calls, and one of none', async () => {
		const empty = shell.ledger('empty.db', []);
		for (const [name, { code, out, err }] of Object.entries(await each(reading, file))) {
			assert.deepEqual([name, code, err], [name, 0, '']);
			assert.match(out, /claude-sonnet-4-5|Calls +5|intact: 10 events|session-0/, name);
		}
		for (const [name, { code, out, err }] of Object.entries(await each(reading, empty))) {
			assert.deepEqual([name, code, err], [name, 0, '']);
			assert.match(out, /^(No calls|Nothing found|No runs)\.\n$|Calls +0\n|intact: 0 events/, name);
		}
		assert.equal((await run('diagnostics', '--last', '--ledger', empty)).code, 1);
		assert.match((await run('erase', '--all', '--yes', '--ledger', empty)).out, /nothing is there to erase/);
	});

	it('says of a damaged ledger that it is, leaves it where it is, and ends with 1', async () => {
		const damaged = join(folder, 'damaged.db');
		writeFileSync(damaged, readFileSync(file).fill(0xa5, 4096, 40_960));
		const before = readFileSync(damaged);
		for (const [name, { code, out, err }] of Object.entries(await each(reading, damaged))) {
			assert.deepEqual([name, code, out], [name, 1, '']);
			assert.match(err, /^The ledger \S+damaged\.db is damaged\. [^\n]*\n$/, name);
		}
		assert.deepEqual(readFileSync(damaged), before);
	});

	it('reads what a newer version wrote, and refuses to write it', async () => {
		const newer = join(folder, 'newer.db');
		cpSync(file, newer);
		const database = new DatabaseSync(newer);
		database.exec('PRAGMA user_version = 999');
		database.close();
		for (const [name, { code, err }] of Object.entries(await each(reading, newer))) {
			assert.deepEqual([name, code, err], [name, 0, '']);
		}
		for (const args of [
			['erase', '--all', '--yes'],
			['import', '--home', folder],
		]) {
			const { code, err } = await run(...args, '--ledger', newer);
			assert.equal(code, 1);
			assert.match(err, /^A newer version of Callmeter wrote the ledger/);
		}
		assert.equal((await run('doctor', '--ledger', newer)).code, 1);
	});

	it('reads a ledger that it may not write', async function () {
		if (process.platform === 'win32') this.skip();
		const kept = join(folder, 'kept');
		mkdirSync(kept);
		const sealed = join(kept, 'sealed.db');
		cpSync(file, sealed);
		// Root may write everything: then another user does the reading.
		const uid = process.getuid?.() === 0 ? nobody : undefined;
		if (uid !== undefined) for (const path of [kept, sealed]) chownSync(path, uid, uid);
		chmodSync(folder, 0o755);
		chmodSync(sealed, 0o400);
		chmodSync(kept, 0o500);
		const as = { folder, ...(uid !== undefined && { uid }) };
		for (const [name, args] of Object.entries(reading)) {
			const { code, err } = await callmeter([...args, '--ledger', sealed], as);
			assert.deepEqual([name, code, err], [name, 0, '']);
		}
		const erased = await callmeter(['erase', '--all', '--yes', '--ledger', sealed], as);
		assert.equal(erased.code, 1);
		assert.match(erased.err, /cannot be written/);
		chmodSync(kept, 0o700);
	});

	it('reads and erases while another program writes the ledger', async () => {
		const busy = shell.ledger('busy.db', calls(3));
		const writer = start(process.execPath, [join(root, 'test/unit/ledger/writing-process.mjs'), busy, 'live'], {
			folder,
		});
		try {
			await new Promise((done) => writer.stdout?.once('data', done));
			for (const [name, { code, err }] of Object.entries(await each(reading, busy))) {
				assert.deepEqual([name, code, err], [name, 0, '']);
			}
			const erased = await run('erase', '--content', '--before', '2026-06-01', '--yes', '--json', '--ledger', busy);
			assert.deepEqual([erased.code, erased.err], [0, '']);
			assert.ok(JSON.parse(erased.out).erased.messages > 0);
			assert.equal(writer.exitCode, null, 'the other program goes on');
		} finally {
			writer.kill();
			await new Promise((done) => writer.once('close', done));
		}
		assert.equal((await run('verify', '--ledger', busy)).code, 0);
	});

	it('ends quietly when its reader has seen enough', async function () {
		if (process.platform === 'win32') this.skip();
		const many = shell.ledger('many.db', calls(600));
		const line = `set -o pipefail; ${programWord} llm recent --json -n 600 --ledger '${many}' | head -1`;
		assert.deepEqual(await ended(start('bash', ['-c', line], { folder })), { code: 0, out: '[\n', err: '' });
	});

	it('fails at once where no ledger can be made, and where there is none', async () => {
		if (process.platform === 'linux') {
			const { code, err } = await run('import', '--home', folder, '--ledger', '/proc/callmeter/x.db');
			assert.deepEqual(
				[code, err],
				[1, 'The ledger file could not be read or written. Check the disk and the path. (/proc/callmeter/x.db)\n'],
			);
		}
		for (const [args, told] of [
			[['llm', 'stats', '--ledger', folder], /is no file/],
			[['verify', '--ledger', 'gone.db'], /There is no ledger at/],
			[['search', 'x', '--ledger', join(root, 'package.json')], /is no ledger of Callmeter/],
			[['diagnostics'], /No calls were recorded for/],
		] as const) {
			const { code, out, err } = await run(...args);
			assert.deepEqual([code, out], [1, '']);
			assert.match(err, told);
		}
		assert.equal((await run('llm', 'stats', '--nope')).code, 2);
		assert.match((await run('serach', 'x')).err, /search/);
	});

	describe('on a terminal', () => {
		before(function () {
			if (!hasTerminals) this.skip();
		});
		const shown = (args: string, env: Record<string, string> = {}, columns = 80) =>
			onTerminal(`${programWord} ${args} --ledger '${file}'`, columns, { folder, env });
		const isPainted = (text: string) => text.includes('\u001b[');

		it('shows colours, unless NO_COLOR, --no-color or a pipe say otherwise; FORCE_COLOR brings them to a pipe', async () => {
			const painted = await shown('search prompt');
			assert.ok(isPainted(painted.out));
			assert.match(stripVTControlCharacters(painted.out), /^ {2}prompt 4\r$/m);
			assert.match((await shown('search prompt --no-color')).out, /«prompt» 4/);
			for (const plain of [
				await shown('verify', { NO_COLOR: '1' }),
				await shown('verify --no-color', { FORCE_COLOR: '1' }),
				await shown('--no-color llm recent'),
				await shown('verify', { TERM: 'dumb' }),
				await callmeter(['verify', '--ledger', file], { folder }),
				await callmeter(['verify', '--ledger', file], { folder, env: { FORCE_COLOR: '0' } }),
			]) {
				assert.deepEqual([plain.code, isPainted(plain.out)], [0, false]);
			}
			const forced = await callmeter(['verify', '--ledger', file], {
				folder,
				env: { FORCE_COLOR: '1', NO_COLOR: '1' },
			});
			assert.ok(isPainted(forced.out));
		});

		it('fits its width', async () => {
			for (const [args, columns] of [
				['llm recent', 60],
				['diagnostics session-0', 60],
				['search prompt', 40],
			] as const) {
				const { out, code } = await shown(args, {}, columns);
				assert.equal(code, 0);
				const lines = stripVTControlCharacters(out).split('\r\n');
				assert.deepEqual(
					lines.filter((line) => line.length > columns),
					[],
					args,
				);
			}
		});

		it('asks before it erases, and is left with Ctrl-C', async () => {
			const copy = join(folder, 'asked.db');
			cpSync(file, copy);
			const line = `${programWord} erase --all --ledger '${copy}'`;
			const answered = (input: string) => onTerminal(line, 80, { folder, input, inputAfter: 'Type yes to erase: ' });
			const left = await answered('\u0003');
			assert.deepEqual([left.code, /Interrupted\./.test(left.out)], [130, true], left.out);
			const no = await answered('n\r');
			assert.deepEqual([no.code, /Nothing was erased\./.test(no.out)], [1, true], no.out);
			assert.match((await run('llm', 'stats', '--ledger', copy)).out, /Calls +5/);
			const yes = await answered('yes\r');
			assert.equal(yes.code, 0);
			assert.match(
				stripVTControlCharacters(yes.out),
				/3 tasks with 5 calls.*Type yes to erase: .*Erased 10 texts in 3 tasks\./s,
			);
			assert.match((await run('llm', 'stats', '--ledger', copy)).out, /Calls +0/);
		});
	});
});
