import { messageSchema } from '../core/message.ts';
import type { StoredAnswer } from './answer-store.ts';
import type { MessageStore } from './message-store.ts';
import { prepare, promptDigest, salted } from './prepared-content.ts';
import type { StoredPrompt } from './prompt-store.ts';

/** Digests of a stored prompt, made again from the numbers under which its texts are stored. */
export function storedCallDigests(
	store: MessageStore,
	prompt: StoredPrompt,
	salt: string,
): { prompt: string | null; systemPrompt: string | null; tools: string | null; parameters: string | null } {
	return {
		prompt: promptDigest(
			salt,
			prompt.messages.map((n) => store.digest(n) ?? ''),
		),
		systemPrompt: ofStored(store, prompt.system, salt),
		tools: ofStored(store, prompt.tools, salt),
		parameters: ofStored(store, prompt.parameters, salt),
	};
}

/** Digests of a stored answer, made again from its texts. */
export function storedResponseDigests(
	store: MessageStore,
	answer: StoredAnswer,
	salt: string,
): { completion: string | null; reasoning: string | null; toolCalls: string | null; error: string | null } {
	const json = answer.message === null ? null : store.get(answer.message);
	const message = json === null ? null : messageSchema.parse(JSON.parse(json));
	return {
		completion: message && salted(salt, prepare(message.content)),
		reasoning: ofStored(store, answer.reasoning, salt),
		toolCalls: message?.toolCalls ? salted(salt, prepare(message.toolCalls)) : null,
		error: ofStored(store, answer.error, salt),
	};
}

function ofStored(store: MessageStore, n: number | null, salt: string): string | null {
	const digest = n === null ? null : store.digest(n);
	return digest === null ? null : salted(salt, { digest });
}
