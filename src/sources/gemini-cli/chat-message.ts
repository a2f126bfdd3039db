import { firstText, peek } from '../../core/foreign.ts';
import type { ContentPart, Message, ToolCall } from '../../core/message.ts';
import { jsonValue } from '../../core/snapshot-value.ts';

/** One message of a chat, as it was written last. */
export interface ChatMessage {
	id: string;
	type: string;
	/** When it was written, epoch milliseconds. */
	atMs: number | null;
	text: string;
	/** Pictures and files, by kind. */
	attachments: ContentPart[];
	/** Results that a message of the user carries, by the id of the tool call. */
	answers: { id: string; content: string }[];
	model: string | null;
	/** `undefined`: not there, `null`: the stream had none. */
	tokens: unknown;
	thoughts: string[];
	firstThoughtAtMs: number | null;
	toolCalls: (ToolCall & { result: string | null; doneAtMs: number | null })[];
}

/** `null` for what is no message. */
export function chatMessage(value: unknown): ChatMessage | null {
	const id = firstText(peek(value, 'id'));
	const type = firstText(peek(value, 'type'));
	if (id === null || type === null) return null;
	const parts = partsOf(peek(value, 'content'));
	const thoughts = listOf(peek(value, 'thoughts'));
	const thoughtTimes = thoughts.flatMap((thought) => timeOf(peek(thought, 'timestamp')) ?? []);
	return {
		id,
		type,
		atMs: timeOf(peek(value, 'timestamp')),
		text: parts
			.flatMap((part) => (peek(part, 'thought') === true ? [] : (firstText(peek(part, 'text')) ?? [])))
			.join('\n'),
		attachments: parts.flatMap(attachment),
		answers: parts.flatMap((part) => {
			const response = peek(part, 'functionResponse');
			const answered = firstText(peek(response, 'id'));
			return answered === null ? [] : [{ id: answered, content: resultText(peek(response, 'response')) }];
		}),
		model: firstText(peek(value, 'model')),
		tokens: peek(value, 'tokens'),
		thoughts: thoughts.flatMap(thoughtText),
		firstThoughtAtMs: thoughtTimes.length === 0 ? null : Math.min(...thoughtTimes),
		toolCalls: listOf(peek(value, 'toolCalls')).map(toolCall),
	};
}

/**
 * Whether a message stands for a call. One that the CLI made up itself (a summary in place of a longer history) has
 * neither a model nor counts.
 */
export function isCall({ type, model, tokens }: ChatMessage): boolean {
	return type === 'gemini' && (model !== null || (typeof tokens === 'object' && tokens !== null));
}

/**
 * What a message is in a prompt. Results of tools are in the message after the one that asked for them, or in older releases
 * only beside the request: `answered` has the ids of those that come by themselves.
 */
export function asSent(message: ChatMessage, answered: ReadonlySet<string>): Message[] {
	if (message.type === 'user') {
		const results = message.answers.map(({ id, content }) => ({ role: 'tool' as const, toolCallId: id, content }));
		const said = message.text !== '' || message.attachments.length > 0;
		return said ? [...results, { role: 'user', content: contentOf(message) }] : results;
	}
	if (message.type !== 'gemini') return [];
	const toolCalls = message.toolCalls.map(({ id, name, arguments: args }) => ({ id, name, arguments: args }));
	const answer: Message = { role: 'assistant', content: contentOf(message) };
	if (toolCalls.length > 0) answer.toolCalls = toolCalls;
	const results = message.toolCalls.flatMap(({ id, result }) =>
		result === null || answered.has(id) ? [] : [{ role: 'tool' as const, toolCallId: id, content: result }],
	);
	return [answer, ...results];
}

/** Every text that may name a path: arguments of tools, and what was said first. */
export function* pathsIn({ toolCalls, type, text }: ChatMessage): Generator<string> {
	for (const { arguments: args } of toolCalls) {
		if (typeof args !== 'object' || args === null) continue;
		for (const value of Object.values(args)) if (typeof value === 'string' && value.length < 1_000) yield value;
	}
	if (type !== 'user') return;
	for (const [, path] of text.matchAll(/(?:directory: |^\s*- )((?:\/|[A-Za-z]:[\\/])[^\n]*)$/gm)) {
		if (path !== undefined) yield path.trim();
	}
}

export function timeOf(value: unknown): number | null {
	const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
	return Number.isFinite(at) && at >= 0 ? at : null;
}

function contentOf({ text, attachments }: ChatMessage): Message['content'] {
	if (attachments.length === 0) return text;
	return text === '' ? attachments : [{ type: 'text', text }, ...attachments];
}

function partsOf(content: unknown): unknown[] {
	if (typeof content === 'string') return [{ text: content }];
	const list = Array.isArray(content) ? content : content === undefined || content === null ? [] : [content];
	return list.map((part) => (typeof part === 'string' ? { text: part } : part));
}

function listOf(value: unknown): unknown[] {
	return Array.isArray(value) ? value : [];
}

/** Kind and place of an attachment; its bytes stay where they are. */
function attachment(part: unknown): ContentPart[] {
	const inline = peek(part, 'inlineData');
	const file = peek(part, 'fileData');
	if (inline === undefined && file === undefined) return [];
	const mime = firstText(peek(inline, 'mimeType'), peek(file, 'mimeType'));
	const url = firstText(peek(file, 'fileUri'));
	return [{ type: 'file', ...(mime === null ? {} : { mime }), ...(url === null ? {} : { url }) }];
}

function thoughtText(thought: unknown): string[] {
	const subject = firstText(peek(thought, 'subject'));
	const description = firstText(peek(thought, 'description'));
	const text = [subject, description].filter((each) => each !== null).join('\n');
	return text === '' ? [] : [text];
}

function toolCall(value: unknown): ChatMessage['toolCalls'][number] {
	const results = partsOf(peek(value, 'result')).flatMap((part) => {
		const response = peek(peek(part, 'functionResponse'), 'response');
		return response === undefined ? (firstText(peek(part, 'text')) ?? []) : resultText(response);
	});
	return {
		id: firstText(peek(value, 'id')) ?? '',
		name: firstText(peek(value, 'name')) ?? '',
		arguments: jsonValue(peek(value, 'args') ?? {}),
		result: results.length === 0 ? null : results.join('\n'),
		doneAtMs: timeOf(peek(value, 'timestamp')),
	};
}

/** What a tool answered: its text where it is no more than that. */
function resultText(response: unknown): string {
	if (typeof response === 'string') return response;
	const only = typeof response === 'object' && response !== null && Object.keys(response).length === 1;
	const text = only ? firstText(peek(response, 'output'), peek(response, 'error')) : null;
	return text ?? JSON.stringify(jsonValue(response ?? null)) ?? '';
}
