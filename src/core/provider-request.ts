import type { ContentPart, Message, ToolCall, ToolDefinition } from './message.ts';
import { imageIn } from './stored-image.ts';

/** The API families whose requests can be written again. */
export type RequestProtocol = 'anthropic' | 'openai' | 'gemini';

/** What a request is made of, as it is kept. */
export interface KeptRequest {
	model: string;
	systemPrompt: string | null;
	messages: readonly Message[];
	tools: readonly ToolDefinition[];
	parameters: Readonly<Record<string, unknown>>;
}

type Json = Record<string, unknown>;

/**
 * A kept request as the body that a provider's API takes: Anthropic's Messages, OpenAI's Chat Completions (and whatever
 * speaks it), Gemini's `generateContent`. It asks for no stream. What the kept form leaves out (cache breakpoints,
 * content parts of kinds unknown here) is not in it, so the answer may cost more than the first time.
 */
export function requestBody(protocol: RequestProtocol, request: KeptRequest): Json {
	switch (protocol) {
		case 'anthropic':
			return anthropicBody(request);
		case 'openai':
			return openAiBody(request);
		case 'gemini':
			return geminiBody(request);
	}
}

/** Names of the kept form, where a protocol has others. */
const parameterNames: Record<RequestProtocol, Record<string, string>> = {
	anthropic: { maxTokens: 'max_tokens', topP: 'top_p', topK: 'top_k', stopSequences: 'stop_sequences' },
	openai: {
		maxTokens: 'max_tokens',
		topP: 'top_p',
		stopSequences: 'stop',
		stop_sequences: 'stop',
		frequencyPenalty: 'frequency_penalty',
		presencePenalty: 'presence_penalty',
	},
	gemini: {
		max_tokens: 'maxOutputTokens',
		maxTokens: 'maxOutputTokens',
		top_p: 'topP',
		top_k: 'topK',
		stop: 'stopSequences',
		stop_sequences: 'stopSequences',
	},
};
/** What says how an answer is sent, or who asks, is not asked for again. */
const leftOut = /^(stream|stream_?options|headers?|authorization|api_?key|base_?url)$/i;

function parametersFor(protocol: RequestProtocol, parameters: KeptRequest['parameters']): Json {
	const names = parameterNames[protocol];
	return Object.fromEntries(
		Object.entries(parameters)
			.filter(([name]) => !leftOut.test(name))
			.map(([name, value]) => [Object.hasOwn(names, name) ? names[name] : name, value]),
	);
}

function anthropicBody({ model, systemPrompt, messages, tools, parameters }: KeptRequest): Json {
	const turns: { role: 'user' | 'assistant'; content: Json[] }[] = [];
	const system = systemPrompt === null ? [] : [systemPrompt];
	for (const message of messages) {
		if (message.role === 'system') {
			system.push(textOf(message.content));
			continue;
		}
		const role = message.role === 'assistant' ? 'assistant' : 'user';
		const content = anthropicContent(message);
		const last = turns.at(-1);
		// Results of tools belong into one turn of the user.
		if (last?.role === role) last.content.push(...content);
		else if (content.length > 0) turns.push({ role, content });
	}
	return {
		// The API wants a limit; without a kept one, it is one that any model takes.
		max_tokens: 4096,
		...parametersFor('anthropic', parameters),
		model,
		...(system.length === 0 ? {} : { system: system.join('\n\n') }),
		messages: turns,
		...(tools.length === 0
			? {}
			: {
					tools: tools.map(({ name, description, parameters }) => ({
						name,
						...(description === undefined ? {} : { description }),
						input_schema: parameters ?? { type: 'object' },
					})),
				}),
	};
}

