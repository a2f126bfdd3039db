import * as z from 'zod';
import { messageSchema, toolCallSchema, toolDefinitionSchema } from './message.ts';
import { usageSchema } from './usage.ts';

/** Up to the end of the year 9999, the last that ISO 8601 writes with four digits. */
const epochMs = z.int().min(0).max(253_402_300_799_999);
const durationMs = z.number().min(0);

/** Why content is, or is not, there. `none`: the origin never had it. `erased` only ever appears in stored calls. */
export const contentStateSchema = z.enum(['full', 'redacted', 'off', 'none', 'erased']);
export type ContentState = z.infer<typeof contentStateSchema>;

/** What a call was for. Only leaf model calls are recorded as calls, and only they are priced. */
export const callKindSchema = z.enum(['chat', 'condense', 'subagent', 'title', 'tool', 'replay']);
export type CallKind = z.infer<typeof callKindSchema>;

/** The API family, which fixes how the origin counts input. `null`: not known. */
export const protocolSchema = z.enum(['anthropic', 'openai', 'gemini']).nullable();
export type Protocol = z.infer<typeof protocolSchema>;

/** Where an event came from. */
export const originSchema = z.object({
	/** The source's id: `task-loop`, `kilo-live`, `claude-code`, … */
	source: z.string().min(1),
	/** The file, row or URL it was read from, for "why this number?". */
	record: z.string().optional(),
	/** `subscription`: tokens are not billed one by one; the cost is an API equivalent. */
	billing: z.enum(['api', 'subscription']).default('api'),
	/** Seen as it happened, not read from history. Only live calls make telemetry events. */
	live: z.boolean().default(false),
});
export type Origin = z.infer<typeof originSchema>;

/** What the sender of an event calls it, where it calls it anything. */
const sentSchema = z.object({
	/** Its own id of the event, unique within the session: sent again, the event changes nothing. */
	id: z.string().min(1).max(200),
	/** The event's time is its own, and not that of its coming here. */
	timed: z.boolean(),
	/** A digest of all that was sent, where somebody else had the time to make one. Not used where content is not kept. */
	digest: z.string().optional(),
});

const identity = {
	/** Opaque and stable: the same call read twice has the same id. */
	callId: z.string().min(1),
	/** The task; a "run" is a session. */
	sessionId: z.string().min(1),
	/** Which agent made the call: `callmeter`, `kilo-code`, `claude-code`, … */
	agentId: z.string().min(1),
	/** Other ids of the same call: response id, request id, native ids. */
	aliases: z.array(z.string().min(1)).default([]),
	origin: originSchema,
	sent: sentSchema.optional(),
};

/** A request that was sent, as a source hands it to the Recorder. Unmasked, unpriced. */
export const callDraftSchema = z.object({
	eventType: z.literal('llm_call'),
	...identity,
	startedAtMs: epochMs,
	provider: z.string().min(1),
	/** The model that was asked for. */
	model: z.string().min(1),
	protocol: protocolSchema.default(null),
	kind: callKindSchema.default('chat'),
	/** The session that spawned this one. */
	parentSessionId: z.string().min(1).nullable().default(null),
	/** The task's title, shown above its calls. It is content: `off` drops it. */
	title: z.string().nullable().default(null),
	mode: z.string().nullable().default(null),
	/** Absolute working directory of the agent. */
	folder: z.string().nullable().default(null),
	gitBranch: z.string().nullable().default(null),
	gitCommit: z.string().nullable().default(null),
	systemPrompt: z.string().nullable().default(null),
	messages: z.array(messageSchema).default([]),
	tools: z.array(toolDefinitionSchema).default([]),
	parameters: z.record(z.string(), z.unknown()).default({}),
	/** `none` when the origin has no prompt content. The Recorder lowers `full` to the user's setting. */
	contentState: contentStateSchema.default('full'),
	/** Messages in the request, when content is absent and the origin still tells. */
	messageCount: z.int().min(0).nullable().default(null),
});
export type CallDraft = z.infer<typeof callDraftSchema>;

/** What came back: for success, error and cancel alike. */
export const responseDraftSchema = z.object({
	eventType: z.literal('llm_response'),
	...identity,
	endedAtMs: epochMs,
	provider: z.string().min(1),
	/** The model that answered, which may differ from the one asked for. */
	model: z.string().min(1),
	protocol: protocolSchema.default(null),
	state: z.enum(['ok', 'error', 'cancelled']),
	finishReason: z.string().nullable().default(null),
	completion: z.string().nullable().default(null),
	reasoning: z.string().nullable().default(null),
	toolCalls: z.array(toolCallSchema).default([]),
	/** `null`: the origin gave no usage at all. */
	usage: usageSchema.nullable(),
	/** The origin should have sent usage and did not. */
	usageMissing: z.boolean().default(false),
	/** How the counts relate to what was served, where the origin is known to drop some. */
	usageBound: z.enum(['exact', 'atLeast', 'atMost']).default('exact'),
	/** Why `usageBound` is not exact, or what was corrected; one sentence each, for a person. */
	usageNotes: z.array(z.string()).default([]),
	/** A cost that came with the record, in USD. */
	reportedCostUsd: z.number().min(0).nullable().default(null),
	reportedBy: z.enum(['provider', 'agent']).nullable().default(null),
	/** Fees beyond tokens that the table does not price (web search, images): the cost is then a lower bound. */
	unpricedFees: z.array(z.string()).default([]),
	/** Request start to the end of the response. */
	latencyMs: durationMs.nullable().default(null),
	timeToFirstTokenMs: durationMs.nullable().default(null),
	/** Request start to usage received. */
	completionTimeMs: durationMs.nullable().default(null),
	/** The provider behind a gateway that really served the call. */
	inferenceProvider: z.string().nullable().default(null),
	/** `batch`, `priority`, `fast`, …; `null` is the standard tier. */
	serviceTier: z.string().nullable().default(null),
	/** Only for state `error`, and for a cancel that carries a reason. The message is content. */
	error: z
		.object({
			message: z.string(),
			status: z.int().nullable().default(null),
			code: z.string().nullable().default(null),
		})
		.nullable()
		.default(null),
	contentState: contentStateSchema.default('full'),
});
export type ResponseDraft = z.infer<typeof responseDraftSchema>;

/** A cost without tokens, kept for compatibility. It never adds to a response with the same `callId`. */
export const costDraftSchema = z.object({
	eventType: z.literal('cost_tracked'),
	sessionId: identity.sessionId,
	agentId: identity.agentId,
	origin: originSchema,
	sent: sentSchema.optional(),
	atMs: epochMs,
	callId: z.string().min(1).nullable().default(null),
	provider: z.string().nullable().default(null),
	model: z.string().nullable().default(null),
	costUsd: z.number().min(0),
	description: z.string().nullable().default(null),
});
export type CostDraft = z.infer<typeof costDraftSchema>;

/** What every source produces, and the one thing the Recorder accepts. */
export const draftSchema = z.discriminatedUnion('eventType', [callDraftSchema, responseDraftSchema, costDraftSchema]);
export type Draft = z.infer<typeof draftSchema>;
/** A draft before defaults are filled in: what a source writes. */
export type DraftInput = z.input<typeof draftSchema>;
export type CallDraftInput = z.input<typeof callDraftSchema>;
export type ResponseDraftInput = z.input<typeof responseDraftSchema>;
