import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
	chmodSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ServerEntry, ServerList } from '../../../../src/server/discovery/server-list.ts';

describe('the list of running servers', () => {
	let folder: string;
	let list: ServerList;
	beforeEach(() => {
		folder = join(mkdtempSync(join(tmpdir(), 'callmeter-servers-')), 'servers');
		list = new ServerList(folder);
	});
	afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

	const entry = (more: Partial<ServerEntry> = {}): Omit<ServerEntry, 'version'> => ({
		instance: 'instance-1',
		pid: process.pid,
		port: 47_318,
		folders: ['/projects/one'],
		product: '1.2.3',
		startedAtMs: 1_000,
		...more,
	});
	const ports = () => list.running().map(({ port }) => port);

	it('tells what was announced, the one started last first, until it is taken back', () => {
		const first = list.announce(entry());
		const second = list.announce(entry({ port: 47_319, startedAtMs: 2_000 }));
		assert.deepEqual(ports(), [47_319, 47_318]);
		assert.deepEqual(list.running()[1], { version: 1, ...entry() });
		second();
		assert.deepEqual(ports(), [47_318]);
		first();
		assert.deepEqual(ports(), []);
	});

	it('forgets a server whose process is gone', async () => {
		const child = spawn(process.execPath, ['-e', '']);
		await once(child, 'exit');
		list.announce(entry({ pid: child.pid ?? 0 }));
		assert.deepEqual(ports(), []);
		assert.deepEqual(readdirSync(folder), []);
	});

	it('forgets whoever had a port before the one that listens there now', () => {
		list.announce(entry({ pid: process.ppid, instance: 'before' }));
		list.announce(entry({ instance: 'now' }));
		assert.deepEqual(
			list.running().map(({ instance }) => instance),
			['now'],
		);
	});

	it('leaves out what it cannot read', () => {
		mkdirSync(folder, { recursive: true });
		writeFileSync(join(folder, '1-1.json'), 'no JSON');
		writeFileSync(join(folder, '2-2.json'), '{"version":2}');
		list.announce(entry());
		assert.deepEqual(ports(), [47_318]);
	});

	it('makes one token, long and random, which only its owner can read', () => {
		assert.equal(list.token(), null);
		const token = list.tokenOrNew();
		assert.match(token, /^[\w-]{43}$/);
		assert.equal(list.tokenOrNew(), token);
		assert.equal(new ServerList(folder).token(), token);
		assert.equal(statSync(list.tokenFile).mode & 0o777, 0o600);
		assert.equal(statSync(folder).mode & 0o777, 0o700);
		list.announce(entry());
		for (const name of readdirSync(folder)) assert.equal(statSync(join(folder, name)).mode & 0o077, 0, name);
		assert.ok(existsSync(list.tokenFile));
	});

	it('makes the token anew that others could read, that leads elsewhere, or that was cut off', function () {
		if (process.platform === 'win32') this.skip();
		const first = list.tokenOrNew();
		chmodSync(list.tokenFile, 0o644);
		const second = list.tokenOrNew();
		assert.notEqual(second, first);
		writeFileSync(list.tokenFile, '');
		const third = list.tokenOrNew();
		assert.match(third, /^[\w-]{43}$/);
		const elsewhere = join(folder, '..', 'elsewhere');
		renameSync(list.tokenFile, elsewhere);
		symlinkSync(elsewhere, list.tokenFile);
		const fourth = list.tokenOrNew();
		assert.notEqual(fourth, third);
		assert.equal(readFileSync(elsewhere, 'utf8').trim(), third);
		assert.equal(statSync(list.tokenFile).mode & 0o777, 0o600);
		assert.equal(list.tokenOrNew(), fourth);
	});

	it('gives two processes that make the token at once the same', async () => {
		const code = `import { ServerList } from ${JSON.stringify(new URL('../../../../src/server/discovery/server-list.ts', import.meta.url).href)};
			process.stdout.write(new ServerList(process.argv[1]).tokenOrNew());`;
		const made = await Promise.all(
			Array.from({ length: 4 }, async () => {
				const child = spawn(process.execPath, ['--input-type=module', '-e', code, folder]);
				let out = '';
				child.stdout.on('data', (chunk) => (out += String(chunk)));
				await once(child, 'close');
				return out;
			}),
		);
		assert.equal(new Set(made).size, 1);
		assert.equal(made[0], list.token());
	});
});
