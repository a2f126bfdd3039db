import { firstText, peek } from '../../core/foreign.ts';
import type { ContentPart, Message, ToolCall } from '../../core/message.ts';
import { parseArguments } from '../../core/normalise-messages.ts';
import { jsonValue } from '../../core/snapshot-value.ts';

/** What one item of the conversation is in ours. */
export type Item =
	/** Part of an answer of the model. */
	| { from: 'model'; text: string | null; reasoning: string | null; toolCall: ToolCall | null }
	/** Sent to the model. */
	| { from: 'client'; message: Message };

/** Events that come with an item of the model, and so are no word from outside. */
export const comesWithItem: ReadonlySet<unknown> = new Set([
	'agent_message',
	'agent_reasoning',
	'agent_reasoning_raw_content',
	'web_search_end',
	'image_generation_end',
]);
/** Kinds of finished items that are the model's. */
export const itemsOfModel: ReadonlySet<unknown> = new Set(['AgentMessage', 'Reasoning', 'Plan']);

/** Longest reference that is kept of a picture or a file. An inline one is its whole content, in each prompt again. */
const maxUrlChars = 1_000;

/**
 * A `ResponseItem` of the Responses API, as Codex keeps it. `null` for what says nothing to a reader: encrypted
 * reasoning and compactions, and kinds that are not known.
 */
export function readItem(payload: unknown): Item | null {
	const type = firstText(peek(payload, 'type'));
	switch (type) {
		case 'message':
			return readMessage(payload);
		case 'reasoning':
			return { from: 'model', text: null, reasoning: reasoningOf(payload), toolCall: null };
		case 'function_call':
			return toolCall(payload, peek(payload, 'name'), parseArguments(peek(payload, 'arguments')));
		case 'custom_tool_call':
			return toolCall(payload, peek(payload, 'name'), peek(payload, 'input') ?? {});
		case 'local_shell_call':
			return toolCall(payload, 'local_shell', jsonValue(peek(payload, 'action') ?? {}));
		case 'tool_search_call':
			return toolCall(payload, 'tool_search', jsonValue(peek(payload, 'arguments') ?? {}));
		case 'web_search_call':
			return toolCall(payload, 'web_search', jsonValue(peek(payload, 'action') ?? {}));
		case 'image_generation_call':
			return toolCall(payload, 'image_generation', { prompt: peek(payload, 'revised_prompt') ?? null });
		case 'function_call_output':
		case 'custom_tool_call_output':
			return client('tool', outputOf(peek(payload, 'output')), firstText(peek(payload, 'call_id')) ?? '');
		case 'tool_search_output':
			return client('tool', outputOf(peek(payload, 'tools')), firstText(peek(payload, 'call_id')) ?? '');
		case 'agent_message':
			return client('user', contentOf(peek(payload, 'content')));
		default:
			return null;
	}
}

/** Whether the model made the item: then its stream had begun, and is billed. */
export function isFromModel(payload: unknown): boolean {
	const type = firstText(peek(payload, 'type'));
	if (type === 'message') return peek(payload, 'role') === 'assistant';
	return type === 'reasoning' || (type?.endsWith('_call') ?? false);
}

function readMessage(payload: unknown): Item {
	const role = peek(payload, 'role');
	const content = contentOf(peek(payload, 'content'));
	if (role !== 'assistant') return client(role === 'user' ? 'user' : 'system', content);
	return { from: 'model', text: plainText(content), reasoning: null, toolCall: null };
}

function client(role: Message['role'], content: Message['content'], toolCallId?: string): Item {
	return { from: 'client', message: { role, content, ...(toolCallId === undefined ? {} : { toolCallId }) } };
}

function toolCall(payload: unknown, name: unknown, args: unknown): Item {
	const id = firstText(peek(payload, 'call_id'), peek(payload, 'id')) ?? '';
	const call = { id, name: firstText(name) ?? '', arguments: args };
	return { from: 'model', text: null, reasoning: null, toolCall: call };
}

/** The summary, or the reasoning itself where a model gives it; what is encrypted stays out. */
function reasoningOf(payload: unknown): string | null {
	const texts = [peek(payload, 'content'), peek(payload, 'summary')].flatMap((list) => {
		const parts = Array.isArray(list) ? list.flatMap((part) => firstText(peek(part, 'text')) ?? []) : [];
		return parts.length === 0 ? [] : [parts.join('\n\n')];
	});
	return texts[0] ?? null;
}

function outputOf(output: unknown): Message['content'] {
	if (typeof output === 'string') return output;
	if (Array.isArray(output)) return contentOf(output);
	// Older releases: the output as `{content, success}`.
	const content = firstText(peek(output, 'content'));
	return content ?? (output === undefined || output === null ? '' : JSON.stringify(jsonValue(output)));
}

function contentOf(content: unknown): Message['content'] {
	if (typeof content === 'string') return content;
	if (!Array.isArray(content)) return '';
	const parts = content.map(contentPart);
	const [only] = parts;
	if (parts.length === 1 && only?.type === 'text' && only.text !== undefined) return only.text;
	return parts;
}

function contentPart(part: unknown): ContentPart {
	const type = firstText(peek(part, 'type')) ?? 'unknown';
	const text = peek(part, 'text');
	if (typeof text === 'string') return { type: 'text', text };
	if (type !== 'input_image') return { type };
	const url = firstText(peek(part, 'image_url'));
	return { type: 'image', ...(url !== null && url.length <= maxUrlChars && !url.startsWith('data:') ? { url } : {}) };
}

function plainText(content: Message['content']): string {
	if (typeof content === 'string') return content;
	return content.flatMap(({ text }) => text ?? []).join('\n');
}
