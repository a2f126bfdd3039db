import * as z from 'zod';
import {
	type CallDraft,
	type CostDraft,
	callKindSchema,
	contentStateSchema,
	originSchema,
	protocolSchema,
	type ResponseDraft,
} from './draft.ts';
import { type Cost, costSchema } from './pricing/cost.ts';
import type { Usage } from './usage.ts';

/**
 * What the rows of the event log hold: everything that a draft says about a call, and of its content only salted
 * digests. So content can expire and be erased while the hash chain still verifies.
 *
 * What has a default is left out of the text that is stored where it is that (`storedText`). A default never changes:
 * events that were written with it would mean something else.
 */

const digest = z.string().min(1).nullable().default(null);
const count = z.int().min(0);
const tokens = count.nullable().default(null);
const durationMs = z.number().min(0).nullable().default(null);
const text = z.string().nullable().default(null);
const texts = z.array(z.string()).default([]);

/** `usageSchema`, as far as it was told. */
const storedUsageSchema = z.object({
	inputTotal: tokens,
	uncachedInput: tokens,
	cacheRead: tokens,
	cacheWrite5m: tokens,
	cacheWrite1h: tokens,
	cacheWriteUnknownTtl: tokens,
	output: tokens,
	reasoning: tokens,
}) satisfies z.ZodType<Usage>;

const identity = {
	/** Version of this shape. */
	version: z.literal(1),
	callId: z.string().min(1),
	aliases: texts,
	origin: originSchema,
	provider: z.string(),
	model: z.string(),
	protocol: protocolSchema.default(null),
};

/** The stored `llm_call`. A digest is `null` where there was nothing to digest. */
export const storedCallPayloadSchema = z.object({
	...identity,
	startedAtMs: count,
	kind: callKindSchema.default('chat'),
	parentSessionId: text,
	mode: text,
	folder: text,
	gitBranch: text,
	gitCommit: text,
	contentState: contentStateSchema,
	/** Secrets masked in the content of this event. */
	masked: count.default(0),
	messageCount: count.nullable().default(null),
	/** Rolling digest over the messages in order, see `rollPrompt`. */
	promptDigest: digest,
	systemPromptDigest: digest,
	toolsDigest: digest,
	titleDigest: digest,
	/** Only numbers and booleans, which hold no content; `parametersDigest` covers all of them. */
	parameters: z.record(z.string(), z.union([z.number(), z.boolean()])).default({}),
	parametersDigest: digest,
});
export type StoredCallPayload = z.infer<typeof storedCallPayloadSchema>;

/** The stored `llm_response`. */
export const storedResponsePayloadSchema = z.object({
	...identity,
	endedAtMs: count,
	state: z.enum(['ok', 'error', 'cancelled']).default('ok'),
	finishReason: text,
	usage: storedUsageSchema.nullable().default(null),
	usageMissing: z.boolean().default(false),
	usageBound: z.enum(['exact', 'atLeast', 'atMost']).default('exact'),
	usageNotes: texts,
	cost: costSchema,
	unpricedFees: texts,
	latencyMs: durationMs,
	timeToFirstTokenMs: durationMs,
	completionTimeMs: durationMs,
	inferenceProvider: text,
	serviceTier: text,
	/** The error's message is content: a digest. */
	error: z
		.object({ status: z.int().nullable().default(null), code: text, messageDigest: digest })
		.nullable()
		.default(null),
	contentState: contentStateSchema,
	masked: count.default(0),
	completionDigest: digest,
	reasoningDigest: digest,
	toolCallsDigest: digest,
	toolCallCount: count.default(0),
});
export type StoredResponsePayload = z.infer<typeof storedResponsePayloadSchema>;

/** The stored `cost_tracked`. */
export const storedCostPayloadSchema = z.object({
	version: z.literal(1),
	callId: text,
	origin: originSchema,
	provider: text,
	model: text,
	costUsd: z.number().min(0),
	/** Free text of the sender: a digest. */
	descriptionDigest: digest,
});
export type StoredCostPayload = z.infer<typeof storedCostPayloadSchema>;

