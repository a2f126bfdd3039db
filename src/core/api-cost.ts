/** A model's prices in USD per million tokens. An absent price counts as zero. */
export interface ModelPrices {
	inputPrice?: number;
	outputPrice?: number;
	cacheWritesPrice?: number;
	cacheReadsPrice?: number;
}

export interface ApiCost {
	/** Cache reads and writes included. */
	totalInputTokens: number;
	totalOutputTokens: number;
	/** USD. */
	totalCost: number;
}

/**
 * Cost by the Anthropic protocol: `inputTokens` leaves cache reads and writes out.
 *
 * This and its counterpart are for handlers in the shape of Kilo's, which report a `totalCost` with their usage from the
 * flat prices of their own model list. The ledger prices by date and tier (`pricing/compute-cost.ts`), and keeps what a
 * handler reports beside that.
 */
export function calculateApiCostAnthropic(
	modelInfo: ModelPrices,
	inputTokens: number,
	outputTokens: number,
	cacheCreationInputTokens = 0,
	cacheReadInputTokens = 0,
): ApiCost {
	return {
		totalInputTokens: inputTokens + cacheCreationInputTokens + cacheReadInputTokens,
		totalOutputTokens: outputTokens,
		totalCost: cost(modelInfo, inputTokens, outputTokens, cacheCreationInputTokens, cacheReadInputTokens),
	};
}

/** Cost by the OpenAI protocol: `inputTokens` counts cache reads and writes in. For whom: see above. */
export function calculateApiCostOpenAI(
	modelInfo: ModelPrices,
	inputTokens: number,
	outputTokens: number,
	cacheCreationInputTokens = 0,
	cacheReadInputTokens = 0,
): ApiCost {
	const uncached = Math.max(0, inputTokens - cacheCreationInputTokens - cacheReadInputTokens);
	return {
		totalInputTokens: inputTokens,
		totalOutputTokens: outputTokens,
		totalCost: cost(modelInfo, uncached, outputTokens, cacheCreationInputTokens, cacheReadInputTokens),
	};
}

function cost(prices: ModelPrices, uncached: number, output: number, cacheWrites: number, cacheReads: number): number {
	const perMillion =
		(prices.cacheWritesPrice ?? 0) * cacheWrites +
		(prices.cacheReadsPrice ?? 0) * cacheReads +
		(prices.inputPrice ?? 0) * uncached +
		(prices.outputPrice ?? 0) * output;
	return perMillion / 1_000_000;
}
