import type { Rate, Rates } from './rates.ts';

/** What a tier of service costs, as a multiple of the standard rates: the price table has those alone. */
interface TierPrice {
	/** The table's provider. */
	provider: string;
	/** The table's models. */
	models: RegExp;
	tiers: readonly string[];
	/** Of every rate, those of the cache included. */
	factor: number;
	/** Whether the multiple holds for requests above the model's first size threshold, too. */
	anySize: boolean;
	/** Where the provider says so, and when it was read there. */
	source: string;
}

const ANTHROPIC_FAST = 'Anthropic, “Fast mode”, 2026-11';
const OPENAI_PRIORITY = 'OpenAI, “Priority processing”, 2026-11';
const OPENAI_FLEX = 'OpenAI, “Pricing”, 2026-11';

/**
 * The tiers whose price is published. Fast mode stacks with the multipliers of the cache; half price holds for cached
 * input, too. Claude's priority tier is agreed on with each customer and so is not here.
 */
const TIER_PRICES: readonly TierPrice[] = [
	anthropicFast(/^claude-opus-4-[67]$/, 6),
	anthropicFast(/^claude-opus-(?:4-8|5)$/, 2),
	{
		provider: 'anthropic',
		models: /^claude-/,
		tiers: ['batch'],
		factor: 0.5,
		anySize: true,
		source: 'Anthropic, “Pricing”, 2026-11',
	},
	openAiPriority(/^gpt-5\.5$/, 2.5),
	openAiPriority(/^gpt-5(?:\.[124])?$|^gpt-5(?:\.1)?-codex$|^gpt-5\.4-mini$/, 2),
	openAiPriority(/^gpt-5-mini$/, 1.8),
	openAiPriority(/^gpt-4\.1$/, 1.75),
	{
		provider: 'openai',
		models: /^gpt-[56](?:[.-]|$)|^o3$|^o4-mini$/,
		tiers: ['flex', 'batch'],
		factor: 0.5,
		anySize: true,
		source: OPENAI_FLEX,
	},
];

function anthropicFast(models: RegExp, factor: number): TierPrice {
	return { provider: 'anthropic', models, tiers: ['fast'], factor, anySize: true, source: ANTHROPIC_FAST };
}

/** Codex calls this tier fast. */
function openAiPriority(models: RegExp, factor: number): TierPrice {
	const tiers = ['priority', 'fast'];
	return { provider: 'openai', models, tiers, factor, anySize: false, source: OPENAI_PRIORITY };
}

/** The rates of a tier of service, with a sentence for a person. `null`: they are not known. */
export function ratesOfTier(
	price: { provider: string; model: string; rates: Rates },
	tier: string,
	inputTokens: number,
): { rates: Rates; note: string } | null {
	const found = TIER_PRICES.find(
		({ provider, models, tiers }) => provider === price.provider && models.test(price.model) && tiers.includes(tier),
	);
	if (!found) return null;
	const threshold = price.rates.input?.tiers[0]?.start ?? Number.POSITIVE_INFINITY;
	if (!found.anySize && inputTokens > threshold) return null;
	const { factor, source } = found;
	const note = `Served in the tier "${tier}": ${factor} times the standard rates (${source}).`;
	return { rates: multiplied(price.rates, factor), note };
}

function multiplied(rates: Rates, factor: number): Rates {
	const times = (rate: Rate | null): Rate | null =>
		rate && {
			pico: Math.round(rate.pico * factor),
			tiers: rate.tiers.map(({ start, pico }) => ({ start, pico: Math.round(pico * factor) })),
		};
	return {
		input: times(rates.input),
		output: times(rates.output),
		cacheRead: times(rates.cacheRead),
		cacheWrite5m: times(rates.cacheWrite5m),
		cacheWrite1h: times(rates.cacheWrite1h),
		reasoning: times(rates.reasoning),
		requestPico: rates.requestPico,
	};
}
