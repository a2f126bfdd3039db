import * as z from 'zod';

/** The price buckets of one call. `output` includes reasoning. */
export const bucketSchema = z.enum([
	'uncachedInput',
	'cacheRead',
	'cacheWrite5m',
	'cacheWrite1h',
	'cacheWriteUnknownTtl',
	'output',
	'requests',
]);
export type Bucket = z.infer<typeof bucketSchema>;

/** One line of an unfolded cost: `tokens` × `ratePicoUsd` = `picoUsd`. */
export const costLineSchema = z.object({
	bucket: bucketSchema,
	tokens: z.int().min(0),
	/** pico-USD a token: 1 USD a million tokens = 1,000,000. */
	ratePicoUsd: z.int().min(0),
	/** Tokens from which this rate holds for the whole request; 0 = the base rate. */
	tierStart: z.int().min(0).default(0),
});
export type CostLine = z.infer<typeof costLineSchema>;

/** Why no cost could be computed. */
export const unpricedReasonSchema = z.enum(['unknownModel', 'noUsage', 'noRate']);
export type UnpricedReason = z.infer<typeof unpricedReasonSchema>;

/**
 * What a call cost, and how we know. Money is integer nano-USD, rounded once a call. Events are stored without what is
 * the default, which therefore never changes.
 */
export const costSchema = z.object({
	/** What a person is shown: provider-reported, else computed, else agent-reported, else `null` (unpriced, never $0). */
	shownNanoUsd: z.int().min(0).nullable(),
	/** `refused`: the provider turned the request away before it served anything, so there is nothing to bill. */
	basis: z.enum(['provider', 'computed', 'agent', 'unpriced', 'refused']).default('computed'),
	bound: z.enum(['exact', 'atLeast', 'atMost']).default('exact'),
	computedNanoUsd: z.int().min(0).nullable().default(null),
	reportedNanoUsd: z.int().min(0).nullable().default(null),
	reportedBy: z.enum(['provider', 'agent']).nullable().default(null),
	/** Computed and reported differ by more than 2 %. */
	diverges: z.boolean().default(false),
	lines: z.array(costLineSchema).default([]),
	/** Which price was used: `anthropic/claude-sonnet-4-5`, and from where. */
	price: z
		.object({
			provider: z.string(),
			model: z.string(),
			from: z.enum(['table', 'overlay', 'override']).default('table'),
			/** First day on which the rate holds, ISO date; `null` = always. */
			validFrom: z.string().nullable().default(null),
			/** Version or date of the price table. */
			tableDate: z.string(),
		})
		.nullable()
		.default(null),
	unpriced: unpricedReasonSchema.nullable().default(null),
	/** Sentences for a person: "cache write without a time to live, priced as 5 minutes". */
	notes: z.array(z.string()).default([]),
});
export type Cost = z.infer<typeof costSchema>;
