import assert from 'node:assert/strict';
import { maxBodyHeight, rowWindow, ScrollMap } from '../../../../webview/list/scroll-map.ts';

describe('the rows in the page', () => {
	const view = { viewport: 500, rowHeight: 50, total: 1000, overscan: 4 };

	it('are those in view and some more on each side', () => {
		assert.deepEqual(rowWindow({ ...view, top: 5000 }), { start: 96, end: 114 });
	});

	it('end at the ends of the list', () => {
		assert.deepEqual(rowWindow({ ...view, top: 0 }), { start: 0, end: 14 });
		assert.deepEqual(rowWindow({ ...view, top: 49_500 }), { start: 986, end: 1000 });
	});

	it('are the first few while most of the list is still below the fold', () => {
		assert.deepEqual(rowWindow({ ...view, top: -400 }), { start: 0, end: 6 });
	});

	it('are none of an empty list', () => {
		assert.deepEqual(rowWindow({ ...view, total: 0, top: 0 }), { start: 0, end: 0 });
	});
});

describe('the scroll position', () => {
	it('maps one to one in a list that a browser can hold', () => {
		const map = new ScrollMap();
		map.resize(100_000 * 52, 600);
		assert.equal(map.bodyHeight, 5_200_000);
		assert.equal(map.toVirtual(1_234_567), 1_234_567);
		assert.equal(map.moveTo(77), 77);
	});

	describe('in a list taller than a browser can hold', () => {
		const listHeight = 2_000_000 * 52;
		const viewport = 600;
		let map: ScrollMap;
		beforeEach(() => {
			map = new ScrollMap();
			map.resize(listHeight, viewport);
		});

		it('keeps the body within the limit', () => assert.equal(map.bodyHeight, maxBodyHeight));

		it('reaches both ends exactly', () => {
			assert.equal(map.toVirtual(maxBodyHeight - viewport), listHeight - viewport);
			assert.equal(map.toVirtual(0), 0);
		});

		it('moves one to one in small steps', () => {
			const before = map.toVirtual(4_000_000);
			assert.equal(map.toVirtual(4_000_120), before + 120);
			assert.equal(map.toVirtual(4_000_020), before + 20);
		});

		it('jumps in proportion', () => {
			const half = map.toVirtual((maxBodyHeight - viewport) / 2);
			assert.ok(Math.abs(half - (listHeight - viewport) / 2) < 1);
		});

		it('goes to a row and comes back to the same', () => {
			const row = 1_234_567 * 52;
			assert.equal(map.toVirtual(map.moveTo(row)), row);
		});
	});
});
