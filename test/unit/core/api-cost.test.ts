import assert from 'node:assert/strict';
import { calculateApiCostAnthropic, calculateApiCostOpenAI } from '../../../src/core/api-cost.ts';

const prices = { inputPrice: 3, outputPrice: 15, cacheWritesPrice: 3.75, cacheReadsPrice: 0.3 };

describe('calculateApiCostAnthropic', () => {
	it('adds the cache to an input that leaves it out', () => {
		assert.deepEqual(calculateApiCostAnthropic(prices, 1000, 500, 2000, 3000), {
			totalInputTokens: 6000,
			totalOutputTokens: 500,
			totalCost: (1000 * 3 + 500 * 15 + 2000 * 3.75 + 3000 * 0.3) / 1e6,
		});
	});

	it('works without cache counts', () => {
		assert.deepEqual(calculateApiCostAnthropic(prices, 1000, 500), {
			totalInputTokens: 1000,
			totalOutputTokens: 500,
			totalCost: 0.0105,
		});
	});
});

describe('calculateApiCostOpenAI', () => {
	it('takes the cache out of an input that counts it in', () => {
		const { totalInputTokens, totalOutputTokens, totalCost } = calculateApiCostOpenAI(prices, 6000, 500, 2000, 3000);
		assert.deepEqual([totalInputTokens, totalOutputTokens], [6000, 500]);
		assert.ok(Math.abs(totalCost - 0.0189) < 1e-12);
	});

	it('charges no negative input when more is cached than sent', () => {
		assert.equal(calculateApiCostOpenAI(prices, 100, 0, 0, 1000).totalCost, 0.0003);
	});
});

describe('both protocols', () => {
	it('agree on the same call', () => {
		const anthropic = calculateApiCostAnthropic(prices, 10, 100, 2000, 50_000);
		const openai = calculateApiCostOpenAI(prices, 52_010, 100, 2000, 50_000);
		assert.deepEqual(anthropic, openai);
	});

	it('count a price that is not there as nothing', () => {
		assert.equal(calculateApiCostAnthropic({}, 1, 1, 1, 1).totalCost, 0);
	});
});
