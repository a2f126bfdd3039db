import assert from 'node:assert/strict';
import type { CallRow } from '../../../../src/core/views.ts';
import { CallPages, pageSize } from '../../../../webview/list/call-pages.ts';
import { sampleCall } from '../../../browser/dev-page/generate-calls.ts';

/** A ledger whose answers wait until they are let go, newest first. */
class SlowLedger {
	rows: CallRow[];
	revision = 1;
	readonly asked: number[] = [];
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

	fetch = async (offset: number, limit: number) => {
		this.asked.push(offset / pageSize);
		if (this.hold) await new Promise<void>((resolve) => this.#held.push(resolve));
		if (this.broken) throw new Error('disk');
		return { rows: this.rows.slice(offset, offset + limit), total: this.rows.length, revision: this.revision };
	};

	async release(): Promise<void> {
		this.hold = false;
		for (const resolve of this.#held.splice(0)) resolve();
		await settled();
	}
}

/** Lets every promise that can settle do so. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

function open(ledger: SlowLedger) {
	const seen = { rows: 0, stale: 0, errors: [] as unknown[] };
	const pages = new CallPages(ledger.fetch, {
		rows: () => seen.rows++,
		stale: () => seen.stale++,
		error: (error) => seen.errors.push(error),
	});
	return { pages, seen };
}

describe('the pages of the timeline', () => {
	it('are fetched as they come into view, once', async () => {
		const ledger = new SlowLedger(1000);
		const { pages, seen } = open(ledger);
		await pages.renew({ start: 0, end: 20 });
		assert.equal(pages.total, 1000);
		assert.equal(pages.row(0)?.callId, 'call-999');
		assert.equal(pages.row(500), undefined);
		pages.want(490, 520);
		await settled();
		assert.equal(pages.row(500)?.callId, 'call-499');
		pages.want(480, 510);
		await settled();
		assert.deepEqual(ledger.asked, [0, 4, 5]);
		assert.equal(seen.rows, 2);
	});

	it('that were scrolled past are never asked for', async () => {
		const ledger = new SlowLedger(10_000);
		const { pages } = open(ledger);
		await pages.renew({ start: 0, end: 20 });
		ledger.hold = true;
		for (let start = 1000; start < 9000; start += 100) pages.want(start, start + 20);
		await ledger.release();
		await settled();
		assert.equal(pages.row(8900)?.callId, 'call-1099');
		assert.ok(ledger.asked.length <= 4, `asked for ${ledger.asked}`);
	});

	it('of another revision are not mixed in', async () => {
		const ledger = new SlowLedger(1000);
		const { pages, seen } = open(ledger);
		await pages.renew({ start: 0, end: 20 });
		ledger.add(1);
		pages.want(400, 410);
		await settled();
		assert.equal(seen.stale, 1);
		assert.equal(pages.row(400), undefined);
	});

	it('tell where the row that is being read has gone', async () => {
		const ledger = new SlowLedger(1000);
		const { pages } = open(ledger);
		await pages.renew({ start: 300, end: 320 });
		const row = pages.row(310);
		assert.ok(row !== undefined);
		ledger.add(250);
		const found = await pages.renew(
			{ start: 300, end: 320 },
			{ callId: row.callId, startedAtMs: row.startedAtMs, index: 310 },
		);
		assert.equal(found, 560);
		assert.equal(pages.row(560)?.callId, row.callId);
		assert.equal(pages.row(569)?.callId, ledger.rows[569]?.callId);
	});

	it('are all of one revision after a renewal during which calls arrived', async () => {
		const ledger = new SlowLedger(1000);
		const { pages } = open(ledger);
		let first = true;
		const fetch = ledger.fetch;
		ledger.fetch = async (offset, limit) => {
			const reply = await fetch(offset, limit);
			if (first) ledger.add(1);
			first = false;
			return reply;
		};
		const { pages: racing } = open(ledger);
		await racing.renew({ start: 90, end: 110 });
		assert.equal(racing.revision, 2);
		assert.equal(racing.row(99)?.callId, ledger.rows[99]?.callId);
		assert.equal(racing.row(100)?.callId, ledger.rows[100]?.callId);
		assert.equal(pages.total, 0);
	});

	it('report a failure and fetch again when asked', async () => {
		const ledger = new SlowLedger(1000);
		const { pages, seen } = open(ledger);
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
		assert.equal(pages.row(500)?.callId, 'call-499');
	});

	it('forget those longest out of view', async () => {
		const ledger = new SlowLedger(20_000);
		const { pages } = open(ledger);
		await pages.renew({ start: 0, end: 20 });
		for (let start = 0; start < 15_000; start += 100) {
			pages.want(start, start + 20);
			await settled();
		}
		assert.equal(pages.row(0), undefined);
		assert.equal(pages.row(14_900)?.callId, 'call-5099');
	});
});
