import type { CallKind } from '../../core/draft.ts';
import { hasTokens } from '../../core/usage.ts';
import { usageOfExclusiveInput } from '../../core/usage-counting.ts';
import { agentOf, aliasesOf, folderOf } from './agent-of.ts';
import { countIn, numberIn, textIn } from './attributes.ts';
import type { Attributes } from './records.ts';
import { nothingTold, type ReportedCall } from './reported-call.ts';

/** Logs of one request each: answered, or failed for good. */
export const claudeRequest = 'claude_code.api_request';
export const claudeError = 'claude_code.api_error';
/** The span of a request: the same call as its log. */
export const claudeSpan = 'claude_code.llm_request';

/** The id of the request, which log, span and transcript share. */
export function claudeRequestId(attributes: Attributes): string | null {
	return textIn(attributes, 'request_id');
}

/**
 * A request of Claude Code. Input leaves the cache out; what was written to a cache is told, its time to live is not.
 * `cost_usd` is the agent's own reckoning. Numbers may be text.
 * Source: Claude Code documentation, "Monitoring", events and spans.
 */
export function claudeCall(
	resource: Attributes,
	attributes: Attributes,
	about: Pick<ReportedCall, 'callId' | 'record' | 'endedAtMs'> & { startedAtMs: number | null; failed: boolean },
): ReportedCall {
	const { failed, startedAtMs, ...rest } = about;
	const latencyMs = numberIn(attributes, 'duration_ms');
	const model = textIn(attributes, 'model', 'gen_ai.request.model');
	const requestId = claudeRequestId(attributes);
	const session = textIn(attributes, 'session.id') ?? textIn(resource, 'session.id');
	const source = textIn(attributes, 'query_source');
	return {
		...nothingTold,
		...rest,
		aliases: aliasesOf(requestId, textIn(attributes, 'gen_ai.response.id')),
		sessionId: session ?? 'otlp:claude-code',
		agentId: agentOf(resource) === 'otlp' ? 'claude-code' : agentOf(resource),
		startedAtMs: startedAtMs ?? Math.max(0, Math.round(rest.endedAtMs - (latencyMs ?? 0))),
		latencyMs: latencyMs ?? (startedAtMs === null ? null : rest.endedAtMs - startedAtMs),
		timeToFirstTokenMs: numberIn(attributes, 'ttft_ms'),
		provider: providerOfModel(model),
		model,
		protocol: 'anthropic',
		kind: kindOf(source),
		folder: folderOf(resource, attributes),
		...(failed ? errorOf(attributes) : {}),
		finishReason: textIn(attributes, 'stop_reason'),
		...usageOf(attributes),
		costUsd: failed ? null : numberIn(attributes, 'cost_usd'),
		serviceTier: textIn(attributes, 'speed') === 'fast' ? 'fast' : null,
	};
}

function usageOf(attributes: Attributes): Pick<ReportedCall, 'usage' | 'usageNotes'> {
	const notes: string[] = [];
	const count = (key: string) => countIn(attributes, notes, key);
	const usage = usageOfExclusiveInput(
		{
			input: count('input_tokens'),
			output: count('output_tokens'),
			cacheRead: count('cache_read_tokens'),
			cacheWrite: count('cache_creation_tokens'),
			cacheWrite5m: null,
			cacheWrite1h: null,
			reasoning: null,
		},
		notes,
	);
	return hasTokens(usage) ? { usage, usageNotes: notes } : { usage: null, usageNotes: [] };
}

function errorOf(attributes: Attributes): Pick<ReportedCall, 'state' | 'error'> {
	const status = numberIn(attributes, 'status_code');
	const message = textIn(attributes, 'error', 'error.message') ?? 'The request failed.';
	const whole = status !== null && Number.isInteger(status) && status > 0 ? status : null;
	return { state: 'error', error: { message, status: whole, code: null } };
}

/** Who serves a model, as far as its name tells: Amazon's names have a prefix, Google's a version behind `@`. */
function providerOfModel(model: string | null): string | null {
	if (model === null) return null;
	if (/^(?:arn:aws|(?:[a-z-]{2,6}\.)?anthropic\.)/i.test(model)) return 'aws';
	if (/^claude-.*@\d/i.test(model)) return 'google';
	return /^claude/i.test(model) ? 'anthropic' : null;
}

/** What a request was for, by the part of the agent that made it. */
function kindOf(source: string | null): CallKind {
	if (source === null) return 'chat';
	if (/compact/i.test(source)) return 'condense';
	if (/title/i.test(source)) return 'title';
	return /agent/i.test(source) ? 'subagent' : 'chat';
}
