import * as z from 'zod';

/**
 * Lines of `events.jsonl`. Only what is read here is named; a field of another shape counts as absent.
 * Source: the recorded sessions (1.0.102), and `session-events.ts` of GitHub's Copilot SDK for what they lack.
 */

const text = z.string().min(1).optional().catch(undefined);
const ms = z.number().min(0).max(1e9).optional().catch(undefined);

export const eventSchema = z.looseObject({
	type: z.string(),
	id: z.string().min(1),
	timestamp: z.iso.datetime({ offset: true }).transform((time) => Date.parse(time)),
	/** Set on what a subagent does. */
	agentId: text,
	data: z.looseObject({}).catch({}),
});
export type CliEvent = z.infer<typeof eventSchema>;

export const contextSchema = z.looseObject({ cwd: text, gitRoot: text, branch: text, headCommit: text });

export const startSchema = z.looseObject({
	sessionId: text,
	selectedModel: text,
	reasoningEffort: text,
	context: contextSchema.optional().catch(undefined),
});

/** What Copilot's own service charges for a call, in billionths of an AI credit. */
const copilotUsage = z
	.looseObject({ totalNanoAiu: z.number().min(0) })
	.optional()
	.catch(undefined);

/**
 * One call. `inputTokens` counts cache reads and writes in. `cost` is a multiplier of premium requests, no money, and is
 * not read.
 */
export const usageSchema = z.looseObject({
	model: text,
	copilotUsage,
	/** `false`: the service said nothing of its cache, and zeros are written for it. */
	cacheDetailsReported: z.boolean().optional().catch(undefined),
	duration: ms,
	timeToFirstTokenMs: ms,
	initiator: text,
	interactionType: text,
	/** Called with the user's own key, at the provider that `providerType` names. */
	isByok: z.boolean().optional().catch(undefined),
	providerType: text,
	apiCallId: text,
	providerCallId: text,
	serviceRequestId: text,
	parentToolCallId: text,
	apiEndpoint: text,
	reasoningEffort: text,
	finishReason: text,
	/** In a session that goes on from a copy of another, lines of that one name it. */
	accounting: z.looseObject({ sourceSessionId: text, usageId: text }).optional().catch(undefined),
});
export type Usage = z.infer<typeof usageSchema>;

export const usageRecordSchema = z.looseObject({ usage: usageSchema });

export const assistantMessageSchema = z.looseObject({
	messageId: text,
	apiCallId: text,
	requestId: text,
	model: text,
	content: z.string().catch(''),
	reasoningText: text,
	outputTokens: z.int().min(0).optional().catch(undefined),
	parentToolCallId: text,
	toolRequests: z
		.array(z.looseObject({ toolCallId: z.string(), name: z.string(), arguments: z.unknown() }))
		.optional()
		.catch(undefined),
});

export const userMessageSchema = z.looseObject({ content: z.string().catch(''), transformedContent: text });

export const systemMessageSchema = z.looseObject({ role: text, content: z.string() });

export const toolCompleteSchema = z.looseObject({
	toolCallId: z.string(),
	parentToolCallId: text,
	result: z.looseObject({ content: text }).optional().catch(undefined),
	error: z.looseObject({ message: text }).optional().catch(undefined),
});

export const compactionSchema = z.looseObject({
	success: z.boolean().optional().catch(undefined),
	error: text,
	summaryContent: text,
	requestId: text,
	serviceRequestId: text,
	/** Two generations of names for the counts. */
	compactionTokensUsed: z.looseObject({ model: text, duration: ms, copilotUsage }).optional().catch(undefined),
});

export const errorSchema = z.looseObject({
	errorType: text,
	message: text,
	reason: text,
	statusCode: z.int().optional().catch(undefined),
});
