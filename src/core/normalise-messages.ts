import { firstText, peek } from './foreign.ts';
import type { ContentPart, Message, ToolCall } from './message.ts';
import { jsonValue, snapshotRecord, snapshotValue } from './snapshot-value.ts';

/**
 * A prompt as agents hold it, turned into the `Message`s that are kept. It reads
 *
 * - Anthropic's `MessageParam` (content blocks `text`, `thinking`, `tool_use`, `tool_result`, `image`, …), which Kilo,
 *   Roo and Cline use for every provider,
 * - OpenAI's chat messages (`tool_calls`, `tool_call_id`, role `developer`),
 * - our own `Message`.
 *
 * A `tool_result` becomes a message of role `tool`, in its place among the others. Cache breakpoints are left out: they
 * move from call to call and are no part of what the model reads. The result shares only strings with the original:
 * the agent may change its messages afterwards.
 */
export function normaliseMessages(messages: unknown): Message[] {
	if (!Array.isArray(messages)) return [];
	return messages.flatMap(normaliseMessage);
}

function normaliseMessage(message: unknown): Message[] {
	const role = roleOf(peek(message, 'role'));
	const content = peek(message, 'content');
	const toolCalls = nativeToolCalls(message);
	if (!Array.isArray(content)) {
		return [
			assemble(
				role,
				plainContent(content),
				toolCalls,
				firstText(peek(message, 'toolCallId'), peek(message, 'tool_call_id')),
			),
		];
	}

	const result: Message[] = [];
	let parts: ContentPart[] = [];
	const flush = (): void => {
		if (parts.length > 0) result.push(assemble(role, parts, [], null));
		parts = [];
	};
	for (const block of content) {
		const type = peek(block, 'type');
		if (type === 'tool_result') {
			flush();
			result.push(toolResult(block));
		} else if (type === 'tool_use') {
			toolCalls.push({
				id: firstText(peek(block, 'id')) ?? '',
				name: firstText(peek(block, 'name')) ?? '',
				arguments: snapshotValue(peek(block, 'input')) ?? {},
			});
		} else {
			parts.push(contentPart(block));
		}
	}
	const toolCallId = firstText(peek(message, 'toolCallId'), peek(message, 'tool_call_id'));
	if (parts.length > 0 || toolCalls.length > 0 || result.length === 0) {
		result.push(assemble(role, parts, toolCalls, toolCallId));
	}
	return result;
}

function assemble(
	role: Message['role'],
	content: Message['content'],
	toolCalls: ToolCall[],
	toolCallId: string | null,
): Message {
	return {
		role,
		content,
		...(toolCallId === null ? {} : { toolCallId }),
		...(toolCalls.length === 0 ? {} : { toolCalls }),
	};
}

function roleOf(role: unknown): Message['role'] {
	switch (role) {
		case 'assistant':
		case 'model':
			return 'assistant';
		case 'system':
		case 'developer':
			return 'system';
		case 'tool':
		case 'function':
			return 'tool';
		default:
			return 'user';
	}
}

function plainContent(content: unknown): string {
	if (typeof content === 'string') return content;
	return content === undefined || content === null ? '' : (JSON.stringify(snapshotValue(content)) ?? '');
}

function toolResult(block: unknown): Message {
	const content = peek(block, 'content');
	const failed = peek(block, 'is_error') === true;
	let kept: Message['content'] = Array.isArray(content) ? content.map(contentPart) : plainContent(content);
	if (failed) {
		const parts = typeof kept === 'string' ? [{ type: 'text', text: kept }] : kept;
		kept = parts.map((part) => ({ ...part, isError: true }));
	}
	return assemble('tool', kept, [], firstText(peek(block, 'tool_use_id')) ?? '');
}

function contentPart(block: unknown): ContentPart {
	if (typeof block === 'string') return { type: 'text', text: block };
	const type = firstText(peek(block, 'type')) ?? 'unknown';
	if (type === 'text') {
		const failed = peek(block, 'isError') === true ? { isError: true } : {};
		return { type, text: firstText(peek(block, 'text')) ?? '', ...failed };
	}
	if (type === 'thinking') {
		const signature = firstText(peek(block, 'signature'));
		const text = firstText(peek(block, 'thinking'), peek(block, 'text')) ?? '';
		return { type: 'reasoning', text, ...(signature === null ? {} : { signature }) };
	}
	const { cache_control: _, text, ...rest } = typeof block === 'object' && block !== null ? snapshotRecord(block) : {};
	return { ...rest, type, ...(typeof text === 'string' ? { text } : {}) };
}

/** Tool calls beside the content: OpenAI's `tool_calls` and our own `toolCalls`. */
function nativeToolCalls(message: unknown): ToolCall[] {
	const found = peek(message, 'toolCalls') ?? peek(message, 'tool_calls');
	if (!Array.isArray(found)) return [];
	return found.map((call) => {
		const fn = peek(call, 'function');
		return {
			id: firstText(peek(call, 'id')) ?? '',
			name: firstText(peek(call, 'name'), peek(fn, 'name')) ?? '',
			arguments: fn === undefined ? snapshotValue(peek(call, 'arguments')) : parseArguments(peek(fn, 'arguments')),
		};
	});
}

/**
 * Tool arguments as a model streams them: JSON, or the text itself when it does not parse. A number too great for
 * JavaScript (`1e999`) becomes `null`, and nesting beyond all measure is cut: neither could be written as JSON again.
 */
export function parseArguments(text: unknown): unknown {
	if (typeof text !== 'string') return snapshotValue(text);
	if (text === '') return {};
	try {
		return jsonValue(JSON.parse(text));
	} catch {
		return text;
	}
}
