import assert from 'node:assert/strict';
import { Throttle } from '../../../webview/throttle.ts';

describe('gathering requests', () => {
	it('never loses the last one', async () => {
		let runs = 0;
		const gates: (() => void)[] = [];
		const throttle = new Throttle(async () => {
			runs++;
			await new Promise<void>((resolve) => gates.push(resolve));
		}, 0);
		throttle.now();
		for (let request = 0; request < 50; request++) throttle.soon();
		assert.equal(runs, 1);
		gates[0]?.();
		await new Promise((resolve) => setTimeout(resolve, 5));
		assert.equal(runs, 2);
		gates[1]?.();
	});

	it('goes on after a run that failed', async () => {
		let runs = 0;
		const throttle = new Throttle(async () => {
			runs++;
		}, 0);
		throttle.now();
		await Promise.resolve();
		throttle.now();
		await Promise.resolve();
		assert.equal(runs, 2);
	});
});
