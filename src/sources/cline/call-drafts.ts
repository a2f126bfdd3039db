import type { CallDraftInput, Protocol, ResponseDraftInput } from '../../core/draft.ts';
import { firstText, peek } from '../../core/foreign.ts';
import type { Message, ToolCall } from '../../core/message.ts';
import { normaliseMessages } from '../../core/normalise-messages.ts';
import { hasTokens } from '../../core/usage.ts';
import { readCount, usageOfInclusiveInput } from '../../core/usage-counting.ts';
import { billingOfProvider, providerOf } from '../agent-providers.ts';
import { firstLineOf } from '../first-line.ts';
import type { SessionMessage } from './records.ts';
import type { SessionCall } from './session-calls.ts';
import type { SessionFile } from './session-file.ts';

/** The same agent as Cline 3.x, whose tasks lie elsewhere. */
const agentId = 'cline';

/**
 * Makes drafts of the calls of one file. Messages are normalised once and shared between prompts: a session costs its
 * own size, however many calls it has.
 */
export class CallDrafts {
	readonly #file: SessionFile;
	readonly #path: string;
	readonly #contentSinceMs: number;
	readonly #normalised: Message[][] = [];
	readonly #title: string | null;
	/** What the last message before each call of the user's own says of the mode. */
	#mode: { upTo: number; mode: string | null } = { upTo: 0, mode: null };

	constructor(file: SessionFile, path: string, contentSinceMs: number) {
		this.#file = file;
		this.#path = path;
		this.#contentSinceMs = contentSinceMs;
		const { manifest, messages, isSubagent } = file;
		const first = messages.find(({ role }) => role === 'user');
		const words = first === undefined ? null : userWords(first.content);
		this.#title = firstLineOf(isSubagent ? words : (manifest?.metadata?.title ?? manifest?.prompt ?? words));
	}

	/** Both drafts of a call. Calls come in their order. */
	draftsOf(call: SessionCall): [CallDraftInput, ResponseDraftInput] {
		const { message, index, startedAtMs, endedAtMs } = call;
		const { rootId, sessionId, isSubagent, manifest, systemPrompt, contentLeftOut } = this.#file;
		const agentProvider = message.modelInfo?.provider ?? manifest?.provider ?? 'unknown';
		const model = message.modelInfo?.id ?? manifest?.model ?? 'unknown';
		const withContent = !contentLeftOut && startedAtMs >= this.#contentSinceMs;
		const contentState = withContent ? 'full' : contentLeftOut ? 'none' : 'off';
		const prompt = contentLeftOut ? null : this.#promptBefore(index);
		const identity = {
			callId: `${agentId}:${message.id}`,
			sessionId,
			agentId,
			origin: { source: agentId, record: `${this.#path}#${message.id}`, billing: billingOfProvider(agentProvider) },
			provider: providerOf(agentProvider),
			model,
			protocol: protocolOf(agentProvider, model),
			contentState,
		} as const;
		const answer = answerOf(withContent ? message.content : null);
		return [
			{
				...identity,
				eventType: 'llm_call',
				startedAtMs,
				kind: isSubagent ? 'subagent' : 'chat',
				parentSessionId: isSubagent ? rootId : null,
				title: this.#title,
				mode: this.#modeBefore(index),
				folder: folderOf(this.#file),
				systemPrompt: withContent ? systemPrompt : null,
				messages: withContent ? (prompt ?? []) : [],
				messageCount: (prompt?.length ?? index) + (systemPrompt === null ? 0 : 1),
			},
			{
				...identity,
				eventType: 'llm_response',
				endedAtMs,
				...this.#outcome(call),
				...answer,
				...countsOf(message.metrics),
				latencyMs: endedAtMs - startedAtMs,
			},
		];
	}

	/** An answer without counts at the end of a session that did not end well is one that did not come. */
	#outcome({ message, index }: SessionCall): Pick<ResponseDraftInput, 'state' | 'error'> {
		const { manifest, messages } = this.#file;
		if (message.metrics !== undefined || index !== messages.length - 1) return { state: 'ok' };
		if (manifest?.status === 'cancelled') return { state: 'cancelled' };
		if (manifest?.status !== 'failed') return { state: 'ok' };
		return { state: 'error', error: { message: 'The session failed before the answer was complete.' } };
	}

	#promptBefore(end: number): Message[] {
		const prompt: Message[] = [];
		for (let index = 0; index < end; index++) {
			this.#normalised[index] ??= normaliseMessages([withReadableResults(this.#file.messages[index])]);
			for (const message of this.#normalised[index] ?? []) prompt.push(message);
		}
		return prompt;
	}

