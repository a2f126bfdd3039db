import type { ContentPart, Message, ToolCall } from '../../src/core/message.ts';
import type { CallDetail } from '../../src/core/views.ts';

/** The whole prompt as text for the clipboard: each message under its role, tool calls as JSON. */
export function promptAsText(detail: Pick<CallDetail, 'systemPrompt' | 'messages'>): string {
	const parts: string[] = [];
	if (detail.systemPrompt !== null) parts.push(`[system]\n${detail.systemPrompt}`);
	for (const message of detail.messages) parts.push(messageAsText(message));
	return parts.join('\n\n');
}

/** What came back as text for the clipboard. */
export function completionAsText(detail: Pick<CallDetail, 'completion' | 'toolCalls'>): string {
	return [detail.completion ?? '', ...detail.toolCalls.map(toolCallAsText)].filter((part) => part !== '').join('\n\n');
}

export function messageAsText(message: Message): string {
	const { content } = message;
	const body = typeof content === 'string' ? [content] : content.map(partAsText);
	const calls = (message.toolCalls ?? []).map(toolCallAsText);
	const head = message.toolCallId === undefined ? `[${message.role}]` : `[${message.role} ${message.toolCallId}]`;
	return [head, ...body, ...calls].filter((part) => part !== '').join('\n');
}

function partAsText(part: ContentPart): string {
	return part.type === 'text' && part.text !== undefined ? part.text : JSON.stringify(part);
}

function toolCallAsText(call: ToolCall): string {
	return `[tool call ${call.name}]\n${typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments, null, 2)}`;
}
