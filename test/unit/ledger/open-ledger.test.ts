import assert from 'node:assert/strict';
import { chmodSync, existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { Ledger, LedgerHealth, LedgerNews } from '../../../src/ledger/ledger.ts';
import { LedgerError } from '../../../src/ledger/ledger.ts';
import { type LedgerOptions, openLedger } from '../../../src/ledger/open-ledger.ts';
import { callDraft, everything, openStore, parsed, responseDraft, T0, temporaryFolder, workerPath } from './support.ts';

describe('openLedger', () => {
	const folder = temporaryFolder();
	const opened: Ledger[] = [];
	const open = (options: Partial<LedgerOptions> = {}): Ledger => {
		const ledger = openLedger({ directory: folder.path, workerPath, ...options });
		opened.push(ledger);
		return ledger;
	};
	beforeEach(() => folder.make());
	afterEach(async () => {
		await Promise.all(opened.splice(0).map((ledger) => ledger.close()));
		folder.clean();
	});
	const live = { origin: { source: 'task-loop', live: true } };

	it('records through its worker and answers every query', async () => {
		const ledger = open();
		const drafts = parsed([
			callDraft('a', { systemPrompt: 'Be brief.', messages: [{ role: 'user', content: 'What is rain?' }] }),
			responseDraft('a', { completion: 'Water that falls.' }),
		]);
		const receipts = await ledger.record(drafts);
		assert.deepEqual(
			receipts.map(({ outcome }) => outcome),
			['appended', 'appended'],
		);
		assert.equal((await ledger.calls(everything)).rows[0]?.callId, 'a');
		assert.equal((await ledger.call('a'))?.completion, 'Water that falls.');
		assert.equal((await ledger.sessions({ filter: {}, offset: 0, limit: 5 })).total, 1);
		assert.equal((await ledger.totals({})).calls, 1);
		assert.equal((await ledger.byModel({}))[0]?.model, 'claude-sonnet-4-5');
		const range = { fromMs: T0, toMs: T0 + 1 };
		const series = await ledger.series({ range, granularity: 'day', timeZone: 'UTC', filter: {} });
		assert.equal(series[0]?.groups[0]?.calls, 1);
		assert.equal((await ledger.search({ text: 'rain', limit: 5, filter: {} })).hits[0]?.callId, 'a');
		const from = { offset: 0 };
		const timeline = await ledger.timeline({ filter: {}, sort: 'newest', closed: [], limit: 5, from });
		assert.deepEqual(
			timeline.items.map(({ type }) => type),
			['session', 'call'],
		);
		assert.equal(await ledger.positionOf({ filter: {}, sort: 'cost', callId: 'a' }), 0);
		assert.equal((await ledger.preview('a', 4))?.prompt?.text, 'What');
		assert.equal((await ledger.facets({})).sources[0]?.source, 'source-1');
		const analytics = await ledger.analytics({ range, granularity: 'day', timeZone: 'UTC', filter: {} });
		assert.equal(analytics.totals.calls, 1);
		assert.equal((await ledger.sessions({ filter: {}, sort: 'cost', offset: 0, limit: 5 })).rows.length, 1);
		assert.equal((await ledger.verify()).ok, true);
		assert.equal((await ledger.health()).state, 'ready');
	});

	it('keeps the order of drafts over many batches', async () => {
		const ledger = open();
		const drafts = parsed(Array.from({ length: 3_000 }, (_, i) => callDraft(`call-${i}`)));
		const [first, second] = await Promise.all([
			ledger.record(drafts.slice(0, 2_500)),
			ledger.record(drafts.slice(2_500)),
		]);
		assert.deepEqual([first.length, second.length], [2_500, 500]);
		assert.equal(second.at(-1)?.callId, 'call-2999');
		const { rows } = await ledger.calls({ ...everything, sort: 'oldest', offset: 2_998, limit: 5 });
		assert.deepEqual(
			rows.map(({ callId }) => callId),
			['call-2998', 'call-2999'],
		);
	}).timeout(20_000);

	it('tells at once of calls that begin and end here', async () => {
		const ledger = open();
		const news: LedgerNews[] = [];
		ledger.onNews((each) => news.push(each));
		await ledger.record(parsed([callDraft('a', live), callDraft('old')]));
		await ledger.record(parsed([responseDraft('a', live)]));
		assert.deepEqual(
			news.map(({ started, completed }) => [started.map(({ callId }) => callId), completed.map(({ state }) => state)]),
			[
				[['a'], []],
				[[], ['ok']],
			],
		);
		assert.ok((news[1]?.revision ?? 0) > (news[0]?.revision ?? 0));
	});

	it('tells that another window wrote, with its revision', async () => {
		const ledger = open();
		await ledger.record(parsed([callDraft('a')]));
		const heard = new Promise<LedgerNews>((resolve) => ledger.onNews(resolve));
		await ledger.health();
		const other = openStore(join(folder.path, 'ledger.db'));
		const { revision } = other.record([callDraft('b')]);
		other.close();
		assert.equal((await heard).revision, revision);
		assert.equal((await ledger.calls(everything)).total, 2);
	});

	it('stops telling when the listener is taken back', async () => {
		const ledger = open();
		let heard = 0;
		const stop = ledger.onNews(() => heard++);
		await ledger.record(parsed([callDraft('a', live)]));
		stop();
		await ledger.record(parsed([callDraft('b', live)]));
		assert.equal(heard, 1);
	});

	it('goes on after its worker died, and loses no draft that was waiting', async () => {
		const ledger = open({ workerPath: dyingWorker(folder.path, 'first') });
		const receipts = await ledger.record(parsed([callDraft('a')]));
		assert.equal(receipts[0]?.outcome, 'appended');
		assert.equal((await ledger.calls(everything)).total, 1);
	});

	it('rejects with workerGone when its worker keeps dying', async () => {
		const ledger = open({ workerPath: dyingWorker(folder.path, 'always') });
		await assert.rejects(ledger.record(parsed([callDraft('a')])), { name: 'LedgerError', reason: 'workerGone' });
		await assert.rejects(ledger.totals({}), { name: 'LedgerError', reason: 'workerGone' });
		const health = await ledger.health();
		assert.deepEqual([health.state, health.readable, health.error?.reason], ['failed', false, 'workerGone']);
	});

	it('says that a file was put aside', async () => {
		writeFileSync(join(folder.path, 'ledger.db'), 'no database at all');
		const ledger = open();
		await ledger.record(parsed([callDraft('a')]));
		assert.match((await ledger.health()).setAside ?? '', /ledger\.damaged-/);
	});

	/** What another process does with a ledger that it finds damaged. */
	const putAside = () => {
		const file = join(folder.path, 'ledger.db');
		for (const suffix of ['', '-wal', '-shm']) {
			if (existsSync(file + suffix)) renameSync(file + suffix, join(folder.path, `ledger.damaged.db${suffix}`));
		}
		const fresh = openStore(file);
		fresh.record([callDraft('fresh')]);
		fresh.close();
		return file;
	};

	it('goes on in the fresh ledger when another process has put the file aside', async function () {
		if (process.platform === 'win32') this.skip();
		const ledger = open();
		await ledger.record(parsed([callDraft('a')]));
		const reader = open({ readOnly: true });
		assert.equal((await reader.calls(everything)).rows[0]?.callId, 'a');
		const file = putAside();
		assert.equal((await reader.calls(everything)).rows[0]?.callId, 'fresh');
		await ledger.record(parsed([callDraft('b')]));
		for (const each of [ledger, reader]) assert.equal((await each.calls(everything)).total, 2);
		await ledger.close();
		const store = openStore(file);
		assert.deepEqual(
			store
				.calls(everything)
				.rows.map(({ callId }) => callId)
				.sort(),
			['b', 'fresh'],
		);
		store.close();
	});

	it('tells a listener of a fresh ledger that another process began', async function () {
		if (process.platform === 'win32') this.skip();
		const ledger = open();
		await ledger.record(parsed([callDraft('a')]));
		const heard = new Promise<LedgerNews>((resolve) => ledger.onNews(resolve));
		putAside();
		await heard;
		assert.equal((await ledger.calls(everything)).rows[0]?.callId, 'fresh');
	});

	it('looks no more at a file that was deleted', async function () {
		if (process.platform === 'win32') this.skip();
		await open().record(parsed([callDraft('a')]));
		const reader = open({ readOnly: true });
		assert.equal((await reader.calls(everything)).total, 1);
		for (const suffix of ['', '-wal', '-shm']) rmSync(join(folder.path, `ledger.db${suffix}`), { force: true });
		await assert.rejects(reader.calls(everything), { name: 'LedgerError', reason: 'io' });
	});

	it('says of a ledger that an earlier version wrote what brings it up to date', async () => {
		const file = join(folder.path, 'ledger.db');
		openStore(file).close();
		const db = new DatabaseSync(file);
		db.exec('ALTER TABLE call RENAME TO calls; PRAGMA user_version = 4');
		db.close();
		const reader = open({ readOnly: true });
		await assert.rejects(reader.totals({}), {
			name: 'LedgerError',
			reason: 'olderVersion',
			message: /brought up to date/,
		});
	});

	it('counts what it rejected, and why', async () => {
		const ledger = open();
		await ledger.record([{ ...parsed([callDraft('a')])[0], callId: '' } as never]);
		const { rejected } = await ledger.health();
		assert.equal(rejected.count, 1);
		assert.match(rejected.reasons[0] ?? '', /callId/);
	});

	it('leaves out what no thread can be sent, such as functions, and keeps the rest', async () => {
		const ledger = open();
		const [draft] = parsed([callDraft('a')]);
		const odd = { ...draft, parameters: { temperature: 1, onRetry: () => 1 } } as never;
		await ledger.record([odd, ...parsed([callDraft('b')])]);
		assert.equal((await ledger.calls(everything)).total, 2);
		assert.deepEqual((await ledger.call('a'))?.parameters, { temperature: 1 });
	});

	it('keeps drafts while the disk is full, and writes them when there is room again', async () => {
		const ledger = open({ maxPages: 150 });
		const states: LedgerHealth[] = [];
		ledger.onHealth((health) => states.push(health));
		const big = (i: number) =>
			callDraft(`call-${i}`, { sessionId: 'old', messages: [{ role: 'user', content: noise(i, 100_000) }] });
		let full = false;
		const recorded: Promise<unknown>[] = [];
		for (let i = 0; !full; i++) {
			const done = ledger.record(parsed([big(i)]));
			recorded.push(done);
			full = (await Promise.race([done.then(() => 'durable'), refusal(ledger)])) === 'refused';
		}
		const waiting = ledger.record(parsed([callDraft('tiny', { sessionId: 'new' })]));
		const health = await ledger.health();
		assert.equal(health.error?.reason, 'diskFull');
		assert.match(health.error?.message ?? '', /disk is full/i);
		assert.equal(health.waiting, 2);
		assert.equal(health.readable, true, 'a full disk keeps nobody from reading');
		await ledger.erase({ sessionId: 'old', what: 'all' });
		assert.equal((await waiting)[0]?.outcome, 'appended');
		await Promise.all(recorded);
		assert.equal((await ledger.health()).state, 'ready');
		assert.deepEqual([states[0]?.state, states.at(-1)?.state], ['failed', 'ready']);
	}).timeout(20_000);

	it('rejects what still waits when it is closed on a full disk', async () => {
		const ledger = open({ maxPages: 60 });
		const drafts = parsed([callDraft('a', { messages: [{ role: 'user', content: noise(1, 900_000) }] })]);
		const recorded = ledger.record(drafts);
		const rejected = assert.rejects(recorded, { name: 'LedgerError', reason: 'diskFull' });
		await ledger.close();
		await rejected;
		await assert.rejects(ledger.record(drafts), { reason: 'closed' });
	});

	it('shows what is there where nothing can be written', async function () {
		if (process.platform === 'win32') this.skip();
		const file = join(folder.path, 'ledger.db');
		const store = openStore(file);
		store.record([callDraft('a')]);
		store.close();
		chmodSync(file, 0o444);
		chmodSync(folder.path, 0o555);
		try {
			await asNobody(async () => {
				const ledger = openLedger({ file, workerPath });
				const states: LedgerHealth[] = [];
				ledger.onHealth((health) => states.push(health));
				assert.equal((await ledger.calls(everything)).total, 1);
				const waiting = ledger.record(parsed([callDraft('b')]));
				const rejected = assert.rejects(waiting, { reason: 'readOnly', message: /permissions/ });
				const health = await ledger.health();
				assert.deepEqual([health.error?.reason, health.waiting], ['readOnly', 1]);
				assert.deepEqual([health.state, health.readable], ['failed', true]);
				assert.equal(states.at(-1)?.readable, true, 'the listener hears of it too');
				await ledger.close();
				await rejected;
			});
		} finally {
			chmodSync(folder.path, 0o755);
		}
	});

	it('shows what a newer version wrote, and refuses to write there, at once and with a reason', async () => {
		const file = join(folder.path, 'ledger.db');
		const store = openStore(file);
		store.record([callDraft('a')]);
		store.close();
		const db = new DatabaseSync(file);
		db.exec('PRAGMA user_version = 999');
		db.close();
		const ledger = open();
		assert.equal((await ledger.calls(everything)).total, 1);
		await assert.rejects(ledger.record(parsed([callDraft('b')])), { name: 'LedgerError', reason: 'newerVersion' });
		const health = await ledger.health();
		assert.deepEqual(
			[health.state, health.readable, health.error?.reason, health.setAside],
			['failed', true, 'newerVersion', null],
		);
	});

	it('hands out nothing but LedgerErrors', async () => {
		const ledger = open();
		const wrong = ledger.series({
			range: { fromMs: 0, toMs: 1 },
			granularity: 'day',
			timeZone: 'Mars/North',
			filter: {},
		});
		await assert.rejects(wrong, (error) => error instanceof LedgerError && error.reason === 'badInput');
		await ledger.close();
		await assert.rejects(ledger.totals({}), { name: 'LedgerError', reason: 'closed' });
	});
});

/** A worker that ends itself with the first draft: only once, or each time. */
function dyingWorker(folder: string, when: 'first' | 'always'): string {
	const file = join(folder, 'dying-worker.mjs');
	const mark = join(folder, 'died');
	writeFileSync(
		file,
		`import { existsSync, writeFileSync } from 'node:fs';
		import { parentPort } from 'node:worker_threads';
		if (${when === 'always'} || !existsSync(${JSON.stringify(mark)})) {
			parentPort.on('message', ({ method }) => {
				if (method !== 'record') return;
				writeFileSync(${JSON.stringify(mark)}, '');
				process.exit(1);
			});
		} else await import(${JSON.stringify(workerPath)});`,
	);
	return file;
}

/** Text that does not compress. */
function noise(seed: number, length: number): string {
	let text = '';
	for (let x = seed + 1; text.length < length; ) {
		x = (Math.imul(x, 1_103_515_245) + 12_345) >>> 0;
		text += x.toString(36);
	}
	return text;
}

function refusal(ledger: Ledger): Promise<'refused'> {
	return new Promise((resolve) => {
		const stop = ledger.onHealth(({ state }) => {
			if (state !== 'failed') return;
			stop();
			resolve('refused');
		});
	});
}

/** Root may write everywhere: for a while it is not. */
async function asNobody(action: () => Promise<void>): Promise<void> {
	if (process.getuid?.() !== 0 || !process.seteuid) return action();
	process.seteuid(65_534);
	try {
		await action();
	} finally {
		process.seteuid(0);
	}
}
