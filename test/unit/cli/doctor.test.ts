import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { shellPath, withoutHome } from '../../../src/cli/doctor/home-path.ts';
import type { DoctorJson } from '../../../src/core/outside/doctor-json.ts';
import { registryDirectory } from '../../../src/ledger/registry-place.ts';
import { ServerList } from '../../../src/server/discovery/server-list.ts';
import { serversDirectory } from '../../../src/server/discovery/server-place.ts';
import { CommandLine, root } from './command-line.ts';

const recorded = join(root, 'test/fixtures/recorded/claude-2.1.197/home');

describe('callmeter doctor', () => {
	let shell: CommandLine;
	let ledger: string;
	beforeEach(async () => {
		shell = new CommandLine();
		cpSync(recorded, shell.folder, { recursive: true });
		ledger = (await shell.json<{ ledger: string }>(['import', '--all-projects'])).ledger;
	});
	afterEach(() => shell.remove());

	const surroundings = () => ({ home: shell.folder, env: {}, platform: 'linux' as const });
	async function examined(args: string[] = [], code = 0): Promise<DoctorJson> {
		const ran = await shell.run(['doctor', '--json', ...args]);
		assert.equal(ran.code, code, ran.out + ran.err);
		assert.ok(!ran.out.includes(shell.folder), 'the home is hidden');
		return JSON.parse(ran.out) as DoctorJson;
	}

	it('tells versions, ledgers, records of agents, prices and disks, and that nothing is wrong', async () => {
		const found = await examined();
		assert.deepEqual([found.ok, found.problems, found.servers], [true, [], []]);
		const [of] = found.ledgers;
		assert.equal(of?.file, ledger.replace(shell.folder, '~'));
		assert.deepEqual(
			[of?.isCurrent, of?.condition, of?.isChecked, of?.calls, of?.sessions, of?.content, of?.mode, of?.folderMode],
			[true, 'ok', true, 3, 1, 'full', '0600', '0700'],
		);
		const claude = found.agents.find(({ source }) => source === 'claude-code');
		assert.ok(claude?.found && claude.records > 0 && claude.newestAt !== null);
		assert.ok(claude.places.every((place) => place.startsWith('~/.claude')));
		assert.equal(found.agents.find(({ source }) => source === 'codex')?.found, false);
		assert.match(found.prices.asOf, /^\d{4}-\d\d-\d\d$/);
		assert.ok((found.disks[0]?.freeBytes ?? 0) > 0);
		assert.equal(found.versions.node, process.versions.node);
		const { out, code } = await shell.run(['doctor']);
		assert.equal(code, 0);
		assert.match(out, /^No problems found\.\n\n/);
		for (const told of [
			/^Versions$/m,
			/Callmeter +0\.0\.0/,
			/Claude Code +\d/,
			/Codex +none/,
			/Calls +3 in 1 task,/,
			/file 0600, folder 0700/,
		]) {
			assert.match(out, told);
		}
		assert.doesNotMatch(out, /summarise this project/);
		assert.ok(!out.includes(shell.folder));
	});

	it('offers the command that closes what others can open, and it does', async function () {
		if (process.platform === 'win32') this.skip();
		chmodSync(ledger, 0o644);
		chmodSync(registryDirectory(surroundings()), 0o755);
		const { problems } = await examined([], 1);
		assert.deepEqual(
			problems.map(({ command }) => command),
			[
				`chmod 600 ${['', '-wal', '-shm'].map((part) => ledger.replace(shell.folder, '~') + part).join(' ')}`,
				'chmod 700 ~/.local/share/callmeter/ledgers',
			],
		);
		const { out } = await shell.run(['doctor']);
		assert.match(
			out,
			/^Problems\n {2}- Other users of this machine can open what Callmeter keeps: [^\n]*ledger\.db \(0644\)/,
		);
		for (const { command } of problems) {
			execFileSync('sh', ['-c', command ?? ''], { env: { ...process.env, HOME: shell.folder } });
		}
		assert.equal(statSync(ledger).mode & 0o777, 0o600);
		await examined();
	});

	it('tells a damaged, a newer and a foreign ledger from a good one, and leaves each where it is', async () => {
		const copy = (name: string) => {
			const file = join(shell.folder, name);
			cpSync(ledger, file);
			chmodSync(file, 0o600);
			return file;
		};
		const damaged = copy('damaged.db');
		writeFileSync(damaged, readFileSync(damaged).fill(0xa5, 4096, 40_960));
		const before = readFileSync(damaged);
		const newer = copy('newer.db');
		const database = new DatabaseSync(newer);
		database.exec('PRAGMA user_version = 999');
		database.close();
		for (const [file, condition, told] of [
			[damaged, 'damaged', /is damaged/],
			[newer, 'newerVersion', /A newer version/],
		] as const) {
			const { problems, ledgers } = await examined(['--ledger', file], 1);
			assert.deepEqual([ledgers[0]?.isCurrent, ledgers[0]?.condition], [true, condition]);
			assert.match(problems[0]?.what ?? '', told);
		}
		assert.deepEqual(readFileSync(damaged), before);
		const foreign = await examined(['--ledger', join(root, 'package.json')], 1);
		assert.match(foreign.problems[0]?.what ?? '', /is no ledger/);
	});

	it('notes a ledger that is gone, and files that were set aside', async () => {
		writeFileSync(join(dirname(ledger), 'ledger.damaged-2026-01-01T00-00-00.000Z.db'), '', { mode: 0o600 });
		assert.match((await examined()).notes[0]?.what ?? '', /set aside: ~.*ledger\.damaged-2026/);
		renameSync(ledger, join(shell.folder, 'elsewhere.db'));
		const { notes, ledgers } = await examined();
		assert.equal(ledgers[0]?.condition, 'missing');
		assert.deepEqual(
			notes.map(({ what }) => /no longer there|No calls were recorded/.test(what)),
			[true, true],
		);
	});

	it('asks each local server on the list who it is, and sends none of them the token', async () => {
		const list = new ServerList(serversDirectory(surroundings()));
		const token = list.tokenOrNew();
		const asked: (string | undefined)[] = [];
		const server = createServer((request, response) => {
			asked.push(request.url, request.headers.authorization);
			response.end(JSON.stringify({ product: 'callmeter', version: '0.0.0', instance: 'one' }));
		});
		await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
		const { port } = server.address() as AddressInfo;
		const entry = { pid: process.pid, port, folders: [shell.folder], product: '0.0.0', startedAtMs: 0 };
		try {
			const takeBack = list.announce({ ...entry, instance: 'one' });
			const found = await examined();
			assert.deepEqual([found.servers[0]?.answers, found.servers[0]?.folders], [true, ['~']]);
			assert.deepEqual(asked, ['/api/server', undefined]);
			assert.ok(!JSON.stringify(found).includes(token));
			takeBack();
			list.announce({ ...entry, instance: 'another' });
			const { problems } = await examined([], 1);
			assert.match(problems[0]?.what ?? '', /on port \d+ \(process \d+\) does not answer/);
		} finally {
			server.closeAllConnections();
			await new Promise((done) => server.close(done));
		}
	});

	it('works on a machine on which nothing was ever recorded', async () => {
		const home = join(shell.folder, 'fresh');
		mkdirSync(home);
		const { code, out } = await shell.run(['doctor', '--json'], { home, cwd: home });
		const found = JSON.parse(out) as DoctorJson;
		assert.deepEqual([code, found.ok, found.ledgers], [0, true, []]);
		assert.match(found.notes[0]?.what ?? '', /^No calls were recorded for ~ yet/);
	});
});

describe("a user's home", () => {
	it('is hidden as a whole name only, by each of its names', () => {
		const hidden = withoutHome(
			{ at: '/home/ada', in: ['/home/ada/p (0644), /home/adam/p', 7, null], of: '/real/ada.' },
			['/home/ada', '/real/ada'],
		);
		assert.deepEqual(hidden, { at: '~', in: ['~/p (0644), /home/adam/p', 7, null], of: '/real/ada.' });
		assert.equal(withoutHome('/etc', ['/']), '/etc');
	});

	it('stands for itself in a command, and what is below is quoted where a shell needs it', () => {
		assert.equal(shellPath('/home/ada/my ledger/a.db', '/home/ada'), "~/'my ledger/a.db'");
		assert.equal(shellPath("/srv/it's/$x", '/home/ada'), "'/srv/it'\\''s/$x'");
		assert.equal(shellPath('/home/adam/a.db', '/home/ada'), '/home/adam/a.db');
	});
});
