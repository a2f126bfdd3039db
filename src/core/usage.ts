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
