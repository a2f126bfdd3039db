import {
	type CallDraft,
	type CallDraftInput,
	callDraftSchema,
	type ResponseDraft,
	type ResponseDraftInput,
	responseDraftSchema,
} from '../../../src/core/draft.ts';

export const startedAtMs = Date.UTC(2026, 10, 21, 12);

const identity = {
	callId: 'call-1',
	sessionId: 'task-1',
	agentId: 'callmeter',
	origin: { source: 'task-loop', live: true },
};

/** A request of our own loop. */
export function callDraft(over: Partial<CallDraftInput> = {}): CallDraft {
	return callDraftSchema.parse({
		...identity,
		eventType: 'llm_call',
		startedAtMs,
		provider: 'anthropic',
		model: 'claude-sonnet-4-5',
		protocol: 'anthropic',
		title: 'Summarise this project',
		systemPrompt: 'You are a coding agent.',
		messages: [{ role: 'user', content: 'Summarise this project.' }],
		...over,
	});
}

/** The response to it. */
export function responseDraft(over: Partial<ResponseDraftInput> = {}): ResponseDraft {
	return responseDraftSchema.parse({
		...identity,
		eventType: 'llm_response',
		endedAtMs: startedAtMs + 912,
		provider: 'anthropic',
		model: 'claude-sonnet-4-5',
		protocol: 'anthropic',
		state: 'ok',
		finishReason: 'stop',
		completion: 'A parser and its tests.',
		usage: {
			inputTotal: 1200,
			uncachedInput: 1200,
			cacheRead: 0,
			cacheWrite5m: 0,
			cacheWrite1h: 0,
			cacheWriteUnknownTtl: 0,
			output: 80,
			reasoning: 0,
		},
		latencyMs: 912.5,
		completionTimeMs: 905.25,
		...over,
	});
}
