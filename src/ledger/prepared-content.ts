import { canonicalJson } from '../core/canonical-json.ts';
import type { CallDraft, ResponseDraft } from '../core/draft.ts';
import { contentDigest, promptStart, rollPrompt } from '../core/hash-chain.ts';
import type { Message } from '../core/message.ts';
import { type CallDigests, plainParameters, type ResponseDigests } from '../core/stored-events.ts';
import { sha256 } from './event-log.ts';

/** A text on its way into the store: canonical JSON and its SHA-256 in hex. */
export interface Prepared {
	json: string;
	digest: string;
}

/** What a request brings, masked and ready to store. */
export interface CallContent {
	messages: Prepared[];
	system: Prepared | null;
	tools: Prepared | null;
	/** Only where parameters say more than numbers and switches, which the event has. */
	parameters: Prepared | null;
	title: string | null;
}

export interface ResponseContent {
	message: Prepared | null;
	reasoning: Prepared | null;
	error: Prepared | null;
}

export function prepare(value: unknown): Prepared {
	const json = canonicalJson(value);
	return { json, digest: sha256(json) };
}

/** The content of a request that has been through the content setting. */
export function callContent(draft: CallDraft): CallContent {
	const { systemPrompt, messages, tools, parameters, title } = draft;
	const plain = Object.keys(plainParameters(parameters)).length === Object.keys(parameters).length;
	return {
		messages: messages.map(prepare),
		system: systemPrompt === null ? null : prepare(systemPrompt),
		tools: tools.length === 0 ? null : prepare(tools),
		parameters: plain ? null : prepare(parameters),
		title,
	};
}

export function responseContent(draft: ResponseDraft): ResponseContent {
	const { completion, reasoning, toolCalls, error } = draft;
	return {
		message: completion === null && toolCalls.length === 0 ? null : prepare(assistantMessage(completion, toolCalls)),
		reasoning: reasoning === null ? null : prepare(reasoning),
		error: error === null || error.message === '' ? null : prepare(error.message),
	};
}

/** The digests of a request. Salted, so that they tell nothing about a short text once the salt is deleted. */
export function callDigests(draft: CallDraft, content: CallContent, salt: string, masked: number): CallDigests {
	return {
		prompt: promptDigest(
			salt,
			content.messages.map(({ digest }) => digest),
		),
		systemPrompt: salted(salt, content.system),
		tools: salted(salt, content.tools),
		title: content.title === null ? null : salted(salt, prepare(content.title)),
		parameters: Object.keys(draft.parameters).length === 0 ? null : salted(salt, prepare(draft.parameters)),
		masked,
	};
}

export function responseDigests(
	draft: ResponseDraft,
	content: ResponseContent,
	salt: string,
	masked: number,
): ResponseDigests {
	return {
		completion: draft.completion === null ? null : salted(salt, prepare(draft.completion)),
		reasoning: salted(salt, content.reasoning),
		toolCalls: draft.toolCalls.length === 0 ? null : salted(salt, prepare(draft.toolCalls)),
		error: salted(salt, content.error),
		masked,
	};
}

/** Rolls over the messages in order; `null` for an empty prompt. `hashes` are the SHA-256 of the messages' canonical JSON. */
export function promptDigest(salt: string, hashes: readonly string[]): string | null {
	if (hashes.length === 0) return null;
	return hashes.reduce((digest, next) => rollPrompt(digest, next, sha256), promptStart(salt, sha256));
}

/** Over the text's own hash, so that a long text is read once only, however often it is sent. */
export function salted(salt: string, text: Pick<Prepared, 'digest'> | null): string | null {
	return text === null ? null : contentDigest(salt, text.digest, sha256);
}

/** A completion as the next request sends it back. */
export function assistantMessage(completion: string | null, toolCalls: ResponseDraft['toolCalls']): Message {
	const message: Message = { role: 'assistant', content: completion ?? '' };
	return toolCalls.length === 0 ? message : { ...message, toolCalls };
}
