import type { Content, FunctionDeclaration, GenerateContentConfig, Part } from '@google/genai/web';
import type { Message, ToolCall, ToolDefinition } from '../../core/message.ts';
import { argumentsText, textOf } from './message-text.ts';
import { named } from './usage-chunk.ts';

/** Begins the ids that we make up for function calls to which Gemini gave none; it is not sent them back. */
export const madeUpId = 'callmeter-call-';

/**
 * Our messages as Gemini's contents. Tool results go into a user's turn, beside each other and named after the call
 * that they answer; neighbours of one role are joined. `signatures`: the thought signature that came with a function
 * call, by the call's id; newer models refuse a call that is sent back without it.
 */
export function geminiContents(messages: readonly Message[], signatures: ReadonlyMap<string, string>): Content[] {
	const contents: { role: 'user' | 'model'; parts: Part[] }[] = [];
	const names = new Map<string, string>();
	for (const message of messages) {
		for (const { id, name } of message.toolCalls ?? []) names.set(id, name);
		const role = message.role === 'assistant' ? 'model' : 'user';
		const parts = partsOf(message, names, signatures);
		const last = contents.at(-1);
		if (last?.role === role) last.parts.push(...parts);
		else contents.push({ role, parts });
	}
	return contents;
}

function partsOf(message: Message, names: Map<string, string>, signatures: ReadonlyMap<string, string>): Part[] {
	const text = textOf(message);
	if (message.role === 'tool') {
		const id = message.toolCallId ?? '';
		return [{ functionResponse: { ...idOf(id), name: names.get(id) ?? 'unknown', response: { output: text } } }];
	}
	const parts: Part[] = text === '' ? [] : [{ text }];
	for (const call of message.toolCalls ?? []) parts.push(callPart(call, signatures));
	// Empty content is refused.
	return parts.length > 0 ? parts : [{ text: '(nothing)' }];
}

function callPart({ id, name, arguments: input }: ToolCall, signatures: ReadonlyMap<string, string>): Part {
	// The API takes objects only; what a model wrote that is no object goes back under a name of its own.
	const isObject = typeof input === 'object' && input !== null && !Array.isArray(input);
	const args = isObject ? { ...input } : { text: argumentsText(input) };
	return { functionCall: { ...idOf(id), name, args }, ...named('thoughtSignature', signatures.get(id)) };
}

function idOf(id: string): { id?: string } {
	return id === '' || id.startsWith(madeUpId) ? {} : { id };
}

/** Our tool definitions as Gemini's; nothing without tools. */
export function geminiTools(tools: readonly ToolDefinition[]): Pick<GenerateContentConfig, 'tools'> {
	if (tools.length === 0) return {};
	const functionDeclarations = tools.map(
		({ name, description, parameters }): FunctionDeclaration => ({
			name,
			...named('description', description),
			...named('parametersJsonSchema', parameters),
		}),
	);
	return { tools: [{ functionDeclarations }] };
}

/** Asks a model that thinks to tell its thoughts. Models before 2.5 refuse the question. */
export function geminiThoughts(model: string): Pick<GenerateContentConfig, 'thinkingConfig'> {
	const before = /^(models\/)?gemini-(1\.|2\.0)/.test(model);
	const thinks = /^(models\/)?gemini-/.test(model) && !before;
	return thinks ? { thinkingConfig: { includeThoughts: true } } : {};
}
