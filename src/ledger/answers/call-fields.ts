import * as z from 'zod';
import { callKindSchema } from '../../core/draft.ts';
import { type CallJson, callJson, type ModelJson, modelJson, type StatsJson } from '../../core/outside/call-json.ts';
import { type CallFilter, type CallRow, callStateSchema, type GroupTotals } from '../../core/views.ts';
import { named } from './foreign-text.ts';
import { callUri } from './resource-uris.ts';
import { rowCostText, sumText } from './wording.ts';

/** The figures of `StatsJson`, `ModelJson` and `CallJson` as schemas, for whoever wants to know what an answer holds. */

export const boundSchema = z
	.enum(['exact', 'atLeast', 'atMost', 'about'])
	.describe('How the cost relates to what was spent.');
const usd = z.number().min(0).nullable().describe('US dollars; null: not known, which is not 0.');
const tokens = z.int().min(0);
const ms = z.number().min(0).nullable();

export const statsSchema = z.object({
	from: z.string().nullable().describe('ISO 8601; null: no bound.'),
	to: z.string().nullable(),
	calls: z.int(),
	pending: z.int(),
	errors: z.int(),
	cancelled: z.int(),
	unpriced: z.int().describe('Calls that ended without a known price: costUsd leaves them out.'),
	usageMissing: z.int(),
	inputTokens: tokens.describe('Cache reads and writes included.'),
	outputTokens: tokens.describe('Reasoning included.'),
	cacheReadTokens: tokens,
	cacheWriteTokens: tokens,
	reasoningTokens: tokens,
	costUsd: usd,
	costBound: boundSchema,
	apiCostUsd: z.number().describe('Part of costUsd that is billed by the token.'),
	subscriptionCostUsd: z.number().describe('Part of costUsd that a subscription covers, at API prices.'),
	avgLatencyMs: ms,
	p50LatencyMs: ms,
	p90LatencyMs: ms,
	p99LatencyMs: ms,
}) satisfies z.ZodType<StatsJson>;

/** `≥ $1.24 (3 unpriced)`: how the product says it. */
const costText = z.string().describe('The cost in words, with its bound, such as "≥ $1.24 (3 unpriced)".');

const modelFigures = z.object({
	provider: z.string(),
	model: z.string(),
	calls: z.int(),
	inputTokens: tokens,
	outputTokens: tokens,
	cacheReadTokens: tokens,
	cacheWriteTokens: tokens,
	costUsd: usd,
	unpriced: z.int(),
	avgLatencyMs: ms,
}) satisfies z.ZodType<ModelJson>;
export const modelSchema = modelFigures.extend({ costText });

export function modelFields(group: GroupTotals): z.infer<typeof modelSchema> {
	return {
		...modelJson(group),
		provider: named(group.provider),
		model: named(group.model),
		costText: sumText(group),
	};
}

const callFigures = z.object({
	callId: z.string(),
	agentId: z.string(),
	sessionId: z.string(),
	provider: z.string(),
	model: z.string(),
	kind: callKindSchema,
	state: callStateSchema,
	usageMissing: z.boolean(),
	inputTokens: tokens.nullable(),
	outputTokens: tokens.nullable(),
	cacheReadTokens: tokens.nullable(),
	cacheWriteTokens: tokens.nullable(),
	reasoningTokens: tokens.nullable(),
	costUsd: usd,
	costBasis: z.string().nullable().describe('provider, computed, agent, unpriced, or refused (not billed).'),
	latencyMs: ms,
	startedAt: z.string().describe('ISO 8601.'),
}) satisfies z.ZodType<CallJson>;
export const callSchema = callFigures.extend({
	costText,
	costBound: boundSchema.nullable(),
	billing: z.enum(['api', 'subscription']).nullable(),
	uri: z.string().describe('The resource with everything that is known of the call.'),
});
export type CallFields = z.infer<typeof callSchema>;

export function callFields(row: CallRow): CallFields {
	const call = callJson(row);
	return {
		...call,
		// Names come from records; ids must stay as they are, to be asked for.
		agentId: named(call.agentId),
		provider: named(call.provider),
		model: named(call.model),
		costText: rowCostText(row),
		costBound: row.cost?.bound ?? null,
		billing: row.cost?.billing ?? null,
		uri: callUri(row.callId),
	};
}

/** How a question chooses calls by who made and who answered them. */
export const callChoice = {
	agentId: z.string().min(1).max(200).optional().describe('Only calls of this agent, such as claude-code.'),
	provider: z.string().min(1).max(200).optional().describe('Only calls to this provider, such as anthropic.'),
	model: z.string().min(1).max(300).optional().describe('Only calls of this model, by its exact id.'),
};
export interface CallChoice {
	agentId?: string | undefined;
	provider?: string | undefined;
	model?: string | undefined;
	sessionId?: string | undefined;
}

export function filterOf(
	{ agentId, provider, model, sessionId }: CallChoice,
	range: CallFilter['range'] | null,
): CallFilter {
	return {
		...(agentId !== undefined && { agentId }),
		...(provider !== undefined && { provider }),
		...(model !== undefined && { model }),
		...(sessionId !== undefined && { sessionId }),
		...(range && { range }),
	};
}