	#modeBefore(end: number): string | null {
		for (; this.#mode.upTo < end; this.#mode.upTo++) {
			const message = this.#file.messages[this.#mode.upTo];
			if (message?.role !== 'user') continue;
			const mode = modeIn(message.content);
			if (mode !== null) this.#mode.mode = mode;
		}
		return this.#mode.mode;
	}
}

/** The session's working directory; `null` when nothing tells. */
export function folderOf({ manifest }: SessionFile): string | null {
	return firstText(manifest?.cwd, manifest?.workspace_root);
}

/**
 * Token counts of one answer. `inputTokens` counts cache reads and writes in, for every provider; how long a write lives
 * is not said. All zero means that the provider sent no usage: no request has an empty prompt. A cost of 0 is also
 * written where Cline knows no price, and says nothing.
 */
function countsOf(
	metrics: ({ cost?: number | undefined } & object) | undefined,
): Pick<ResponseDraftInput, 'usage' | 'usageMissing' | 'usageNotes' | 'reportedCostUsd' | 'reportedBy'> {
	if (metrics === undefined) return { usage: null, usageMissing: true };
	const notes: string[] = [];
	const usage = usageOfInclusiveInput(
		{
			input: readCount(metrics, 'inputTokens', notes),
			output: readCount(metrics, 'outputTokens', notes),
			cacheRead: readCount(metrics, 'cacheReadTokens', notes),
			cacheWrite: readCount(metrics, 'cacheWriteTokens', notes),
			cacheWrite5m: null,
			cacheWrite1h: null,
			reasoning: null,
		},
		true,
		notes,
	);
	if (!hasTokens(usage)) return { usage: null, usageMissing: true };
	const cost = metrics.cost ?? 0;
	return { usage, usageNotes: notes, ...(cost > 0 ? { reportedCostUsd: cost, reportedBy: 'agent' as const } : {}) };
}

/** Cline writes what a tool gave as a list of questions and their results: kept as the text that it is. */
function withReadableResults(message: SessionMessage | undefined): unknown {
	if (message === undefined || !Array.isArray(message.content)) return message;
	const content = message.content.map((block: unknown) => {
		const results = peek(block, 'type') === 'tool_result' ? peek(block, 'content') : null;
		if (!Array.isArray(results)) return block;
		const readable = results.map((each: unknown) => {
			const text = peek(each, 'type') === undefined ? firstText(peek(each, 'result'), peek(each, 'error')) : null;
			return text === null ? each : { type: 'text', text };
		});
		return { ...(block as object), content: readable };
	});
	return { ...message, content };
}

function answerOf(content: unknown): { completion: string | null; reasoning: string | null; toolCalls: ToolCall[] } {
	const [message] = normaliseMessages([{ role: 'assistant', content }]);
	if (content === null || message === undefined) return { completion: null, reasoning: null, toolCalls: [] };
	const parts = typeof message.content === 'string' ? [{ type: 'text', text: message.content }] : message.content;
	const textOf = (type: string): string | null => {
		const texts = parts.flatMap((part) => (part.type === type && part.text ? [part.text] : []));
		return texts.length === 0 ? null : texts.join('\n');
	};
	return { completion: textOf('text'), reasoning: textOf('reasoning'), toolCalls: message.toolCalls ?? [] };
}

/** Who counts and bills as which API does. `null`: a gateway, or not known. */
function protocolOf(agentProvider: string, model: string): Protocol {
	if (agentProvider === 'anthropic' || agentProvider === 'claude-code') return 'anthropic';
	if (agentProvider === 'bedrock' || agentProvider === 'vertex') return /claude/i.test(model) ? 'anthropic' : null;
	if (agentProvider === 'gemini') return 'gemini';
	return agentProvider.startsWith('openai') ? 'openai' : null;
}

const userInput = /^\s*<user_input(?: mode="(\w+)")?[^>]*>([\s\S]*?)(?:<\/user_input>|$)/;

function textsIn(content: unknown): string[] {
	if (typeof content === 'string') return [content];
	return Array.isArray(content) ? content.flatMap((block) => firstText(peek(block, 'text')) ?? []) : [];
}

function modeIn(content: unknown): string | null {
	for (const text of textsIn(content)) {
		const mode = userInput.exec(text)?.[1];
		if (mode !== undefined) return mode;
	}
	return null;
}

/** The user's own words, without the tag that Cline puts around them. */
function userWords(content: unknown): string | null {
	const [text] = textsIn(content);
	return text === undefined ? null : (userInput.exec(text)?.[2] ?? text);
}
