import type { LlmResponsePayload } from '../ingress.ts';
import { cacheWriteTotal, inputTotalOf, type Usage } from '../usage.ts';

/**
 * Counts in the shape that programs outside hand in, where input includes the cache. `null` when input or output is not
 * known: the shape has no word for that, and half a usage would be taken for the whole.
 */
export function usageInputOf(usage: Usage): LlmResponsePayload['usage'] {
	const inputTokens = inputTotalOf(usage);
	const outputTokens = usage.output;
	if (inputTokens === null || outputTokens === null) return null;
	const counts = {
		thinkingTokens: usage.reasoning,
		cacheReadTokens: usage.cacheRead,
		cacheWriteTokens: cacheWriteTotal(usage),
		cacheWrite5mTokens: usage.cacheWrite5m,
		cacheWrite1hTokens: usage.cacheWrite1h,
	};
	const known = Object.entries(counts).filter(([, count]) => count !== null);
	return { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens, ...Object.fromEntries(known) };
}
