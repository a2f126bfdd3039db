import type { CallDraftInput, ResponseDraftInput } from '../core/draft.ts';
import type { LlmCallPayload } from '../core/ingress.ts';
import type { Message, ToolCall } from '../core/message.ts';
import type { EventInput } from '../core/outside/event-input.ts';
import { type LoggedRequest, requestEventOf, responseEventOf } from '../core/outside/logged-call.ts';
import { usageInputOf } from '../core/outside/usage-input.ts';

/** Messages in the shape in which programs outside hand them in. At least one: a request has one. */
export function messageInputs(messages: readonly Message[]): LlmCallPayload['messages'] {
	if (messages.length === 0) return [{ role: 'user', content: '' }];
	return messages.map(({ toolCalls, ...message }) => ({
		...message,
		...(toolCalls !== undefined && { toolCalls: toolCallInputs(toolCalls) }),
	}));
}

/** Tool calls in that shape. What a model wrote that is no JSON object stands under `unparsed`. */
export function toolCallInputs(toolCalls: readonly ToolCall[]) {
	return toolCalls.map(({ id, name, arguments: value }) => ({
		id,
		name,
		arguments:
			typeof value === 'object' && value !== null && !Array.isArray(value)
				? (value as Record<string, unknown>)
				: { unparsed: value },
	}));
}

/** What the hook of a task loop saw, as the events that a server takes. */
export class DraftEvents {
	readonly #redact: boolean;
	/** What both events of a call under way share, by `callId`. */
	readonly #requests = new Map<string, LoggedRequest>();

	constructor(redact: boolean) {
		this.#redact = redact;
	}

	eventOf(draft: CallDraftInput | ResponseDraftInput): EventInput {
		return draft.eventType === 'llm_call' ? this.#request(draft) : this.#response(draft);
	}

	#request(draft: CallDraftInput): EventInput {
		const request: LoggedRequest = {
			provider: draft.provider,
			model: draft.model,
			messages: messageInputs(draft.messages ?? []),
			systemPrompt: draft.systemPrompt ?? undefined,
			parameters: draft.parameters,
			tools: draft.tools,
			protocol: draft.protocol ?? undefined,
			agentId: draft.agentId,
			// A prompt that could not be read is none that was empty.
			redact: this.#redact || (draft.contentState ?? 'full') !== 'full',
			title: draft.title ?? undefined,
			mode: draft.mode ?? undefined,
			folder: draft.folder ?? undefined,
			parentSessionId: draft.parentSessionId ?? undefined,
			kind: draft.kind,
			billing: draft.origin.billing,
		};
		const { messages: _messages, systemPrompt: _system, tools: _tools, parameters: _parameters, ...shared } = request;
		this.#requests.set(draft.callId, { ...shared, messages: [] });
		return requestEventOf(request, { ...identityOf(draft), atMs: draft.startedAtMs });
	}

	#response(draft: ResponseDraftInput): EventInput {
		const { callId, provider, model, agentId } = draft;
		const known = this.#requests.get(callId);
		this.#requests.delete(callId);
		const request = { ...(known ?? { provider, model, messages: [], agentId }), redact: this.#redact };
		const [responseId, requestId] = draft.aliases ?? [];
		const state = draft.state === 'ok' ? null : draft.state;
		const { error } = draft;
		return responseEventOf(
			request,
			{
				responseModel: model,
				completion: draft.completion ?? null,
				reasoning: draft.reasoning ?? undefined,
				toolCalls: draft.toolCalls === undefined ? undefined : toolCallInputs(draft.toolCalls.map(withArguments)),
				finishReason: state ?? draft.finishReason ?? 'unknown',
				usage: draft.usage && usageInputOf(draft.usage),
				usageBound: draft.usageBound,
				unpricedFees: draft.unpricedFees,
				costUsd: draft.reportedCostUsd ?? null,
				costReportedBy: draft.reportedBy ?? undefined,
				latencyMs: draft.latencyMs ?? 0,
				timeToFirstTokenMs: draft.timeToFirstTokenMs ?? undefined,
				responseId,
				requestId,
				serviceTier: draft.serviceTier ?? undefined,
				inferenceProvider: draft.inferenceProvider ?? undefined,
				error: error
					? { message: error.message, status: error.status ?? undefined, code: error.code ?? undefined }
					: undefined,
			},
			{ ...identityOf(draft), atMs: draft.endedAtMs },
		);
	}
}

function identityOf({ callId, sessionId, agentId }: CallDraftInput | ResponseDraftInput) {
	return { callId, sessionId, agentId };
}

function withArguments(call: { id: string; name: string; arguments?: unknown }): ToolCall {
	return { ...call, arguments: call.arguments };
}
