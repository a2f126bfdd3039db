import type { CallDraftInput, ResponseDraftInput } from '../../core/draft.ts';
import { Answer } from '../../core/provider-answer.ts';
import { type ProviderApi, protocolOfApi } from '../../core/provider-api.ts';
import { type Asked, askedBy, askedUnread } from '../../core/provider-asked.ts';
import { textOf } from './decode.ts';
import { EventStream } from './event-stream.ts';
import type { KeptBytes, ProxiedAnswer, ProxiedRequest } from './exchange.ts';

/** What both drafts of a call share, kept from its request to its answer. */
export interface OpenExchange {
	request: Omit<ProxiedRequest, 'body'>;
	model: string;
	sessionId: string;
}

/** Programs by the start of their `User-Agent`; others are named after the proxy. */
const agents: readonly [RegExp, string][] = [
	[/^claude-cli\//, 'claude-code'],
	[/^codex(_|-|\/)/, 'codex'],
	[/^GeminiCLI\//i, 'gemini-cli'],
	[/^opencode\//, 'opencode'],
	[/^(kilo|Kilo-?Code)\//, 'kilo-code'],
	[/^(Roo-?Code)\//i, 'roo-code'],
	[/^(Cline)\//i, 'cline'],
];

/** The `llm_call` of a request that has left, and what its answer needs of it. */
export async function callDraftOf(proxied: ProxiedRequest): Promise<{ draft: CallDraftInput; open: OpenExchange }> {
	const asked = await read(proxied);
	const { body: _, ...request } = proxied;
	const day = new Date(request.startedAtMs).toISOString().slice(0, 10);
	const open: OpenExchange = {
		request,
		model: asked.model,
		sessionId: request.session ?? asked.session ?? `proxy:${agentOf(request.agent)}:${day}`,
	};
	const { session: _session, model, ...content } = asked;
	return {
		draft: {
			eventType: 'llm_call',
			...identityOf(open),
			model,
			startedAtMs: request.startedAtMs,
			folder: request.folder,
			...content,
		},
		open,
	};
}

/** The `llm_response` of an exchange that is over. */
export async function responseDraftOf(open: OpenExchange, proxied: ProxiedAnswer): Promise<ResponseDraftInput> {
	const answer = await readAnswer(open.request.api, proxied);
	const notes: string[] = [];
	const usage = answer.usage(notes);
	const state = stateOf(proxied, answer);
	const cost = answer.reportedCostUsd();
	const cut = usage !== null && !answer.finished;
	if (cut) notes.push('The stream was cut before the final count.');
	if (proxied.body.cut) notes.push('The answer was too large to be read whole.');
	return {
		eventType: 'llm_response',
		...identityOf(open),
		aliases: [...new Set([answer.responseId, proxied.requestId].flatMap((id) => id ?? []))],
		model: answer.model ?? open.model,
		endedAtMs: open.request.startedAtMs + Math.round(proxied.latencyMs),
		state,
		finishReason: answer.finishReason,
		completion: answer.completion === '' ? null : answer.completion,
		reasoning: answer.reasoning === '' ? null : answer.reasoning,
		toolCalls: answer.toolCalls(),
		usage,
		usageMissing: usage === null && (state === 'ok' || answer.firstTokenAtMs !== null),
		usageBound: cut ? 'atLeast' : 'exact',
		usageNotes: notes,
		unpricedFees: answer.fees(),
		reportedCostUsd: cost,
		reportedBy: cost === null ? null : 'provider',
		latencyMs: proxied.latencyMs,
		timeToFirstTokenMs: answer.firstTokenAtMs,
		completionTimeMs: answer.usageAtMs,
		serviceTier: answer.serviceTier,
		error: errorOf(state, proxied, answer),
	};
}

function identityOf({ request, sessionId }: OpenExchange) {
	return {
		callId: request.callId,
		sessionId,
		agentId: agentOf(request.agent),
		origin: { source: 'proxy', record: `/proxy/${request.provider}${request.path}`, live: true },
		provider: request.provider,
		protocol: protocolOfApi[request.api],
	};
}

function agentOf(userAgent: string | null): string {
	return agents.find(([pattern]) => pattern.test(userAgent ?? ''))?.[1] ?? 'proxy';
}

async function read({ api, path, body }: ProxiedRequest): Promise<Asked> {
	const text = await wholeText(body);
	if (body.cut) return askedUnread(api, path, text);
	try {
		return askedBy(api, path, JSON.parse(text));
	} catch {
		return askedUnread(api, path, text);
	}
}

async function wholeText(body: KeptBytes): Promise<string> {
	let whole = '';
	for await (const { text } of textOf(body)) whole += text;
	return whole;
}

async function readAnswer(api: ProviderApi, { body, eventStream }: ProxiedAnswer): Promise<Answer> {
	const answer = new Answer(api);
	if (!eventStream) {
		let whole = '';
		let lastMs = 0;
		for await (const { atMs, text } of textOf(body)) {
			whole += text;
			lastMs = atMs;
		}
		try {
			answer.take(JSON.parse(whole), lastMs);
		} catch {
			// A page of a gateway, or half an answer: nothing to read, unless it is a stream that was not named one.
			const stream = new EventStream();
			for (const event of [...stream.add(whole), ...stream.end()]) answer.take(event, lastMs);
		}
		return answer;
	}
	const stream = new EventStream();
	let lastMs = 0;
	for await (const { atMs, text } of textOf(body)) {
		for (const event of stream.add(text)) answer.take(event, atMs);
		lastMs = atMs;
	}
	for (const event of stream.end()) answer.take(event, lastMs);
	return answer;
}

function stateOf({ end, status, eventStream, body }: ProxiedAnswer, answer: Answer): ResponseDraftInput['state'] {
	// Whoever has heard the end and hangs up has cancelled nothing.
	if (end.how === 'clientGone') return answer.finished ? 'ok' : 'cancelled';
	if (end.how === 'providerGone' || status === null || status >= 400 || answer.error !== null) return 'error';
	return eventStream && !answer.finished && !body.cut ? 'error' : 'ok';
}

function errorOf(
	state: ResponseDraftInput['state'],
	{ end, status }: ProxiedAnswer,
	answer: Answer,
): ResponseDraftInput['error'] {
	if (state !== 'error') return null;
	if (answer.error !== null) return { ...answer.error, status: status !== null && status >= 400 ? status : null };
	if (status !== null && status >= 400) return { message: `The provider answered with HTTP ${status}.`, status };
	if (end.how === 'providerGone') {
		const message = status === null ? 'The provider could not be reached.' : 'The provider broke off the stream.';
		return { message, code: end.code, status: null };
	}
	return { message: 'The stream ended before the answer was finished.', status: null };
}
