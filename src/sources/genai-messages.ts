import { firstText, peek } from '../core/foreign.ts';
import type { ContentPart, Message, ToolCall, ToolDefinition } from '../core/message.ts';

/** What a model gave back. */
export interface GenAiAnswer {
	completion: string | null;
	reasoning: string | null;
	toolCalls: ToolCall[];
}

/**
 * Messages as OpenTelemetry's GenAI conventions write them, as they are or in JSON: `{role, parts: [{type, …}]}`. `null`
 * for text that is none, or was cut off.
 */
export function messagesOf(json: unknown): Message[] | null {
	const messages = parsed(json);
	return Array.isArray(messages) ? messages.flatMap(messageOf) : null;
}

/** The answer among output messages; what is cut off is kept as the text that it is. */
export function answerOf(json: unknown): GenAiAnswer {
	const messages = messagesOf(json);
	if (messages === null) return { completion: firstText(json), reasoning: null, toolCalls: [] };
	const parts = messages.flatMap(({ content }) =>
		typeof content === 'string' ? [{ type: 'text', text: content }] : content,
	);
	const textOf = (type: string): string | null => {
		const texts = parts.flatMap((part) => (part.type === type && part.text ? [part.text] : []));
		return texts.length === 0 ? null : texts.join('\n');
	};
	return {
		completion: textOf('text'),
		reasoning: textOf('reasoning'),
		toolCalls: messages.flatMap(({ toolCalls }) => toolCalls ?? []),
	};
}

/** System instructions: a list of parts, as it is or in JSON, or plain text. */
export function instructionsOf(instructions: string): string;
export function instructionsOf(instructions: unknown): string | null;
export function instructionsOf(instructions: unknown): string | null {
	const parts = parsed(instructions);
	const plain = firstText(instructions);
	if (!Array.isArray(parts)) return plain;
	const texts = parts.flatMap((part: unknown) => firstText(part, peek(part, 'content'), peek(part, 'text')) ?? []);
	return texts.length > 0 ? texts.join('\n') : plain;
}

/** Tool definitions, by the conventions or as OpenAI has them. */
export function toolsOf(definitions: unknown): ToolDefinition[] {
	const tools = parsed(definitions);
	if (!Array.isArray(tools)) return [];
	return tools.flatMap((tool: unknown) => {
		const own = peek(tool, 'function') ?? tool;
		const name = firstText(peek(own, 'name'));
		if (name === null) return [];
		const description = firstText(peek(own, 'description'));
		const parameters = peek(own, 'parameters') ?? peek(own, 'inputSchema');
		return [
			{
				name,
				...(description === null ? {} : { description }),
				...(isRecord(parameters) ? { parameters } : {}),
			},
		];
	});
}

function messageOf(message: unknown): Message[] {
	const parts = peek(message, 'parts');
	const role = roleOf(peek(message, 'role'));
	if (!Array.isArray(parts)) {
		const content = firstText(peek(message, 'content'));
		return content === null ? [] : [{ role, content }];
	}
	const content: ContentPart[] = [];
	const toolCalls: ToolCall[] = [];
	const results: Message[] = [];
	for (const part of parts) {
		const type = firstText(peek(part, 'type')) ?? 'text';
		const text = firstText(peek(part, 'content'), peek(part, 'text'));
		if (type === 'tool_call') {
			const name = firstText(peek(part, 'name')) ?? '';
			toolCalls.push({ id: firstText(peek(part, 'id')) ?? '', name, arguments: argumentsOf(peek(part, 'arguments')) });
		} else if (type === 'tool_call_response') {
			const response = peek(part, 'response') ?? peek(part, 'result') ?? text ?? '';
			const result = typeof response === 'string' ? response : (JSON.stringify(response) ?? '');
			results.push({ role: 'tool', toolCallId: firstText(peek(part, 'id')) ?? '', content: result });
		} else content.push({ type, ...(text === null ? {} : { text }) });
	}
	if (content.length + toolCalls.length === 0 && results.length > 0) return results;
	const [only] = content;
	const isPlain = content.length === 1 && only?.type === 'text' && only.text !== undefined;
	const plain: Message = { role, content: isPlain && only?.text !== undefined ? only.text : content };
	return [...results, toolCalls.length > 0 ? { ...plain, toolCalls } : plain];
}

function roleOf(role: unknown): Message['role'] {
	return role === 'assistant' || role === 'system' || role === 'tool' ? role : role === 'model' ? 'assistant' : 'user';
}

/** Arguments come as they are, or as JSON in a string. */
function argumentsOf(value: unknown): unknown {
	return parsed(value) ?? value ?? {};
}

/** `undefined` for text that is no JSON. */
function parsed(json: unknown): unknown {
	if (typeof json !== 'string') return json;
	try {
		return JSON.parse(json);
	} catch {
		return undefined;
	}
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
