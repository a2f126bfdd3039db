import assert from 'node:assert/strict';
import { LineHeights } from '../../../../webview/list/line-heights.ts';

describe('the heights of lines', () => {
	it('are one height while nothing is unfolded', () => {
		const heights = new LineHeights();
		heights.base = 50;
		assert.deepEqual([heights.top(3), heights.height(3), heights.total(10)], [150, 50, 500]);
		assert.deepEqual([heights.at(0), heights.at(49), heights.at(50), heights.at(-1)], [0, 0, 1, -1]);
	});

	it('push down what stands below a line that is unfolded', () => {
		const heights = new LineHeights();
		heights.base = 50;
		heights.setExtras(
			new Map([
				[7, 30],
				[2, 100],
			]),
		);
		assert.deepEqual([heights.top(2), heights.top(3), heights.top(7), heights.top(8)], [100, 250, 450, 530]);
		assert.deepEqual([heights.height(2), heights.height(3), heights.height(7)], [150, 50, 80]);
		assert.equal(heights.total(10), 630);
	});

	it('tell the line at a place as a walk over all lines does', () => {
		const extras = new Map([
			[0, 13],
			[3, 1],
			[4, 400],
			[99, 7],
		]);
		const heights = new LineHeights();
		heights.base = 20;
		heights.setExtras(extras);
		const tops: number[] = [];
		for (let index = 0, top = 0; index < 120; index++) {
			tops.push(top);
			top += 20 + (extras.get(index) ?? 0);
		}
		assert.deepEqual(
			tops.map((_, index) => heights.top(index)),
			tops,
		);
		for (let y = 0; y < (tops[119] ?? 0); y += 3) {
			assert.equal(
				heights.at(y),
				tops.findLastIndex((top) => top <= y),
				`${y} px`,
			);
		}
	});
});
