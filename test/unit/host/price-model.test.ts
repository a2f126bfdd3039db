import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import './vscode/register.ts';
import type * as priceModule from '../../../src/host/price-model.ts';

describe('a price that a person types', () => {
	let readPrice: typeof priceModule.readPrice;
	before(async () => {
		({ readPrice } = await import('../../../src/host/price-model.ts'));
	});

	it('has a point or a comma, and may be nothing', () => {
		assert.deepEqual(['2.50', '2,5', ' $ 15 ', '0', '.3', ''].map(readPrice), [2.5, 2.5, 15, 0, 0.3, null]);
	});

	it('is no price if it is anything else', () => {
		for (const typed of ['free', '-1', '1e9', 'NaN', '1.2.3', '1,000.50', '0x10']) {
			assert.equal(readPrice(typed), undefined, typed);
		}
	});
});
