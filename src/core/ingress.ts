import * as z from 'zod';
import { contentPartSchema } from './message.ts';

/**
 * The payloads that HTTP, the SDK and MCP take in. Field names and what is required are the specification's; what the
 * ledger keeps is a superset (`stored-events.ts`), reached through a draft (`ingress-drafts.ts`).
 */

const callId = z.string('callId is required: the id that pairs llm_call and llm_response').min(1, 'callId is empty');
const provider = z.string('provider is required, such as "anthropic"').min(1, 'provider is empty');
const model = z.string('model is required, such as "claude-sonnet-4-5"').min(1, 'model is empty');
const costUsd = z.number('costUsd must be a number of US dollars').min(0, 'costUsd is negative');
/** `null`: the sender does not know, and the price table is asked. */
const costOrUnknown = z
	.number('costUsd must be a number of US dollars, or null')
	.min(0, 'costUsd is negative')
	.nullable();

/** The API family, which says how it counts: with `openai` and `gemini` no word of cache writes means that there are none. */
const protocol = z.enum(['anthropic', 'openai', 'gemini']).optional();

/** Tokens: a whole number. Anything else would be summed wrongly, and so is refused. */
const tokens = z.int('must be a whole number of tokens').min(0, 'must not be negative');

const llmToolCallSchema = z.object({
	id: z.string(),
	name: z.string(),
	arguments: z.record(z.string(), z.unknown(), 'arguments must be an object: parse the JSON text before sending it'),
});

export const llmMessageSchema = z.object({
	role: z.enum(['system', 'user', 'assistant', 'tool']),
	content: z.union([z.string(), z.array(contentPartSchema)], 'content must be text or a list of parts with a type'),
	/** For role `tool`: which tool call this answers. */
	toolCallId: z.string().optional(),
	/** For role `assistant`: the tool calls that the model wants to make. */
	toolCalls: z.array(llmToolCallSchema).optional(),
});
export interface LlmMessage extends z.infer<typeof llmMessageSchema> {}

/** A request that was sent to a model. */
export const llmCallPayloadSchema = z.object({
	callId,
	provider,
	model,
	messages: z
		.array(llmMessageSchema, 'messages is required: what was sent to the model')
		.min(1, 'messages is empty: a request has at least one message'),
	systemPrompt: z.string().optional(),
	parameters: z
		.object({
			temperature: z.number().optional(),
			maxTokens: z.number().optional(),
			topP: z.number().optional(),
			stopSequences: z.array(z.string()).optional(),
		})
		.catchall(z.unknown())
		.optional(),
	tools: z
		.array(
			z.object({
				name: z.string(),
				description: z.string().optional(),
				parameters: z.record(z.string(), z.unknown()).optional(),
			}),
		)
		.optional(),
	protocol,
	/** The content was taken out before it was sent here. */
	redacted: z.boolean().optional(),
});
export interface LlmCallPayload extends z.infer<typeof llmCallPayloadSchema> {}

/** What came back. */
export const llmResponsePayloadSchema = z.object({
	callId,
	provider,
	/** The model that answered, which may differ from the one asked for. */
	model,
	completion: z.string('completion must be text, or null when there is none').nullable(),
	/** What the model thought, where the provider tells it. Content. */
	reasoning: z.string().optional(),
	toolCalls: z.array(llmToolCallSchema).optional(),
	/** `stop`, `length`, `tool_use`, `content_filter`, `error`, or the provider's own word. */
	finishReason: z.string('finishReason is required, such as "stop"').min(1, 'finishReason is empty'),
	/** `null`: the provider told none. */
	usage: z
		.object(
			{
				/** All prompt tokens, cache reads and writes included. */
				inputTokens: tokens,
				/** All generated tokens, thinking included. */
				outputTokens: tokens,
				totalTokens: tokens,
				thinkingTokens: tokens.optional(),
				cacheReadTokens: tokens.optional(),
				/** All cache writes; those below are parts of it. */
				cacheWriteTokens: tokens.optional(),
				/** By their time to live, which some providers price apart. */
				cacheWrite5mTokens: tokens.optional(),
				cacheWrite1hTokens: tokens.optional(),
			},
			'usage is required, with inputTokens, outputTokens and totalTokens, or null',
		)
		.nullable(),
	/** How the counts relate to what was served: `atLeast` of a stream that was cut. Default `exact`. */
	usageBound: z.enum(['exact', 'atLeast', 'atMost']).optional(),
	/** What was billed beside the tokens and has no price here, such as `web search`: a computed cost is then a lower bound. */
	unpricedFees: z.array(z.string().min(1)).optional(),
	costUsd: costOrUnknown,
	/** Who says what it cost. A provider is believed more than the price table, an agent less. Default `agent`. */
	costReportedBy: z.enum(['provider', 'agent']).optional(),
	latencyMs: z.number('latencyMs must be a number of milliseconds').min(0, 'latencyMs is negative'),
	/** Request start to the first token of the answer. */
	timeToFirstTokenMs: z.number().min(0).optional(),
	/** The provider's own ids of the answer and of the request: by them the same call is known when it is seen elsewhere. */
	responseId: z.string().min(1).optional(),
	requestId: z.string().min(1).optional(),
	/** `batch`, `priority`, `flex`, `fast`, …: tiers that are priced apart. Absent: the standard one. */
	serviceTier: z.string().min(1).optional(),
	/** The provider behind a gateway that really served the call. */
	inferenceProvider: z.string().min(1).optional(),
	protocol,
	/** What went wrong, for a `finishReason` of `error`. The message is content. */
	error: z.object({ message: z.string(), status: z.int().optional(), code: z.string().optional() }).optional(),
	redacted: z.boolean().optional(),
});
export interface LlmResponsePayload extends z.infer<typeof llmResponsePayloadSchema> {}

/** A cost without tokens. It never adds to an `llm_response` with the same `callId`. */
export const costTrackedPayloadSchema = z.object({
	callId: callId.optional(),
	provider: provider.optional(),
	model: model.optional(),
	costUsd,
	description: z.string().optional(),
});
export interface CostTrackedPayload extends z.infer<typeof costTrackedPayloadSchema> {}

/** The payload schema of each event type. */
export const payloadSchemasByEventType = {
	llm_call: llmCallPayloadSchema,
	llm_response: llmResponsePayloadSchema,
	cost_tracked: costTrackedPayloadSchema,
} as const;
