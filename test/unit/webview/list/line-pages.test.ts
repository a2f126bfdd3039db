import assert from 'node:assert/strict';
import type { CallRow } from '../../../../src/core/views.ts';
import { keyOf, type Line, taskKey } from '../../../../webview/list/line.ts';
import { LinePages, type LineSource, pageSize } from '../../../../webview/list/line-pages.ts';
import { linesOf } from '../../../browser/dev-page/fake-timeline.ts';
import { sampleCall } from '../../../browser/dev-page/generate-calls.ts';

/** A ledger whose answers wait until they are let go, newest first. */
class SlowLedger implements LineSource {
	readonly layout = 'calls';
	rows: CallRow[];
	revision = 1;
	readonly asked: number[] = [];
	readonly looked: string[] = [];
	#held: (() => void)[] = [];
	hold = false;
	broken = false;

	constructor(count: number) {
		this.rows = Array.from({ length: count }, (_, number) => sampleCall(number, number * 1000)).reverse();
	}

	add(count: number): void {
		for (let added = 0; added < count; added++)
			this.rows.unshift(sampleCall(this.rows.length, this.rows.length * 1000));
		this.revision++;
	}

	async fetch(offset: number, limit: number) {
		this.asked.push(offset / pageSize);
		if (this.hold) await new Promise<void>((resolve) => this.#held.push(resolve));
		if (this.broken) throw new Error('disk');
		const lines = this.rows.slice(offset, offset + limit).map((row): Line => ({ type: 'call', row, depth: 0 }));
		const total = this.rows.length;
		return { lines, total, calls: total, more: false, revision: this.revision };
	}

	async find(callId: string) {
		this.looked.push(callId);
		const index = this.rows.findIndex((row) => row.callId === callId);
		return index < 0 ? null : index;
	}

	async release(): Promise<void> {
		this.hold = false;
		for (const resolve of this.#held.splice(0)) resolve();
		await settled();
	}
}

/** Lets every promise that can settle do so. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

function open(source: LineSource) {
	const seen = { lines: 0, stale: 0, errors: [] as unknown[] };
	const pages = new LinePages(source, {
		lines: () => seen.lines++,
		stale: () => seen.stale++,
		error: (error) => seen.errors.push(error),
	});
	const callAt = (index: number) => {
		const line = pages.line(index);
		return line === undefined ? undefined : keyOf(line);
	};
	return { pages, seen, callAt };
}

describe('the pages of the list', () => {
	it('are fetched as they come into view, once', async () => {
		const ledger = new SlowLedger(1000);
		const { pages, seen, callAt } = open(ledger);
		await pages.renew({ start: 0, end: 20 });
		assert.equal(pages.total, 1000);
		assert.equal(callAt(0), 'call-999');
		assert.equal(callAt(500), undefined);
		pages.want(490, 520);
		await settled();
		assert.equal(callAt(500), 'call-499');
		pages.want(480, 510);
		await settled();
		assert.deepEqual(ledger.asked, [0, 4, 5]);
		assert.equal(seen.lines, 2);
	});

	it('that were scrolled past are never asked for', async () => {
		const ledger = new SlowLedger(10_000);
		const { pages, callAt } = open(ledger);
		await pages.renew({ start: 0, end: 20 });
		ledger.hold = true;
		for (let start = 1000; start < 9000; start += 100) pages.want(start, start + 20);
		await ledger.release();
		await settled();
		assert.equal(callAt(8900), 'call-1099');
		assert.ok(ledger.asked.length <= 4, `asked for ${ledger.asked}`);
	});

	it('are here before someone scrolls on to them, once all in view are', async () => {
		const ledger = new SlowLedger(1000);
		const { pages } = open(ledger);
		await pages.renew({ start: 0, end: 20 });
		for (let start = 0; start < 400; start += 5) {
			for (let index = start; index < start + 30; index++) assert.notEqual(pages.line(index), undefined, String(index));
			pages.want(start, start + 30);
			await settled();
		}
		assert.deepEqual(ledger.asked, [0, 1, 2, 3, 4]);
	});

	it('of another revision are not mixed in', async () => {
		const ledger = new SlowLedger(1000);
		const { pages, seen, callAt } = open(ledger);
		await pages.renew({ start: 0, end: 20 });
		ledger.add(1);
		pages.want(400, 410);
		await settled();
		assert.equal(seen.stale, 1);
		assert.equal(callAt(400), undefined);
	});

	it('tell where the line that is being read has gone, without asking when it is where it should be', async () => {
		const ledger = new SlowLedger(1000);
		const { pages, callAt } = open(ledger);
		await pages.renew({ start: 300, end: 320 });
		const key = callAt(310) ?? '';
		ledger.add(250);
		const found = await pages.renew({ start: 300, end: 320 }, { key, index: 310 });
		assert.equal(found, 560);
		assert.equal(callAt(560), key);
		assert.equal(callAt(569), ledger.rows[569]?.callId);
		assert.deepEqual(ledger.looked, []);
	});

	it('ask where a line is that went elsewhere', async () => {
		const ledger = new SlowLedger(5000);
		const { pages, callAt } = open(ledger);
		await pages.renew({ start: 300, end: 320 });
		const key = callAt(310) ?? '';
		ledger.rows.reverse();
		ledger.revision++;
		const found = await pages.renew({ start: 300, end: 320 }, { key, index: 310 });
		assert.equal(found, 4689);
		assert.equal(callAt(4689), key);
		assert.deepEqual(ledger.looked, [key]);
	});

	it('find nothing where a line is gone, and show what is there now', async () => {
		const ledger = new SlowLedger(1000);
		const { pages, callAt } = open(ledger);
		await pages.renew({ start: 900, end: 920 });
		ledger.rows.length = 50;
		ledger.revision++;
		assert.equal(await pages.renew({ start: 900, end: 920 }, { key: 'call-9', index: 900 }), null);
		assert.equal(pages.total, 50);
		assert.equal(callAt(49), 'call-950');
	});

	it('find a task without calls by looking around', async () => {
		const rows = Array.from({ length: 3600 }, (_, number) => sampleCall(number, number * 1000));
		const closed = [...new Set(rows.map(({ sessionId }) => sessionId))];
		let lines = linesOf(rows, rows, { sort: 'newest', closed });
		const source: LineSource = {
			layout: 'tasks',
			fetch: async (offset, limit) => ({
				lines: lines.items.slice(offset, offset + limit),
				total: lines.items.length,
				calls: lines.calls,
				more: false,
				revision: lines.items.length,
			}),
			find: () => assert.fail('only calls can be asked for'),
		};
		const { pages, callAt } = open(source);
		await pages.renew({ start: 95, end: 110 });
		const key = callAt(99) ?? '';
		assert.ok(key.startsWith(taskKey('session-')));
		for (let number = 3600; number < 3672; number++) rows.push(sampleCall(number, number * 1000));
		lines = linesOf(rows, rows, { sort: 'newest', closed: [...closed, 'session-400', 'session-404', 'session-403'] });
		const found = await pages.renew({ start: 95, end: 110 }, { key, index: 99 });
		assert.ok(found !== null && found > 99);
		assert.equal(callAt(found ?? -1), key);
	});

	it('are all of one revision after a renewal during which calls arrived', async () => {
		const ledger = new SlowLedger(1000);
		let first = true;
		const { pages, callAt } = open({
			layout: 'calls',
			find: (callId) => ledger.find(callId),
			async fetch(offset, limit) {
				const reply = await ledger.fetch(offset, limit);
				if (first) ledger.add(1);
				first = false;
				return reply;
			},
		});
		await pages.renew({ start: 90, end: 110 });
		assert.equal(pages.revision, 2);
		assert.equal(callAt(99), ledger.rows[99]?.callId);
		assert.equal(callAt(100), ledger.rows[100]?.callId);
	});

	it('report a failure and fetch again when asked', async () => {
		const ledger = new SlowLedger(1000);
		const { pages, seen, callAt } = open(ledger);
		ledger.broken = true;
		await assert.rejects(pages.renew({ start: 0, end: 20 }), /disk/);
		ledger.broken = false;
		await pages.renew({ start: 0, end: 20 });
		ledger.broken = true;
		pages.want(500, 510);
		await settled();
		assert.equal(seen.errors.length, 1);
		ledger.broken = false;
		pages.want(500, 510);
		await settled();
		assert.equal(callAt(500), 'call-499');
	});

	it('forget those longest out of view', async () => {
		const { pages, callAt } = open(new SlowLedger(20_000));
		await pages.renew({ start: 0, end: 20 });
		for (let start = 0; start < 15_000; start += 100) {
			pages.want(start, start + 20);
			await settled();
		}
		assert.equal(callAt(0), undefined);
		assert.equal(pages.indexOf('call-19999'), null);
		assert.equal(callAt(14_900), 'call-5099');
		assert.equal(pages.indexOf('call-5099'), 14_900);
	});

	it('give a line or a call that is not here by fetching it', async () => {
		const { pages } = open(new SlowLedger(1000));
		await pages.renew({ start: 0, end: 20 });
		const line = await pages.get(700);
		assert.equal(line?.type === 'call' && line.row.callId, 'call-299');
		assert.equal(await pages.find('call-0'), 999);
		assert.equal(await pages.find('call-none'), null);
		assert.deepEqual([await pages.get(-1), await pages.get(1000)], [null, null]);
	});

	it('grow with what a search goes on to find, and do not shrink when its start is read again', async () => {
		const ledger = new SlowLedger(250);
		const { pages } = open({
			layout: 'hits',
			find: () => Promise.resolve(null),
			async fetch(offset, limit) {
				const { lines } = await ledger.fetch(offset, limit);
				const more = offset + lines.length < 250;
				const calls = offset + lines.length;
				return { lines, total: calls + (more ? 1 : 0), calls, more, revision: 0 };
			},
		});
		await pages.renew({ start: 0, end: 20 });
		assert.deepEqual([pages.total, pages.calls, pages.more], [101, 100, true]);
		pages.want(95, 101);
		await settled();
		assert.deepEqual([pages.total, pages.calls, pages.more], [201, 200, true]);
		pages.want(195, 201);
		await settled();
		assert.deepEqual([pages.total, pages.calls, pages.more], [250, 250, false]);
		await pages.get(3);
		assert.equal(pages.total, 250);
	});
});
