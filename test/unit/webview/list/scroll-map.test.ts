import assert from 'node:assert/strict';
import { maxBodyHeight, ScrollMap } from '../../../../webview/list/scroll-map.ts';

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
