import type { DraftInput } from '../../core/draft.ts';
import type { TrackedCost } from '../cost-recorder.ts';
import type { Prepared } from '../prepared-content.ts';
import type { CheckedLine } from './line-checker.ts';

/** What an event of another ledger says, as a source would tell it: for a session that goes on otherwise here. */
export function draftOfLine({ line, request, response }: CheckedLine): DraftInput {
	const { sessionId, agentId } = line;
	switch (line.eventType) {
		case 'llm_call': {
			const { payload } = line;
			return {
				...identityOf(line.payload),
				eventType: 'llm_call',
				sessionId,
				agentId,
				startedAtMs: payload.startedAtMs,
				kind: payload.kind,
				parentSessionId: payload.parentSessionId,
				mode: payload.mode,
				folder: payload.folder,
				gitBranch: payload.gitBranch,
				gitCommit: payload.gitCommit,
				messageCount: payload.messageCount,
				parameters: (jsonOf(request?.parameters ?? null) as Record<string, unknown> | null) ?? payload.parameters,
				...(request === null
					? { contentState: 'none' }
					: {
							contentState: payload.contentState,
							title: request.title,
							systemPrompt: jsonOf(request.system) as string | null,
							messages: request.messages.map(jsonOf) as never,
							tools: (jsonOf(request.tools) ?? []) as never,
						}),
			};
		}
		case 'llm_response': {
			const { payload } = line;
			const said = jsonOf(response?.message ?? null) as { content: string; toolCalls?: never } | null;
			return {
				...identityOf(line.payload),
				eventType: 'llm_response',
				sessionId,
				agentId,
				endedAtMs: payload.endedAtMs,
				state: payload.state,
				finishReason: payload.finishReason,
				usage: payload.usage,
				usageMissing: payload.usageMissing,
				usageBound: payload.usageBound,
				usageNotes: payload.usageNotes,
				reportedCostUsd: payload.cost.reportedNanoUsd === null ? null : payload.cost.reportedNanoUsd / 1e9,
				reportedBy: payload.cost.reportedBy,
				unpricedFees: payload.unpricedFees,
				latencyMs: payload.latencyMs,
				timeToFirstTokenMs: payload.timeToFirstTokenMs,
				completionTimeMs: payload.completionTimeMs,
				inferenceProvider: payload.inferenceProvider,
				serviceTier: payload.serviceTier,
				error: payload.error && {
					message: (jsonOf(response?.error ?? null) as string | null) ?? '',
					status: payload.error.status,
					code: payload.error.code,
				},
				completion: payload.completionDigest === null ? null : (said?.content ?? null),
				reasoning: jsonOf(response?.reasoning ?? null) as string | null,
				toolCalls: said?.toolCalls ?? [],
				contentState: response === null ? 'none' : payload.contentState,
			};
		}
		case 'cost_tracked':
			return { eventType: 'cost_tracked', description: null, ...costOfLine(line) };
	}
}

/** A cost without tokens, as its event tells it. */
export function costOfLine(line: Extract<CheckedLine['line'], { eventType: 'cost_tracked' }>): TrackedCost {
	const { sessionId, agentId, timestamp, payload } = line;
	const { callId, provider, model, costUsd, origin } = payload;
	return { sessionId, agentId, origin, atMs: Date.parse(timestamp), callId, provider, model, costUsd };
}

function identityOf<P extends { callId: string; aliases: string[]; provider: string; model: string }>(payload: P) {
	const { callId, aliases, origin, provider, model, protocol } = payload as P & {
		origin: { source: string };
		protocol: 'anthropic' | 'openai' | 'gemini' | null;
	};
	// It did not happen just now, and is not to be told as if.
	return { callId, aliases, origin: { ...origin, live: false }, provider, model, protocol };
}

/** Checked by its digest, and by its schema before that. */
function jsonOf(text: Prepared | null): unknown {
	return text === null ? null : JSON.parse(text.json);
}
