import type { ExportedCall } from '../../../../src/core/export/exported-call.ts';
import type { CallRow } from '../../../../src/core/views.ts';

/** A call on its way out, of which nearly nothing is known. */
export function exportedCall(row: Partial<CallRow> = {}, more: Partial<ExportedCall> = {}): ExportedCall {
	return {
		row: {
			callId: 'call-1',
			sessionId: 'session-1',
			agentId: 'agent-1',
			seq: 1,
			kind: 'chat',
			state: 'ok',
			usageMissing: false,
			orphan: false,
			possibleDuplicateOf: null,
			provider: 'anthropic',
			model: 'claude-sonnet-4-5',
			actualModel: null,
			startedAtMs: Date.UTC(2026, 2, 4, 10),
			endedAtMs: Date.UTC(2026, 2, 4, 10, 0, 2),
			latencyMs: 2_000,
			timeToFirstTokenMs: null,
			messageCount: null,
			inputTokens: null,
			outputTokens: null,
			cacheReadTokens: null,
			cacheWriteTokens: null,
			reasoningTokens: null,
			cost: null,
			finishReason: null,
			contentState: 'none',
			sessionTitle: null,
			parentSessionId: null,
			source: 'source-1',
			...row,
		},
		systemPrompt: null,
		messages: [],
		tools: [],
		parameters: {},
		completion: null,
		reasoning: null,
		toolCalls: [],
		usage: null,
		usageBound: 'exact',
		usageNotes: [],
		cost: null,
		inferenceProvider: null,
		serviceTier: null,
		error: null,
		mode: null,
		folder: null,
		gitBranch: null,
		gitCommit: null,
		origin: { source: 'source-1', billing: 'api', live: false },
		aliases: [],
		toolCallCount: null,
		...more,
	};
}

/** A cost of so many nano-USD. */
export function costOf(nanoUsd: number | null): NonNullable<ExportedCall['cost']> {
	return {
		shownNanoUsd: nanoUsd,
		basis: nanoUsd === null ? 'unpriced' : 'computed',
		bound: 'exact',
		computedNanoUsd: nanoUsd,
		reportedNanoUsd: null,
		reportedBy: null,
		diverges: false,
		lines: [],
		price: null,
		unpriced: nanoUsd === null ? 'unknownModel' : null,
		notes: [],
	};
}
