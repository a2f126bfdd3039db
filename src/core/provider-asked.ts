import type { CallDraft } from './draft.ts';
import { firstText, peek } from './foreign.ts';
import type { ContentPart, Message, ToolDefinition } from './message.ts';
import { normaliseMessages, parseArguments } from './normalise-messages.ts';
import type { ProviderApi } from './provider-api.ts';
import { snapshotRecord, snapshotValue } from './snapshot-value.ts';

/** What a request asks for, as it is kept. */
export interface Asked
	extends Pick<CallDraft, 'model' | 'systemPrompt' | 'messages' | 'tools' | 'parameters' | 'contentState'> {
	/** The conversation, where the body names it. */
	session: string | null;
}

/** Of a request whose body is too large to read, or is none: the model, if it is told anywhere. */
export function askedUnread(api: ProviderApi, path: string, start: string): Asked {
	return { ...nothing, model: modelOf(api, path, null) ?? modelIn(start) ?? 'unknown' };
}

/** Reads the body of a request, parsed from JSON. */
export function askedBy(api: ProviderApi, path: string, body: unknown): Asked {
	const model = modelOf(api, path, body) ?? 'unknown';
	switch (api) {
		case 'anthropic':
			return { ...anthropic(body), model };
		case 'chat':
			return { ...chat(body), model };
		case 'responses':
			return { ...responses(body), model };
		case 'gemini':
			return { ...gemini(body), model };
	}
}

const nothing: Asked = {
	model: 'unknown',
	systemPrompt: null,
	messages: [],
	tools: [],
	parameters: {},
	contentState: 'none',
	session: null,
};

function modelOf(api: ProviderApi, path: string, body: unknown): string | null {
	if (api !== 'gemini') return firstText(peek(body, 'model'));
	const named = /\/models\/([^/:]+):/.exec(path)?.[1];
	return named === undefined ? null : decodeURIComponent(named);
}

function modelIn(start: string): string | null {
	return /"model"\s*:\s*"([^"\\]{1,200})"/.exec(start)?.[1] ?? null;
}

function anthropic(body: unknown): Asked {
	const system = peek(body, 'system');
	return {
		...nothing,
		systemPrompt: textOf(system),
		messages: normaliseMessages(peek(body, 'messages')),
		tools: listAt(body, 'tools').map((tool) => toolOf(tool, 'input_schema')),
		parameters: parameters(body, ['system', 'messages', 'tools', 'model', 'metadata', 'stream']),
		contentState: 'full',
		// Claude Code names its session there: `user_…_session_<uuid>`, or JSON with `session_id`.
		session: sessionIn(firstText(peek(peek(body, 'metadata'), 'user_id'))),
	};
}

