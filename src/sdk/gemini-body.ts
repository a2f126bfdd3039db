import { peek } from '../core/foreign.ts';

/** What of a request's `config` says how it is sent, and not what is asked. */
const notAsked = ['systemInstruction', 'tools', 'abortSignal', 'httpOptions', 'automaticFunctionCalling', 'labels'];

/**
 * A request as `@google/genai` takes it, as the body that the API takes: there, contents and system instruction are
 * written out, which the SDK's users may give as a text or as parts.
 */
export function geminiBody(request: unknown): unknown {
	const config = peek(request, 'config');
	const asked = Object.entries(Object(config)).filter(
		([name, value]) => !notAsked.includes(name) && value !== undefined,
	);
	const system = peek(config, 'systemInstruction');
	return {
		contents: contentsOf(peek(request, 'contents')),
		...(system !== undefined && {
			systemInstruction: isContent(system) ? system : { parts: listOf(system).map(partOf) },
		}),
		tools: peek(config, 'tools'),
		generationConfig: Object.fromEntries(asked),
	};
}

function contentsOf(contents: unknown): unknown[] {
	const list = listOf(contents);
	return list.some(isContent) ? list.map(contentOf) : [{ role: 'user', parts: list.map(partOf) }];
}

function contentOf(content: unknown): unknown {
	return isContent(content) ? content : { role: 'user', parts: [partOf(content)] };
}

function partOf(part: unknown): unknown {
	return typeof part === 'string' ? { text: part } : part;
}

function isContent(value: unknown): boolean {
	return Array.isArray(peek(value, 'parts'));
}

function listOf(value: unknown): unknown[] {
	return Array.isArray(value) ? value : [value];
}
