import assert from 'node:assert/strict';
import { cpSync, existsSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { CallJson, ModelJson } from '../../../src/core/outside/call-json.ts';
import { APPLICATION_ID } from '../../../src/ledger/migrations.ts';
import { LedgerRegistry } from '../../../src/ledger/registry.ts';
import { registryDirectory } from '../../../src/ledger/registry-place.ts';
import { openStore } from '../ledger/support.ts';
import { CommandLine, root } from './command-line.ts';

interface Imported {
	ledger: string;
	added: number;
	sources: { source: string; found: boolean; calls: number; skipped: Record<string, number> }[];
}

const recorded = join(root, 'test/fixtures/recorded');

describe('callmeter import', () => {
	let shell: CommandLine;
	beforeEach(() => {
		shell = new CommandLine();
	});
	afterEach(() => shell.remove());

	/** A copy: opening a database writes beside it. */
	function home(name: string): string {
		const copy = join(shell.folder, name);
		cpSync(join(recorded, name, 'home'), copy, { recursive: true });
		return copy;
	}

	it('takes a folder for the home of every source, reads it once, and changes nothing when it reads again', async () => {
		const ledger = join(shell.folder, 'all.db');
		const args = ['import', '--home', home('claude-2.1.197'), '--all-projects', '--ledger', ledger];
		const first = await shell.json<Imported>(args);
		assert.equal(first.ledger, ledger);
		assert.equal(first.added, 3);
		assert.deepEqual(
			first.sources.filter(({ found }) => found).map(({ source, calls }) => [source, calls]),
			[['claude-code', 3]],
		);
		const before = await shell.json<CallJson[]>(['llm', 'recent', '--ledger', ledger]);
		assert.equal((await shell.json<Imported>(args)).added, 0);
		assert.deepEqual(await shell.json<CallJson[]>(['llm', 'recent', '--ledger', ledger]), before);
	}).timeout(20_000);

	it('keeps no more of prompts than the window of its ledger, at the user’s prices', async () => {
		const ledger = join(shell.folder, 'window.db');
		const registry = new LedgerRegistry(registryDirectory({ platform: 'linux', home: shell.folder, env: {} }));
		registry.register({ ledger, folders: [shell.folder], name: 'here', registeredAtMs: 1 });
		const price = { input: 0, output: 1_000_000, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 };
		registry.keepSettings(ledger, { content: 'redacted', prices: { 'claude-sonnet-4-5': price } });
		const args = ['import', '--home', home('claude-2.1.197'), '--all-projects', '--ledger', ledger];
		assert.equal((await shell.json<Imported>(args)).added, 3);
		const calls = await shell.json<CallJson[]>(['llm', 'recent', '--ledger', ledger]);
		assert.equal(calls.length, 3);
		for (const { costUsd, outputTokens } of calls) assert.equal(costUsd, outputTokens);
		assert.deepEqual(contentStatesOf(ledger, calls), ['redacted']);
	}).timeout(20_000);

	it('takes only what belongs to the current folder, unless told otherwise', async () => {
		const ledger = join(shell.folder, 'own.db');
		const args = ['import', '--home', home('claude-2.1.197'), '--ledger', ledger];
		const { added, sources } = await shell.json<Imported>(args);
		assert.equal(added, 0);
		assert.ok(
			Object.values(sources.find(({ source }) => source === 'claude-code')?.skipped ?? {}).some((amount) => amount > 0),
		);
		assert.equal((await shell.json<Imported>([...args, '--all-projects'])).added, 3);
	}).timeout(20_000);

	it('reads records that lie elsewhere: the agent’s own folder, a part of it, or the home around it', async () => {
		const claude = home('claude-2.1.197');
		for (const [n, path] of [claude, join(claude, '.claude'), join(claude, '.claude/projects')].entries()) {
			const ledger = join(shell.folder, `${n}.db`);
			const args = ['import', '--source', 'claude-code', '--path', path, '--all-projects', '--ledger', ledger];
			assert.equal((await shell.json<Imported>(args)).added, 3, path);
		}
		const tasks = join(recorded, 'roo-3.52.1/tasks');
		const roo = [
			'import',
			'--source',
			'roo-code',
			'--path',
			tasks,
			'--all-projects',
			'--ledger',
			join(shell.folder, 'r.db'),
		];
		assert.equal((await shell.json<Imported>(roo)).added, 6);
		const none = await shell.run(['import', '--source', 'roo-code', '--path', claude, '--ledger', 'x.db']);
		assert.equal(none.code, 1);
		assert.match(none.err, /no records of Roo Code at/);
		assert.equal(existsSync(join(shell.folder, 'x.db')), false);
	}).timeout(30_000);

	it('leaves prompts, completions and titles out when only usage is wanted', async () => {
		const ledger = join(shell.folder, 'usage.db');
		await shell.json([
			'import',
			'--home',
			home('claude-2.1.197'),
			'--all-projects',
			'--usage-only',
			'--ledger',
			ledger,
		]);
		const bytes = globSync(`${ledger}*`).map((file) => readFileSync(file).toString('latin1'));
		assert.ok(bytes.every((text) => !text.includes('summarise this project')));
		const full = join(shell.folder, 'full.db');
		const usage = ['llm', 'recent', '--ledger', ledger];
		await shell.json(['import', '--home', home('claude-2.1.197'), '--all-projects', '--ledger', full]);
		assert.deepEqual(await shell.json(usage), await shell.json(['llm', 'recent', '--ledger', full]));
	}).timeout(20_000);

	it('makes a ledger for the current folder, which later commands find there and below', async () => {
		const claude = home('claude-2.1.197');
		const { ledger } = await shell.json<Imported>(['import', '--home', claude, '--all-projects']);
		assert.ok(existsSync(ledger));
		const below = join(shell.folder, 'claude-2.1.197');
		assert.equal((await shell.json<ModelJson[]>(['llm', 'models'], { cwd: below }))[0]?.calls, 3);
	}).timeout(20_000);

	it('names what is wrong with its options, and does nothing', async () => {
		for (const [args, complaint] of [
			[['--source', 'nobody'], /There is no source "nobody"/],
			[['--path', '.'], /--path needs --source/],
			[['--home', 'gone'], /there is nothing at/],
			[['--home', join(root, 'package.json')], /is no folder/],
		] as const) {
			const { code, err } = await shell.run(['import', ...args, '--ledger', 'y.db']);
			assert.equal(code, 2);
			assert.match(err, complaint);
		}
		const nowhere = join(root, 'package.json');
		const unmade = await shell.run(['import'], { home: nowhere });
		assert.equal(unmade.code, 1);
		assert.match(unmade.err, /^No ledger can be made .* --ledger FILE\.\n$/);
		writeFileSync(join(shell.folder, 'text.db'), 'no database');
		const { code, err } = await shell.run(['import', '--home', home('claude-2.1.197'), '--ledger', 'text.db']);
		assert.equal(code, 1);
		assert.match(err, /text\.db is no ledger/);
		assert.equal(readFileSync(join(shell.folder, 'text.db'), 'utf8'), 'no database');
	}).timeout(20_000);

	it('stops when it is interrupted, and goes on from there', async () => {
		const stop = new AbortController();
		stop.abort();
		const args = ['import', '--home', home('claude-2.1.197'), '--all-projects', '--ledger', join(shell.folder, 'i.db')];
		const { code, err } = await shell.run(args, { signal: stop.signal });
		assert.equal(code, 130);
		assert.match(err, /goes on from there/);
		assert.equal((await shell.json<Imported>(args)).added, 3);
	}).timeout(20_000);

	it('shares a ledger that another import is making, and counts nothing twice', async () => {
		const args = ['import', '--home', home('claude-2.1.197'), '--all-projects', '--ledger', join(shell.folder, 't.db')];
		const imports = await Promise.all([shell.json<Imported>(args), shell.json<Imported>(args)]);
		assert.ok(imports.some(({ added }) => added > 0));
		assert.equal((await shell.json<CallJson[]>(['llm', 'recent', '--ledger', 't.db'])).length, 3);
	}).timeout(20_000);

	it('knows a ledger whose maker was killed, and no other database, by the log beside it', async () => {
		for (const [name, id] of [
			['ours', APPLICATION_ID],
			['theirs', 7],
		] as const) {
			const made = new DatabaseSync(join(shell.folder, 'open.db'));
			made.exec(`PRAGMA journal_mode = WAL; CREATE TABLE t (a TEXT) STRICT; PRAGMA application_id = ${id}`);
			for (const part of ['', '-wal']) {
				cpSync(join(shell.folder, `open.db${part}`), join(shell.folder, `${name}.db${part}`));
			}
			made.close();
			rmSync(join(shell.folder, 'open.db'));
		}
		const theirs = await shell.run(['llm', 'stats', '--ledger', 'theirs.db']);
		assert.match(theirs.err, /is no ledger/);
		const ours = await shell.run(['llm', 'stats', '--ledger', 'ours.db']);
		assert.doesNotMatch(ours.err, /is no ledger/);
	}).timeout(20_000);

	it('says once what keeps it from writing, and what became of a damaged ledger', async () => {
		const claude = home('claude-2.1.197');
		const file = join(shell.folder, 'n.db');
		const args = ['import', '--home', claude, '--all-projects', '--ledger', file];
		await shell.json(args);
		const newer = new DatabaseSync(file);
		newer.exec('PRAGMA user_version = 999');
		newer.close();
		const refused = await shell.run(args);
		assert.deepEqual([refused.code, refused.out], [1, '']);
		assert.match(refused.err, /^A newer version of Callmeter[^\n]*\n$/);

		const older = new DatabaseSync(file);
		older.exec('PRAGMA user_version = 1; PRAGMA wal_checkpoint(TRUNCATE)');
		older.close();
		writeFileSync(file, readFileSync(file).fill(0xa5, 4096, 40_960));
		const read = await shell.run(['llm', 'stats', '--ledger', file]);
		assert.deepEqual([read.code, read.out], [1, '']);
		assert.match(read.err, /damaged. callmeter import puts it aside/);
		const again = await shell.run([...args, '--json']);
		assert.match(again.err, /put aside as .*damaged/);
		assert.equal((JSON.parse(again.out) as Imported).added, 3);
	}).timeout(20_000);
});

/** How the contents of calls are kept, each way once. */
function contentStatesOf(file: string, calls: readonly CallJson[]): string[] {
	const store = openStore(file);
	try {
		return [...new Set(calls.map(({ callId }) => store.call(callId)?.row.contentState ?? 'unknown'))];
	} finally {
		store.close();
	}
}