function anthropicContent(message: Message): Json[] {
	const parts = partsOf(message.content).flatMap((part): Json[] => {
		if (part.type === 'reasoning') {
			const { signature } = part;
			return typeof signature === 'string' ? [{ type: 'thinking', thinking: part.text ?? '', signature }] : [];
		}
		const image = imageIn(part);
		if (image !== null)
			return [{ type: 'image', source: { type: 'base64', media_type: image.mediaType, data: image.base64 } }];
		if (part.type === 'text') return part.text ? [{ type: 'text', text: part.text }] : [];
		return [part];
	});
	if (message.role === 'tool') {
		return [{ type: 'tool_result', tool_use_id: message.toolCallId ?? '', content: parts }];
	}
	const calls = (message.toolCalls ?? []).map((call) => ({
		type: 'tool_use',
		id: call.id,
		name: call.name,
		input: call.arguments,
	}));
	return [...parts, ...calls];
}

function openAiBody({ model, systemPrompt, messages, tools, parameters }: KeptRequest): Json {
	const system = systemPrompt === null ? [] : [{ role: 'system', content: systemPrompt }];
	return {
		...parametersFor('openai', parameters),
		model,
		messages: [...system, ...messages.map(openAiMessage)],
		...(tools.length === 0 ? {} : { tools: tools.map((tool) => ({ type: 'function', function: tool })) }),
	};
}

function openAiMessage({ role, content, toolCallId, toolCalls = [] }: Message): Json {
	const calls = toolCalls.map((call) => ({
		id: call.id,
		type: 'function',
		function: { name: call.name, arguments: argumentsText(call) },
	}));
	const parts = partsOf(content).filter(({ type }) => type !== 'reasoning');
	const images = role === 'user' && parts.some((part) => part.type !== 'text');
	return {
		role,
		content: images ? parts.map(openAiPart) : textOf(parts),
		...(toolCallId === undefined ? {} : { tool_call_id: toolCallId }),
		...(calls.length === 0 ? {} : { tool_calls: calls }),
	};
}

function openAiPart(part: ContentPart): Json {
	const image = imageIn(part);
	if (image === null) return part;
	return { type: 'image_url', image_url: { url: `data:${image.mediaType};base64,${image.base64}` } };
}

function geminiBody({ systemPrompt, messages, tools, parameters }: KeptRequest): Json {
	const names = new Map(messages.flatMap(({ toolCalls = [] }) => toolCalls.map(({ id, name }) => [id, name] as const)));
	const contents = messages
		.filter(({ role }) => role !== 'system')
		.map((message) => ({
			role: message.role === 'assistant' ? 'model' : 'user',
			parts: geminiParts(message, names),
		}));
	const system = [
		systemPrompt,
		...messages.filter(({ role }) => role === 'system').map(({ content }) => textOf(content)),
	]
		.filter((text) => text !== null)
		.join('\n\n');
	return {
		...(system === '' ? {} : { systemInstruction: { parts: [{ text: system }] } }),
		contents,
		...(tools.length === 0 ? {} : { tools: [{ functionDeclarations: tools }] }),
		generationConfig: parametersFor('gemini', parameters),
	};
}

function geminiParts(message: Message, names: ReadonlyMap<string, string>): Json[] {
	if (message.role === 'tool') {
		const name = names.get(message.toolCallId ?? '') ?? '';
		return [{ functionResponse: { name, response: { result: textOf(message.content) } } }];
	}
	const parts = partsOf(message.content).flatMap((part): Json[] => {
		const image = imageIn(part);
		if (image !== null) return [{ inlineData: { mimeType: image.mediaType, data: image.base64 } }];
		return part.type !== 'reasoning' && part.text ? [{ text: part.text }] : [];
	});
	const calls = (message.toolCalls ?? []).map((call) => ({ functionCall: { name: call.name, args: call.arguments } }));
	return [...parts, ...calls];
}

function partsOf(content: Message['content']): ContentPart[] {
	return typeof content === 'string' ? [{ type: 'text', text: content }] : content;
}

function textOf(content: Message['content']): string {
	return partsOf(content)
		.map(({ text }) => text ?? '')
		.join('\n');
}

function argumentsText({ arguments: value }: ToolCall): string {
	return typeof value === 'string' ? value : (JSON.stringify(value) ?? '{}');
}
