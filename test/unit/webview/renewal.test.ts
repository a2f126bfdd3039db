import assert from 'node:assert/strict';
import { Renewal } from '../../../webview/renewal.ts';

/** Loads that end when the test says so, each with whether it still counted then. */
class Loads {
	readonly begun: (() => void)[] = [];
	readonly ended: boolean[] = [];
	readonly renewal = new Renewal(async (isCurrent) => {
		await new Promise<void>((resolve) => this.begun.push(resolve));
		this.ended.push(isCurrent());
	}, 0);

	/** The `index`-th load, once it has begun. */
	async end(index: number): Promise<void> {
		while (this.begun[index] === undefined) await new Promise(setImmediate);
		this.begun[index]();
		await new Promise(setImmediate);
	}
}

describe('what keeps a page up to date', () => {
	it('loads at once when it starts, and after a change only when the first figures are there', async () => {
		const loads = new Loads();
		const started = loads.renewal.start();
		loads.renewal.soon();
		await new Promise((resolve) => setTimeout(resolve, 5));
		assert.equal(loads.begun.length, 1);
		await loads.end(0);
		await started;
		await loads.end(1);
		assert.deepEqual(loads.ended, [true, true]);
	});

	it('lets the load that began last count', async () => {
		const loads = new Loads();
		const first = loads.renewal.start();
		const second = loads.renewal.start();
		await loads.end(1);
		await second;
		await loads.end(0);
		await first;
		assert.deepEqual(loads.ended, [true, false]);
	});

	it('loads nothing out of sight, and shows nothing that was under way', async () => {
		const loads = new Loads();
		loads.renewal.soon();
		await new Promise((resolve) => setTimeout(resolve, 5));
		assert.equal(loads.begun.length, 0);
		const started = loads.renewal.start();
		loads.renewal.stop();
		await loads.end(0);
		await started;
		assert.deepEqual(loads.ended, [false]);
	});
});
