import { builtInPrices } from '../../core/pricing/built-in-prices.ts';
import { findPrice } from '../../core/pricing/find-price.ts';
import type { TokenRates } from './usage-truth.ts';

/**
 * List prices of a model, as these agents carry them too: the base rates, and those of each tier. Apart from the rest,
 * since it brings the price table with it.
 */
export function listRates(provider: string, model: string, atMs: number): TokenRates[] {
	const rates = findPrice(builtInPrices(), provider, model, atMs)?.rates;
	if (rates?.input == null || rates.output === null) return [];
	const { input, output, cacheRead, cacheWrite5m } = rates;
	const tiers = [0, ...input.tiers.map(({ start }) => start)];
	return tiers.map((start) => {
		const at = (rate: typeof input | null): number =>
			rate === null ? input.pico : (rate.tiers.find((tier) => tier.start === start)?.pico ?? rate.pico);
		return { input: at(input), cacheRead: at(cacheRead), cacheWrite: at(cacheWrite5m), output: at(output) };
	});
}
