import { hasTokens } from '../../core/usage.ts';
import { usageFromGemini } from '../../core/usage-protocols.ts';
import { agentOf, aliasesOf, folderOf } from './agent-of.ts';
import { countIn, numberIn, textIn } from './attributes.ts';
import type { Attributes } from './records.ts';
import { nothingTold, type ReportedCall } from './reported-call.ts';

export const geminiResponse = 'gemini_cli.api_response';
export const geminiError = 'gemini_cli.api_error';

/** The provider's counts under the agent's names. Output leaves thoughts out, which are billed as output. */
const counts = {
	promptTokenCount: 'input_token_count',
	candidatesTokenCount: 'output_token_count',
	cachedContentTokenCount: 'cached_content_token_count',
	thoughtsTokenCount: 'thoughts_token_count',
	toolUsePromptTokenCount: 'tool_token_count',
} as const;

/**
 * What `gemini_cli.api_response` and the event of the GenAI conventions that comes with it have in common: the session and
 * the moment. `null`: one of them is missing.
 */
export function geminiKey(attributes: Attributes): string | null {
	const session = textIn(attributes, 'session.id');
	const moment = textIn(attributes, 'event.timestamp');
	return session === null || moment === null ? null : `gemini:${session}:${moment}`;
}

/** A request of Gemini CLI. Source: Gemini CLI documentation, "Observability with OpenTelemetry". */
export function geminiCall(
	resource: Attributes,
	attributes: Attributes,
	about: Pick<ReportedCall, 'callId' | 'record' | 'endedAtMs'> & { failed: boolean },
): ReportedCall {
	const { failed, ...rest } = about;
	const latencyMs = numberIn(attributes, 'duration_ms');
	const auth = textIn(attributes, 'auth_type') ?? '';
	return {
		...nothingTold,
		...rest,
		aliases: aliasesOf(textIn(attributes, 'response_id')),
		sessionId: textIn(attributes, 'session.id') ?? textIn(resource, 'session.id') ?? 'otlp:gemini-cli',
		agentId: agentOf(resource) === 'otlp' ? 'gemini-cli' : agentOf(resource),
		// Signed in with an account instead of a key: not paid by the token.
		billing: /oauth|login/i.test(auth) ? 'subscription' : 'api',
		startedAtMs: Math.max(0, Math.round(rest.endedAtMs - (latencyMs ?? 0))),
		latencyMs,
		provider: 'google',
		model: textIn(attributes, 'model'),
		protocol: 'gemini',
		folder: folderOf(resource, attributes),
		...(failed ? errorOf(attributes) : {}),
		...usageOf(attributes),
	};
}

function usageOf(attributes: Attributes): Pick<ReportedCall, 'usage' | 'usageNotes'> {
	const notes: string[] = [];
	const said = Object.entries(counts).flatMap(([theirs, ours]) => {
		const count = countIn(attributes, notes, ours);
		return count === null ? [] : [[theirs, count] as const];
	});
	const usage = usageFromGemini(Object.fromEntries(said), notes);
	return usage !== null && hasTokens(usage) ? { usage, usageNotes: notes } : { usage: null, usageNotes: [] };
}

function errorOf(attributes: Attributes): Pick<ReportedCall, 'state' | 'error'> {
	const status = numberIn(attributes, 'status_code', 'http.status_code');
	return {
		state: 'error',
		error: {
			message: textIn(attributes, 'error.message', 'error') ?? 'The request failed.',
			status: status !== null && Number.isInteger(status) && status > 0 ? status : null,
			code: textIn(attributes, 'error_type', 'error.type'),
		},
	};
}
