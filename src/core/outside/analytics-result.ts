import * as z from 'zod';
import { type Analytics, granularitySchema, type Totals } from '../views.ts';
import { shownNanoUsd } from './call-json.ts';

/**
 * The answer of `GET /api/analytics/llm`. Names and nesting are the specification's; percentiles, cache counts and what
 * the costs leave out are added. A sum of calls none of which has a price is `null`, and so is an average of nothing.
 */
const figures = {
	calls: z.int(),
	/** USD; the sum of the known costs, what subscriptions cover at API prices included. `null`: no call has a price. */
	costUsd: z.number().nullable(),
	/** Cache reads and writes included. */
	inputTokens: z.int(),
	/** Reasoning included. */
	outputTokens: z.int(),
	avgLatencyMs: z.number().nullable(),
	cacheReadTokens: z.int(),
	cacheWriteTokens: z.int(),
	/** Calls that ended without a known price: costs leave them out. */
	unpricedCalls: z.int(),
	p50LatencyMs: z.number().nullable(),
	p90LatencyMs: z.number().nullable(),
	p99LatencyMs: z.number().nullable(),
};

export const llmAnalyticsSchema = z.object({
	summary: z.object({
		totalCalls: figures.calls,
		totalCostUsd: figures.costUsd,
		totalInputTokens: figures.inputTokens,
		totalOutputTokens: figures.outputTokens,
		avgLatencyMs: figures.avgLatencyMs,
		avgCostPerCall: z.number().nullable(),
		totalCacheReadTokens: figures.cacheReadTokens,
		totalCacheWriteTokens: figures.cacheWriteTokens,
		totalReasoningTokens: z.int(),
		/** How `totalCostUsd` relates to what was spent. */
		costBound: z.enum(['exact', 'atLeast', 'atMost', 'about']),
		unpricedCalls: figures.unpricedCalls,
		errorCalls: z.int(),
		p50LatencyMs: figures.p50LatencyMs,
		p90LatencyMs: figures.p90LatencyMs,
		p99LatencyMs: figures.p99LatencyMs,
	}),
	byModel: z.array(z.object({ provider: z.string(), model: z.string(), ...figures })),
	/** Oldest first; buckets without calls are there too. */
	byTime: z.array(
		z.object({
			/** Start of the bucket, ISO 8601. */
			bucket: z.string(),
			...figures,
		}),
	),
});
export type LlmAnalyticsResult = z.infer<typeof llmAnalyticsSchema>;

/** What can be asked of it. Times are ISO 8601; the range is `[from, to)`. */
export const llmAnalyticsQuerySchema = z.object({
	/** Default: 24 hours before `to`. */
	from: z.iso.datetime({ offset: true, error: 'from must be ISO 8601 with a zone' }).optional(),
	/** Default: now. */
	to: z.iso.datetime({ offset: true, error: 'to must be ISO 8601 with a zone' }).optional(),
	granularity: granularitySchema.default('hour'),
	/** IANA zone by whose clock days and weeks begin. */
	tz: z.string().default('UTC'),
	agentId: z.string().min(1).optional(),
	model: z.string().min(1).optional(),
	provider: z.string().min(1).optional(),
});
export type LlmAnalyticsQuery = z.input<typeof llmAnalyticsQuerySchema>;

/** What the ledger added up, in the shape of the answer. */
export function llmAnalyticsOf({ totals, byModel, buckets }: Analytics): LlmAnalyticsResult {
	const costUsd = costOf(totals);
	const priced = totals.calls - totals.unpriced - totals.pending;
	return {
		summary: {
			totalCalls: totals.calls,
			totalCostUsd: costUsd,
			totalInputTokens: totals.inputTokens,
			totalOutputTokens: totals.outputTokens,
			avgLatencyMs: totals.latency.avgMs,
			avgCostPerCall: costUsd === null || priced <= 0 ? null : costUsd / priced,
			totalCacheReadTokens: totals.cacheReadTokens,
			totalCacheWriteTokens: totals.cacheWriteTokens,
			totalReasoningTokens: totals.reasoningTokens,
			costBound: totals.bound,
			unpricedCalls: totals.unpriced,
			errorCalls: totals.errors,
			...percentilesOf(totals),
		},
		byModel: byModel.map((group) => ({
			provider: group.provider,
			model: group.model,
			calls: group.calls,
			costUsd: costOf(group),
			inputTokens: group.inputTokens,
			outputTokens: group.outputTokens,
			avgLatencyMs: group.latency.avgMs,
			cacheReadTokens: group.cacheReadTokens,
			cacheWriteTokens: group.cacheWriteTokens,
			unpricedCalls: group.unpriced,
			...percentilesOf(group),
		})),
		byTime: buckets.map((bucket) => {
			const sum = (of: (group: (typeof bucket.groups)[number]) => number) =>
				bucket.groups.reduce((total, group) => total + of(group), 0);
			const known = sum((group) => group.costNanoUsd + group.subscriptionNanoUsd);
			const unpriced = sum((group) => group.unpriced);
			return {
				bucket: new Date(bucket.startMs).toISOString(),
				calls: bucket.calls,
				costUsd: known === 0 && unpriced > 0 && unpriced === bucket.calls ? null : known / 1e9,
				inputTokens: sum((group) => group.inputTokens),
				outputTokens: sum((group) => group.outputTokens),
				avgLatencyMs: bucket.latency.avgMs,
				cacheReadTokens: bucket.tokens.cacheRead,
				cacheWriteTokens: bucket.tokens.cacheWrite,
				unpricedCalls: unpriced,
				...percentilesOf(bucket),
			};
		}),
	};
}

function costOf(totals: Totals): number | null {
	const nanoUsd = shownNanoUsd(totals);
	return nanoUsd === null ? null : nanoUsd / 1e9;
}

function percentilesOf({ latency }: Pick<Totals, 'latency'>) {
	return { p50LatencyMs: latency.p50Ms, p90LatencyMs: latency.p90Ms, p99LatencyMs: latency.p99Ms };
}
