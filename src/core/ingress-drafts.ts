import type { CallDraftInput, CostDraft, Draft, Origin } from './draft.ts';
import { callDraftSchema, costDraftSchema, responseDraftSchema } from './draft.ts';
import type { EventType } from './events.ts';
import type { CostTrackedPayload, LlmCallPayload, LlmResponsePayload } from './ingress.ts';
import type { Usage } from './usage.ts';
import { usageOfInclusiveInput } from './usage-counting.ts';

/** An ingress event whose payload has passed `payloadSchemasByEventType`, with what its sender's connection tells. */
export type IngressEvent = {
	sessionId: string;
	agentId: string;
	/** When it happened, epoch milliseconds: for `llm_call` the start, for `llm_response` the end. */
	atMs: number;
	origin: Pick<Origin, 'source'> & Partial<Origin>;
	/** What the specification's payload has no field for. */
	context?: Pick<CallDraftInput, 'title' | 'mode' | 'folder' | 'parentSessionId' | 'kind'>;
} & (
	| { eventType: 'llm_call'; payload: LlmCallPayload }
	| { eventType: 'llm_response'; payload: LlmResponsePayload }
	| { eventType: 'cost_tracked'; payload: CostTrackedPayload }
);

/**
 * What HTTP, SDK and MCP took in, as a draft for the Recorder.
 *
 * @throws {z.ZodError} when session, agent or time are not usable; `describeIssues` says it in words.
 */
export function draftFromIngress(event: IngressEvent): Draft {
	switch (event.eventType) {
		case 'llm_call':
			return callDraft(event, event.payload);
		case 'llm_response':
			return responseDraft(event, event.payload);
		case 'cost_tracked':
			return costDraft(event, event.payload);
	}
}

type Sender = Omit<IngressEvent, 'payload' | 'eventType'> & { eventType: EventType };

function callDraft(sender: Sender, payload: LlmCallPayload): Draft {
	return callDraftSchema.parse({
		...sender.context,
		eventType: 'llm_call',
		callId: payload.callId,
		sessionId: sender.sessionId,
		agentId: sender.agentId,
		origin: sender.origin,
		startedAtMs: sender.atMs,
		provider: payload.provider,
		model: payload.model,
		protocol: payload.protocol ?? null,
		systemPrompt: payload.systemPrompt ?? null,
		messages: payload.messages,
		tools: payload.tools ?? [],
		parameters: payload.parameters ?? {},
		contentState: payload.redacted ? 'redacted' : 'full',
	});
}

const CANCELLED = new Set(['cancelled', 'canceled', 'aborted', 'abort']);

function responseDraft(sender: Sender, payload: LlmResponsePayload): Draft {
	const usageNotes: string[] = [];
	return responseDraftSchema.parse({
		eventType: 'llm_response',
		callId: payload.callId,
		sessionId: sender.sessionId,
		agentId: sender.agentId,
		aliases: [...new Set([payload.responseId, payload.requestId])].filter((id) => id !== undefined),
		origin: sender.origin,
		endedAtMs: sender.atMs,
		provider: payload.provider,
		model: payload.model,
		protocol: payload.protocol ?? null,
		state: CANCELLED.has(payload.finishReason) ? 'cancelled' : payload.finishReason === 'error' ? 'error' : 'ok',
		finishReason: payload.finishReason,
		completion: payload.completion,
		reasoning: payload.reasoning ?? null,
		toolCalls: payload.toolCalls ?? [],
		usage: payload.usage && usageFromIngress(payload.usage, payload.protocol, usageNotes),
		usageBound: payload.usageBound ?? 'exact',
		unpricedFees: payload.unpricedFees ?? [],
		usageNotes,
		reportedCostUsd: payload.costUsd,
		reportedBy: payload.costUsd === null ? null : (payload.costReportedBy ?? 'agent'),
		latencyMs: payload.latencyMs,
		timeToFirstTokenMs: payload.timeToFirstTokenMs ?? null,
		inferenceProvider: payload.inferenceProvider ?? null,
		serviceTier: payload.serviceTier ?? null,
		error: payload.error ?? null,
		contentState: payload.redacted ? 'redacted' : 'full',
	});
}

/**
 * `inputTokens` includes the cache and `outputTokens` includes thinking, as at every public border. A total that only
 * fits when thinking is counted apart shows that the sender did so.
 */
function usageFromIngress(
	usage: NonNullable<LlmResponsePayload['usage']>,
	protocol: LlmResponsePayload['protocol'],
	notes: string[],
): Usage {
	const { inputTokens, outputTokens, totalTokens, thinkingTokens = null } = usage;
	const apart =
		thinkingTokens !== null && thinkingTokens > 0 && totalTokens === inputTokens + outputTokens + thinkingTokens;
	if (!apart && totalTokens !== inputTokens + outputTokens) {
		notes.push(`totalTokens is ${totalTokens}, but input and output are ${inputTokens + outputTokens}.`);
	}
	return usageOfInclusiveInput(
		{
			input: inputTokens,
			output: apart ? outputTokens + thinkingTokens : outputTokens,
			cacheRead: usage.cacheReadTokens ?? null,
			cacheWrite: usage.cacheWriteTokens ?? null,
			cacheWrite5m: usage.cacheWrite5mTokens ?? null,
			cacheWrite1h: usage.cacheWrite1hTokens ?? null,
			reasoning: thinkingTokens,
		},
		protocol === undefined || protocol === 'anthropic',
		notes,
	);
}

function costDraft(sender: Sender, payload: CostTrackedPayload): CostDraft {
	return costDraftSchema.parse({
		eventType: 'cost_tracked',
		sessionId: sender.sessionId,
		agentId: sender.agentId,
		origin: sender.origin,
		atMs: sender.atMs,
		callId: payload.callId ?? null,
		provider: payload.provider ?? null,
		model: payload.model ?? null,
		costUsd: payload.costUsd,
		description: payload.description ?? null,
	});
}
