import * as z from 'zod';
import type { ResponseDraft } from './draft.ts';
import type { Cost } from './pricing/cost.ts';
import { cacheWriteTotal, inputTotalOf } from './usage.ts';

/** Name of the telemetry event that a live call makes when it has ended. */
export const LLM_COMPLETION = 'LLM Completion';

/** What goes with every telemetry event. Names and ids only, never content. */
export const completionContextSchema = z.object({
	taskId: z.string(),
	parentTaskId: z.string().optional(),
	mode: z.string().optional(),
	modelId: z.string(),
	/** The API provider that the agent is set to. */
	apiProvider: z.string(),
	agentId: z.string().optional(),
	appName: z.string().optional(),
	appVersion: z.string(),
	vscodeVersion: z.string(),
	/** `linux`, `darwin`, `win32`. */
	platform: z.string(),
	editorName: z.string().optional(),
	language: z.string().optional(),
});
export type CompletionContext = z.infer<typeof completionContextSchema>;

const count = z.int().min(0);

/** The event's properties; `inputTokens` counts cache reads and writes in. */
export const completionPropertiesSchema = completionContextSchema.extend({
	inputTokens: count,
	outputTokens: count,
	cacheWriteTokens: count,
	cacheReadTokens: count,
	/** USD. Absent when no price is known. */
	cost: z.number().min(0).optional(),
	/** Milliseconds from request start to usage received. */
	completionTime: z.number().min(0).optional(),
	inferenceProvider: z.string().optional(),
});
export type CompletionProperties = z.infer<typeof completionPropertiesSchema>;

export const completionEventSchema = z.object({
	name: z.literal(LLM_COMPLETION),
	properties: completionPropertiesSchema,
});
export type CompletionEvent = z.infer<typeof completionEventSchema>;

/** What is needed of a response. */
export type CompletedResponse = Pick<ResponseDraft, 'origin' | 'usage' | 'completionTimeMs' | 'inferenceProvider'>;

/**
 * The telemetry event of a call that has ended; `null` when it makes none: history that was imported, a response without
 * usage, and one in which none of input, output, cache-write and cache-read tokens is above 0.
 */
export function completionEvent(
	response: CompletedResponse,
	cost: Pick<Cost, 'shownNanoUsd'> | null,
	context: CompletionContext,
): CompletionEvent | null {
	const { usage } = response;
	if (!response.origin.live || !usage) return null;
	const tokens = {
		inputTokens: inputTotalOf(usage) ?? 0,
		outputTokens: usage.output ?? 0,
		cacheWriteTokens: cacheWriteTotal(usage) ?? 0,
		cacheReadTokens: usage.cacheRead ?? 0,
	};
	if (Object.values(tokens).every((value) => value === 0)) return null;
	const costNanoUsd = cost?.shownNanoUsd ?? null;
	return {
		name: LLM_COMPLETION,
		properties: {
			...context,
			...tokens,
			...(costNanoUsd !== null && { cost: costNanoUsd / 1e9 }),
			...(response.completionTimeMs !== null && { completionTime: response.completionTimeMs }),
			...(response.inferenceProvider !== null && { inferenceProvider: response.inferenceProvider }),
		},
	};
}
