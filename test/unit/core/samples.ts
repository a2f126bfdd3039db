import type { LlmCallPayload, LlmResponsePayload } from '../../../src/core/ingress.ts';

/** A request as an SDK sends it. */
export function callPayload(over: Partial<LlmCallPayload> = {}): LlmCallPayload {
	return {
		callId: 'call-1',
		provider: 'anthropic',
		model: 'claude-sonnet-4-5',
		messages: [{ role: 'user', content: 'Summarise this project.' }],
		...over,
	};
}

/** The response to it. */
export function responsePayload(over: Partial<LlmResponsePayload> = {}): LlmResponsePayload {
	return {
		callId: 'call-1',
		provider: 'anthropic',
		model: 'claude-sonnet-4-5',
		completion: 'A parser and its tests.',
		finishReason: 'stop',
		usage: { inputTokens: 1200, outputTokens: 80, totalTokens: 1280 },
		costUsd: 0.0048,
		latencyMs: 912.5,
		...over,
	};
}
