import type Anthropic from '@anthropic-ai/sdk';
import type { Message, ToolDefinition } from '../../core/message.ts';
import { argumentsText, textOf } from './message-text.ts';

type Blocks = Anthropic.ContentBlockParam[];

/** How long the provider keeps the prompt for reuse. */
export type CacheTtl = '5m' | '1h';

/**
 * Our messages as Anthropic's: tool results go into a user message, neighbours of one role are joined (the API wants
 * the roles to take turns), and the last block is where the cached prefix ends.
 */
export function anthropicMessages(messages: readonly Message[], ttl: CacheTtl): Anthropic.MessageParam[] {
	const joined: { role: 'user' | 'assistant'; content: Blocks }[] = [];
	for (const message of messages) {
		const role = message.role === 'assistant' ? 'assistant' : 'user';
		const last = joined.at(-1);
		if (last?.role === role) last.content.push(...blocksOf(message));
		else joined.push({ role, content: blocksOf(message) });
	}
	const end = joined.at(-1)?.content.at(-1);
	if (end !== undefined && end.type !== 'thinking' && end.type !== 'redacted_thinking') {
		Object.assign(end, { cache_control: { type: 'ephemeral', ttl } });
	}
	return joined;
}

function blocksOf(message: Message): Blocks {
	const text = textOf(message);
	if (message.role === 'tool') {
		return [{ type: 'tool_result', tool_use_id: message.toolCallId ?? '', content: text }];
	}
	const blocks: Blocks = text === '' ? [] : [{ type: 'text', text }];
	for (const { id, name, arguments: input } of message.toolCalls ?? []) {
		// The API takes objects only; what a model wrote that is no object goes back under a name of its own.
		const isObject = typeof input === 'object' && input !== null && !Array.isArray(input);
		blocks.push({ type: 'tool_use', id, name, input: isObject ? input : { text: argumentsText(input) } });
	}
	// Empty content is refused.
	return blocks.length > 0 ? blocks : [{ type: 'text', text: '(nothing)' }];
}

/** Our tool definitions as Anthropic's. */
export function anthropicTools(tools: readonly ToolDefinition[]): Anthropic.Tool[] {
	return tools.map(({ name, description, parameters }) => ({
		name,
		...(description === undefined ? {} : { description }),
		input_schema: { ...parameters, type: 'object' },
	}));
}
