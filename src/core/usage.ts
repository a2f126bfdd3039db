import * as z from 'zod';

const count = z.int().min(0);

/** Token counts of one call. `null`: the origin did not say. `0`: it said zero. */
export const usageSchema = z.object({
	/** All prompt tokens, cache reads and writes included. */
	inputTotal: count.nullable(),
	/** Prompt tokens billed at the full input rate. */
	uncachedInput: count.nullable(),
	cacheRead: count.nullable(),
	cacheWrite5m: count.nullable(),
	cacheWrite1h: count.nullable(),
	/** Written to a cache whose time to live the origin does not tell. */
	cacheWriteUnknownTtl: count.nullable(),
	/** Generated tokens, reasoning included. */
	output: count.nullable(),
	/** Part of `output`, for display. Never added to a total. */
	reasoning: count.nullable(),
});
export type Usage = z.infer<typeof usageSchema>;

/** Usage of which nothing is known. */
export const unknownUsage: Readonly<Usage> = {
	inputTotal: null,
	uncachedInput: null,
	cacheRead: null,
	cacheWrite5m: null,
	cacheWrite1h: null,
	cacheWriteUnknownTtl: null,
	output: null,
	reasoning: null,
};

/**
 * Prompt tokens to sum and to show: `inputTotal`, or where the origin left a part out, the parts that are known, which
 * is then a lower bound. `null` when nothing is known of the input.
 */
export function inputTotalOf(usage: Usage): number | null {
	return usage.inputTotal ?? sumKnown([usage.uncachedInput, usage.cacheRead, cacheWriteTotal(usage)]);
}

/** Tokens written to the cache, whatever their time to live. `null` when the origin said nothing of cache writes. */
export function cacheWriteTotal(usage: Usage): number | null {
	return sumKnown([usage.cacheWrite5m, usage.cacheWrite1h, usage.cacheWriteUnknownTtl]);
}

/** Whether any count is known and above zero. */
export function hasTokens(usage: Usage): boolean {
	return (inputTotalOf(usage) ?? 0) > 0 || (usage.output ?? 0) > 0;
}

/** Sum of those that are known; `null` when none is. */
export function sumKnown(counts: readonly (number | null)[]): number | null {
	let sum: number | null = null;
	for (const value of counts) {
		if (value !== null) sum = (sum ?? 0) + value;
	}
	return sum;
}
