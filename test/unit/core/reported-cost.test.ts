import assert from 'node:assert/strict';
import { costUsdFromOpenRouter } from '../../../src/core/reported-cost.ts';

describe('costUsdFromOpenRouter', () => {
	const cost_details = { upstream_inference_cost: 0.02 };

	it("adds the upstream's cost for the user's own key only", () => {
		assert.equal(costUsdFromOpenRouter({ cost: 0.001, is_byok: true, cost_details }), 0.021);
		assert.equal(costUsdFromOpenRouter({ cost: 0.02, is_byok: false, cost_details }), 0.02);
		assert.equal(costUsdFromOpenRouter({ cost: 0.02, cost_details }), 0.02);
		assert.equal(costUsdFromOpenRouter({ cost: 0.001, is_byok: true }), 0.001);
	});

	it('gives null where no cost is reported', () => {
		for (const usage of [null, {}, { cost: null }, { cost: '1' }, { cost: -1 }, { cost: Number.NaN }, 'x']) {
			assert.equal(costUsdFromOpenRouter(usage), null);
		}
	});
});
