import type { CallDetail } from './views.ts';

/**
 * A call as indented JSON, for the clipboard or a file: what was sent, what came back, and every figure. Money is in USD,
 * times are ISO 8601, `null` is unknown. Secrets were masked when the call was stored.
 */
export function callAsJson(detail: CallDetail): string {
	return JSON.stringify(callRecord(detail), null, 2);
}

/** The same as a value. `content: false`: without what was said, and without what tells of it. */
export function callRecord(detail: CallDetail, { content = true } = {}) {
	const { row, cost, origin } = detail;
	const { error } = detail;
	return {
		callId: row.callId,
		sessionId: row.sessionId,
		agentId: row.agentId,
		seq: row.seq,
		kind: row.kind,
		state: row.state,
		provider: row.provider,
		inferenceProvider: detail.inferenceProvider,
		model: row.model,
		actualModel: row.actualModel,
		startedAt: new Date(row.startedAtMs).toISOString(),
		endedAt: row.endedAtMs === null ? null : new Date(row.endedAtMs).toISOString(),
		latencyMs: row.latencyMs,
		timeToFirstTokenMs: row.timeToFirstTokenMs,
		finishReason: row.finishReason,
		serviceTier: detail.serviceTier,
		contentState: row.contentState,
		request: content
			? {
					messageCount: row.messageCount,
					parameters: detail.parameters,
					systemPrompt: detail.systemPrompt,
					messages: detail.messages,
					tools: detail.tools,
				}
			: { messageCount: row.messageCount },
		response: content
			? {
					completion: detail.completion,
					reasoning: detail.reasoning,
					toolCalls: detail.toolCalls,
					error,
				}
			: { error: error && { status: error.status, code: error.code } },
		usage: detail.usage,
		usageBound: detail.usageBound,
		cost: cost && {
			usd: usd(cost.shownNanoUsd),
			basis: cost.basis,
			bound: cost.bound,
			billing: origin.billing,
			computedUsd: usd(cost.computedNanoUsd),
			reportedUsd: usd(cost.reportedNanoUsd),
			reportedBy: cost.reportedBy,
			lines: cost.lines.map(({ bucket, tokens, ratePicoUsd, tierStart }) => ({
				bucket,
				tokens,
				// A pico-USD a token is a millionth of a USD a million tokens.
				usdPerMillionTokens: ratePicoUsd / 1e6,
				tierStart,
			})),
			price: cost.price,
			unpriced: cost.unpriced,
			notes: cost.notes,
		},
		mode: detail.mode,
		folder: detail.folder,
		gitBranch: detail.gitBranch,
		gitCommit: detail.gitCommit,
		origin,
		aliases: detail.aliases,
		maskedSecrets: detail.maskedSecrets,
		hash: detail.hash,
	};
}

function usd(nanoUsd: number | null): number | null {
	return nanoUsd === null ? null : nanoUsd / 1e9;
}
