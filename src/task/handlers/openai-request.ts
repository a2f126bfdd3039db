import type OpenAI from 'openai';
import type { Message, ToolDefinition } from '../../core/message.ts';
import { argumentsText, textOf } from './message-text.ts';
import { named } from './usage-chunk.ts';

/** Our prompt as messages of the chat completions API. */
export function chatMessages(systemPrompt: string, messages: readonly Message[]): OpenAI.ChatCompletionMessageParam[] {
	return [{ role: 'system', content: systemPrompt }, ...messages.map(chatMessage)];
}

function chatMessage(message: Message): OpenAI.ChatCompletionMessageParam {
	const content = textOf(message);
	if (message.role === 'tool') return { role: 'tool', tool_call_id: message.toolCallId ?? '', content };
	if (message.role !== 'assistant') return { role: message.role, content };
	if (message.toolCalls === undefined) return { role: 'assistant', content };
	return {
		role: 'assistant',
		content: content === '' ? null : content,
		tool_calls: message.toolCalls.map(({ id, name, arguments: args }) => ({
			id,
			type: 'function',
			function: { name, arguments: argumentsText(args) },
		})),
	};
}

/** Our tool definitions as the chat completions API has them. */
export function chatTools(tools: readonly ToolDefinition[]): OpenAI.ChatCompletionFunctionTool[] {
	return tools.map(({ name, description, parameters }) => ({
		type: 'function',
		function: { name, ...named('description', description), ...named('parameters', parameters) },
	}));
}

/** Our messages as input items of the responses API. */
export function responseItems(messages: readonly Message[]): OpenAI.Responses.ResponseInputItem[] {
	return messages.flatMap((message): OpenAI.Responses.ResponseInputItem[] => {
		const content = textOf(message);
		if (message.role === 'tool') {
			return [{ type: 'function_call_output', call_id: message.toolCallId ?? '', output: content }];
		}
		const calls = (message.toolCalls ?? []).map(({ id, name, arguments: args }) => ({
			type: 'function_call' as const,
			call_id: id,
			name,
			arguments: argumentsText(args),
		}));
		return content === '' && calls.length > 0 ? calls : [{ role: message.role, content }, ...calls];
	});
}

/** Our tool definitions as the responses API has them. */
export function responseTools(tools: readonly ToolDefinition[]): OpenAI.Responses.FunctionTool[] {
	return tools.map(({ name, description, parameters }) => ({
		type: 'function',
		name,
		...named('description', description),
		parameters: parameters ?? null,
		strict: false,
	}));
}