export type StoredPayload = StoredCallPayload | StoredResponsePayload | StoredCostPayload;

/** Digests of a request's content, made by the ledger after masking, which holds the salt. */
export interface CallDigests {
	/** `null`: no messages were kept. */
	prompt: string | null;
	systemPrompt: string | null;
	tools: string | null;
	title: string | null;
	parameters: string | null;
	/** Secrets masked, from `applyContentSetting`. */
	masked: number;
}

/** Digests of a response's content. */
export interface ResponseDigests {
	completion: string | null;
	reasoning: string | null;
	toolCalls: string | null;
	error: string | null;
	masked: number;
}

/** The payload to store for a request. `draft` has been through `applyContentSetting`. */
export function storedCallPayload(draft: CallDraft, digests: CallDigests): StoredCallPayload {
	return {
		...identityOf(draft),
		startedAtMs: draft.startedAtMs,
		kind: draft.kind,
		parentSessionId: draft.parentSessionId,
		mode: draft.mode,
		folder: draft.folder,
		gitBranch: draft.gitBranch,
		gitCommit: draft.gitCommit,
		contentState: draft.contentState,
		masked: digests.masked,
		messageCount: messageCountOf(draft),
		promptDigest: digests.prompt,
		systemPromptDigest: digests.systemPrompt,
		toolsDigest: digests.tools,
		titleDigest: digests.title,
		parameters: plainParameters(draft.parameters),
		parametersDigest: digests.parameters,
	};
}

/** The payload to store for a response. `draft` has been through `applyContentSetting`. */
export function storedResponsePayload(
	draft: ResponseDraft,
	cost: Cost,
	digests: ResponseDigests,
): StoredResponsePayload {
	return {
		...identityOf(draft),
		endedAtMs: draft.endedAtMs,
		state: draft.state,
		finishReason: draft.finishReason,
		usage: draft.usage,
		usageMissing: draft.usageMissing,
		usageBound: draft.usageBound,
		usageNotes: draft.usageNotes,
		cost,
		unpricedFees: draft.unpricedFees,
		latencyMs: draft.latencyMs,
		timeToFirstTokenMs: draft.timeToFirstTokenMs,
		completionTimeMs: draft.completionTimeMs,
		inferenceProvider: draft.inferenceProvider,
		serviceTier: draft.serviceTier,
		error: draft.error && {
			status: draft.error.status,
			code: draft.error.code,
			messageDigest: digests.error,
		},
		contentState: draft.contentState,
		masked: digests.masked,
		completionDigest: digests.completion,
		reasoningDigest: digests.reasoning,
		toolCallsDigest: digests.toolCalls,
		toolCallCount: draft.toolCalls.length,
	};
}

/** The payload to store for a `cost_tracked`. */
export function storedCostPayload(draft: CostDraft, descriptionDigest: string | null): StoredCostPayload {
	return {
		version: 1,
		callId: draft.callId,
		origin: draft.origin,
		provider: draft.provider,
		model: draft.model,
		costUsd: draft.costUsd,
		descriptionDigest,
	};
}

function identityOf({ callId, aliases, origin, provider, model, protocol }: CallDraft | ResponseDraft) {
	return { version: 1 as const, callId, aliases, origin, provider, model, protocol };
}

/** How many messages a request had: counted where they are there, else as the origin told. */
export function messageCountOf(draft: Pick<CallDraft, 'messages' | 'messageCount'>): number | null {
	return draft.messages.length > 0 ? draft.messages.length : draft.messageCount;
}

/** The parameters that cannot hold content: temperature, token limits, switches. */
export function plainParameters(parameters: Record<string, unknown>): Record<string, number | boolean> {
	const plain: Record<string, number | boolean> = {};
	for (const [name, value] of Object.entries(parameters)) {
		if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) plain[name] = value;
	}
	return plain;
}
