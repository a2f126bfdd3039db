import { builtInPrices } from '../../../../src/core/pricing/built-in-prices.ts';
import { type PriceableResponse, priceCall } from '../../../../src/core/pricing/compute-cost.ts';
import type { Cost } from '../../../../src/core/pricing/cost.ts';
import type { Prices } from '../../../../src/core/pricing/find-price.ts';
import { inputTotalOf, type Usage, unknownUsage } from '../../../../src/core/usage.ts';

export const NOVEMBER_2026 = Date.UTC(2026, 10, 21);

/** Usage in which every count is known: what is not given is zero. */
export function counted(over: Partial<Usage>): Usage {
	const zero = { uncachedInput: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, cacheWriteUnknownTtl: 0, output: 0 };
	const usage: Usage = { ...unknownUsage, ...zero, ...over };
	return { ...usage, inputTotal: inputTotalOf(usage) };
}

/** A response to price, of `claude-sonnet-4-5` at Anthropic unless told otherwise. */
export function priceable(over: Partial<PriceableResponse> = {}): PriceableResponse {
	return {
		usage: counted({ uncachedInput: 1000, output: 100 }),
		usageBound: 'exact',
		provider: 'anthropic',
		model: 'claude-sonnet-4-5',
		serviceTier: null,
		reportedCostUsd: null,
		reportedBy: null,
		unpricedFees: [],
		atMs: NOVEMBER_2026,
		...over,
	};
}

export function price(over: Partial<PriceableResponse> = {}, prices: Prices = builtInPrices()): Cost {
	return priceCall(priceable(over), prices);
}
