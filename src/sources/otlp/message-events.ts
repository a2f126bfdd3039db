import { peek } from '../../core/foreign.ts';
import type { Message } from '../../core/message.ts';
import { normaliseMessages, parseArguments } from '../../core/normalise-messages.ts';
import type { GenAiAnswer } from '../genai-messages.ts';
import type { Attributes } from './records.ts';

/** What one event of the earlier GenAI conventions carries: a message of the prompt, or the answer. */
export type SaidInEvent = { message: Message } | { answer: GenAiAnswer; finishReason: string | null };

const roles: Readonly<Record<string, Message['role']>> = {
	'gen_ai.system.message': 'system',
	'gen_ai.user.message': 'user',
	'gen_ai.assistant.message': 'assistant',
	'gen_ai.tool.message': 'tool',
};
export const choiceEvent = 'gen_ai.choice';

/** Whether an event of this name carries a message. */
export function isMessageEvent(name: string): boolean {
	return Object.hasOwn(roles, name) || name === choiceEvent;
}

/**
 * The message of an event, from its body or, where spans carry events, from its attributes. `null`: it has no content.
 * Source: OpenTelemetry semantic conventions 1.28 to 1.36, "Generative AI events".
 */
export function saidInEvent(name: string, body: unknown, attributes: Attributes): SaidInEvent | null {
	const said = typeof body === 'object' && body !== null ? body : Object.fromEntries(attributes);
	if (name === choiceEvent) return answerOfChoice(said);
	const role = roles[name];
	if (role === undefined) return null;
	const [message] = normaliseMessages([asChatMessage(said, role)]);
	return message === undefined ? null : { message };
}

function answerOfChoice(said: object): SaidInEvent | null {
	// Attributes of a span's event hold no objects: there it is JSON.
	const given = peek(said, 'message');
	const answer = (typeof given === 'string' ? parseArguments(given) : given) ?? said;
	const [message] = normaliseMessages([asChatMessage(answer, 'assistant')]);
	if (message === undefined) return null;
	const finishReason = peek(said, 'finish_reason');
	return {
		answer: {
			completion: typeof message.content === 'string' ? message.content || null : textOf(message.content),
			reasoning: null,
			toolCalls: message.toolCalls ?? [],
		},
		finishReason: typeof finishReason === 'string' ? finishReason : null,
	};
}

/** The shape of OpenAI's chat messages, which these events follow. */
function asChatMessage(said: unknown, role: Message['role']): object {
	const content = typeof said === 'string' ? said : peek(said, 'content');
	const given = peek(said, 'tool_calls');
	const calls = typeof given === 'string' ? parseArguments(given) : given;
	const id = peek(said, 'id');
	return {
		role,
		content: content ?? '',
		...(Array.isArray(calls) ? { tool_calls: calls } : {}),
		...(role === 'tool' && typeof id === 'string' ? { tool_call_id: id } : {}),
	};
}

function textOf(parts: readonly { text?: string | undefined }[]): string | null {
	const texts = parts.flatMap(({ text }) => (text ? [text] : []));
	return texts.length > 0 ? texts.join('\n') : null;
}
