import type { Message, ToolCall, ToolDefinition } from '../message.ts';
import type { ExportedCall } from './exported-call.ts';

/**
 * Messages as JSON in the shapes of OpenTelemetry's conventions: `{role, parts: [{type: 'text', content}, …]}`.
 * Source: semantic-conventions, gen-ai-input-messages.json and gen-ai-output-messages.json.
 */

interface Part {
	type: string;
	[key: string]: unknown;
}

export function systemInstructions(systemPrompt: string | null): string | null {
	return systemPrompt === null ? null : JSON.stringify([{ type: 'text', content: systemPrompt }]);
}

export function inputMessages(messages: readonly Message[]): string | null {
	return messages.length === 0 ? null : JSON.stringify(messages.map(inputMessage));
}

/** The one answer, with its reasoning; `null` when the call has no content that came back. */
export function outputMessages({ completion, reasoning, toolCalls, row }: ExportedCall): string | null {
	if (completion === null && reasoning === null && toolCalls.length === 0) return null;
	const parts: Part[] = [
		...(reasoning === null ? [] : [{ type: 'reasoning', content: reasoning }]),
		...(completion === null ? [] : [{ type: 'text', content: completion }]),
		...toolCalls.map(toolCallPart),
	];
	return JSON.stringify([{ role: 'assistant', parts, finish_reason: row.finishReason ?? 'stop' }]);
}

export function toolDefinitions(tools: readonly ToolDefinition[]): string | null {
	return tools.length === 0 ? null : JSON.stringify(tools.map((tool) => ({ type: 'function', ...tool })));
}

function inputMessage({ role, content, toolCallId, toolCalls = [] }: Message): { role: string; parts: Part[] } {
	if (role === 'tool') {
		return { role, parts: [{ type: 'tool_call_response', id: toolCallId ?? null, response: content }] };
	}
	const texts: Part[] =
		typeof content === 'string'
			? content === ''
				? []
				: [{ type: 'text', content }]
			: content.map(({ text, ...part }) => (text === undefined ? part : { ...part, content: text }));
	return { role, parts: [...texts, ...toolCalls.map(toolCallPart)] };
}

function toolCallPart({ id, name, arguments: given }: ToolCall): Part {
	return { type: 'tool_call', id, name, arguments: given };
}