function sessionIn(user: string | null): string | null {
	if (user === null) return null;
	return /session_(?:id)?["':\s]*([0-9a-f-]{36})/.exec(user)?.[1] ?? null;
}

function chat(body: unknown): Asked {
	return {
		...nothing,
		messages: normaliseMessages(peek(body, 'messages')),
		tools: listAt(body, 'tools').map((tool) => toolOf(peek(tool, 'function') ?? tool, 'parameters')),
		parameters: parameters(body, ['messages', 'tools', 'model', 'stream', 'stream_options', 'user', 'metadata']),
		contentState: 'full',
	};
}

function responses(body: unknown): Asked {
	const input = peek(body, 'input');
	return {
		...nothing,
		systemPrompt: firstText(peek(body, 'instructions')),
		messages: typeof input === 'string' ? [{ role: 'user', content: input }] : responseItems(input),
		tools: listAt(body, 'tools').map((tool) => toolOf(tool, 'parameters')),
		parameters: parameters(body, ['instructions', 'input', 'tools', 'model', 'stream', 'user', 'metadata']),
		contentState: 'full',
		session: firstText(peek(body, 'prompt_cache_key')),
	};
}

function responseItems(input: unknown): Message[] {
	if (!Array.isArray(input)) return [];
	return input.flatMap((item): Message[] => {
		const type = peek(item, 'type');
		if (type === 'function_call' || type === 'custom_tool_call') {
			const call = {
				id: firstText(peek(item, 'call_id')) ?? '',
				name: firstText(peek(item, 'name')) ?? '',
				arguments: parseArguments(peek(item, 'arguments') ?? peek(item, 'input')),
			};
			return [{ role: 'assistant', content: '', toolCalls: [call] }];
		}
		if (type === 'function_call_output' || type === 'custom_tool_call_output') {
			const output = peek(item, 'output');
			const content = typeof output === 'string' ? output : (JSON.stringify(snapshotValue(output)) ?? '');
			return [{ role: 'tool', content, toolCallId: firstText(peek(item, 'call_id')) ?? '' }];
		}
		if (type === 'reasoning') {
			const text = listAt(item, 'summary')
				.flatMap((part) => firstText(peek(part, 'text')) ?? [])
				.join('\n\n');
			return text === '' ? [] : [{ role: 'assistant', content: [{ type: 'reasoning', text }] }];
		}
		if (peek(item, 'role') === undefined) return [];
		const content = peek(item, 'content');
		const parts = Array.isArray(content)
			? content.map((part) =>
					/^(input|output)_text$/.test(String(peek(part, 'type'))) ? { ...snapshot(part), type: 'text' } : part,
				)
			: content;
		return normaliseMessages([{ role: peek(item, 'role'), content: parts }]);
	});
}

function gemini(body: unknown): Asked {
	const tools = listAt(body, 'tools').flatMap((tool) => listAt(tool, 'functionDeclarations', 'function_declarations'));
	return {
		...nothing,
		systemPrompt: textOf(listAt(peek(body, 'systemInstruction') ?? peek(body, 'system_instruction'), 'parts')),
		messages: listAt(body, 'contents').flatMap(geminiMessage),
		tools: tools.map((tool) =>
			toolOf(tool, peek(tool, 'parameters') === undefined ? 'parametersJsonSchema' : 'parameters'),
		),
		parameters: snapshot(peek(body, 'generationConfig')),
		contentState: 'full',
	};
}

function geminiMessage(content: unknown): Message[] {
	const role = peek(content, 'role') === 'model' ? 'assistant' : 'user';
	const parts: ContentPart[] = [];
	const toolCalls: NonNullable<Message['toolCalls']> = [];
	const results: Message[] = [];
	for (const part of listAt(content, 'parts')) {
		const call = peek(part, 'functionCall');
		const result = peek(part, 'functionResponse');
		const text = peek(part, 'text');
		if (call !== undefined) {
			const name = firstText(peek(call, 'name')) ?? '';
			toolCalls.push({
				id: firstText(peek(call, 'id')) ?? name,
				name,
				arguments: snapshotValue(peek(call, 'args')) ?? {},
			});
		} else if (result !== undefined) {
			const id = firstText(peek(result, 'id'), peek(result, 'name')) ?? '';
			results.push({
				role: 'tool',
				toolCallId: id,
				content: JSON.stringify(snapshotValue(peek(result, 'response'))) ?? '',
			});
		} else if (typeof text === 'string') {
			parts.push({ type: peek(part, 'thought') === true ? 'reasoning' : 'text', text });
		} else parts.push({ ...snapshot(part), type: peek(part, 'inlineData') === undefined ? 'file' : 'image' });
	}
	if (parts.length === 0 && toolCalls.length === 0) return results;
	return [...results, { role, content: parts, ...(toolCalls.length > 0 && { toolCalls }) }];
}

function toolOf(tool: unknown, schema: string): ToolDefinition {
	const description = firstText(peek(tool, 'description'));
	const shape = peek(tool, schema);
	return {
		// A tool of the provider's own has a type and no name.
		name: firstText(peek(tool, 'name'), peek(tool, 'type')) ?? 'unnamed',
		...(description === null ? {} : { description }),
		...(shape === undefined ? {} : { parameters: snapshot(shape) }),
	};
}

function parameters(body: unknown, without: readonly string[]): Record<string, unknown> {
	return Object.fromEntries(Object.entries(snapshot(body)).filter(([name]) => !without.includes(name)));
}

function snapshot(value: unknown): Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value) ? snapshotRecord(value) : {};
}

function listAt(value: unknown, ...keys: string[]): unknown[] {
	for (const key of keys) {
		const found = peek(value, key);
		if (Array.isArray(found)) return found;
	}
	return [];
}

function textOf(content: unknown): string | null {
	if (typeof content === 'string') return content === '' ? null : content;
	if (!Array.isArray(content)) return null;
	const texts = content.flatMap((part) => firstText(peek(part, 'text')) ?? []);
	return texts.length === 0 ? null : texts.join('\n\n');
}
