import * as z from 'zod';
import { callKindSchema, contentStateSchema } from '../../core/draft.ts';
import type { CallJson } from '../../core/outside/call-json.ts';
import type { SearchJson } from '../../core/outside/search-json.ts';
import type { VerifyJson } from '../../core/outside/verify-json.ts';
import { callStateSchema, type SessionRow } from '../../core/views.ts';

/** What the API answers. The types of `src/core/outside` say what each figure means; here they become schemas. */

const tokens = z.int().nullable();
const usd = z.number().nullable().describe('US dollars; null: unknown');
const moment = z.string().describe('ISO 8601');
const costBound = z.enum(['exact', 'atLeast', 'atMost', 'about']).describe('How the cost relates to what was spent');

export const callJsonSchema = z.object({
	callId: z.string(),
	agentId: z.string(),
	sessionId: z.string(),
	provider: z.string(),
	model: z.string().describe('The one that answered, where that is known'),
	kind: callKindSchema,
	state: callStateSchema,
	usageMissing: z.boolean(),
	inputTokens: tokens.describe('Cache reads and writes included'),
	outputTokens: tokens,
	cacheReadTokens: tokens,
	cacheWriteTokens: tokens,
	reasoningTokens: tokens,
	costUsd: usd,
	costBasis: z.string().nullable(),
	latencyMs: z.number().nullable(),
	startedAt: moment,
}) satisfies z.ZodType<CallJson>;

export const callsSchema = z.object({
	calls: z.array(callJsonSchema),
	total: z.int().describe('Calls that pass the filters'),
	limit: z.int(),
	offset: z.int(),
});

/** One task, with the counters that its events have added up to. */
export const sessionJsonSchema = z.object({
	sessionId: z.string(),
	agentId: z.string(),
	parentSessionId: z.string().nullable(),
	title: z.string().nullable(),
	folder: z.string().nullable(),
	startedAt: moment,
	lastAt: moment,
	llmCallCount: z.int(),
	pendingCallCount: z.int(),
	unpricedCallCount: z.int(),
	totalInputTokens: z.int().describe('Cache reads and writes included'),
	totalOutputTokens: z.int(),
	totalCacheReadTokens: z.int(),
	totalCacheWriteTokens: z.int(),
	totalCostUsd: z.number().describe('Sum of the known costs, what subscriptions cover at API prices included'),
	costBound,
});
export type SessionJson = z.infer<typeof sessionJsonSchema>;

export const sessionsSchema = z.object({
	sessions: z.array(sessionJsonSchema),
	total: z.int(),
	limit: z.int(),
	offset: z.int(),
});

export const searchSchema = z.object({
	hits: z.array(
		z.object({
			callId: z.string(),
			sessionId: z.string(),
			startedAt: moment,
			place: z.enum(['prompt', 'system', 'completion', 'reasoning']),
			snippet: z.string(),
			matches: z.array(z.tuple([z.int(), z.int()])).describe('Offsets [start, end) into the snippet'),
			call: callJsonSchema,
		}),
	),
	more: z.boolean().describe('There are others after these'),
	limit: z.int(),
	offset: z.int(),
}) satisfies z.ZodType<SearchJson>;

export const verifySchema = z.object({
	sessions: z.int(),
	events: z.int(),
	ok: z.boolean(),
	firstBroken: z
		.object({
			sessionId: z.string().nullable().describe('null: sums over time are wrong, which are of no one session'),
			seq: z.int().nullable(),
			eventId: z.string().nullable(),
			problem: z.enum(['hash', 'prevHash', 'missing', 'content', 'row', 'sums']),
		})
		.nullable(),
	note: z.string().describe('What this check sees and what it does not'),
}) satisfies z.ZodType<VerifyJson>;

/** A call with all that is known of it. More may come; these are there. */
export const callDetailSchema = z.looseObject({
	callId: z.string(),
	sessionId: z.string(),
	agentId: z.string(),
	seq: z.int(),
	kind: callKindSchema,
	state: callStateSchema,
	provider: z.string(),
	inferenceProvider: z.string().nullable(),
	model: z.string(),
	actualModel: z.string().nullable(),
	startedAt: moment,
	endedAt: moment.nullable(),
	latencyMs: z.number().nullable(),
	timeToFirstTokenMs: z.number().nullable(),
	finishReason: z.string().nullable(),
	serviceTier: z.string().nullable(),
	contentState: contentStateSchema,
	request: z
		.looseObject({
			messageCount: z.int().nullable(),
		})
		.describe('parameters, systemPrompt, messages, tools; with content=false the count of messages alone'),
	response: z
		.looseObject({})
		.describe('completion, reasoning, toolCalls, error; with content=false what is no content'),
	usage: z.looseObject({}).nullable(),
	cost: z.looseObject({ usd, basis: z.string(), bound: z.string() }).nullable(),
	hash: z.string().nullable().describe('Of the latest event of this call in its session’s chain'),
});

export const serverSchema = z.object({
	product: z.literal('callmeter'),
	version: z.string(),
	instance: z.string(),
	proof: z.string().optional().describe('Where a challenge was given'),
});

/** What every refusal says. */
export const problemSchema = z.object({
	error: z.object({
		message: z.string(),
		issues: z
			.array(z.object({ path: z.string(), message: z.string() }))
			.optional()
			.describe('What is wrong, each with the path of the offending field'),
	}),
});

export function sessionJson(row: SessionRow): SessionJson {
	return {
		sessionId: row.sessionId,
		agentId: row.agentId,
		parentSessionId: row.parentSessionId,
		title: row.title,
		folder: row.folder,
		startedAt: new Date(row.startedAtMs).toISOString(),
		lastAt: new Date(row.lastAtMs).toISOString(),
		llmCallCount: row.calls,
		pendingCallCount: row.pending,
		unpricedCallCount: row.unpriced,
		totalInputTokens: row.inputTokens,
		totalOutputTokens: row.outputTokens,
		totalCacheReadTokens: row.cacheReadTokens,
		totalCacheWriteTokens: row.cacheWriteTokens,
		totalCostUsd: (row.costNanoUsd + row.subscriptionNanoUsd) / 1e9,
		costBound: row.bound,
	};
}
