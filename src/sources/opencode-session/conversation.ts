import type { ContentPart, Message, ToolCall } from '../../core/message.ts';
import type { MessageRow, PartRow } from './rows.ts';
import { type AssistantRow, isAssistant, type Step, stepsOf } from './steps.ts';

const clearedResult = '[Old tool result content cleared]';
const interruptedResult = '[Tool execution was interrupted]';

/** What came back in one step. */
export interface Completion {
	text: string | null;
	reasoning: string | null;
	toolCalls: ToolCall[];
}

/**
 * The prompts of one session, rebuilt from its messages and parts as the agent builds them: everything said before in
 * the session, from the last summary on. The agent's own system prompt and its tool definitions are not in the record.
 * Messages are shared between prompts, not copied: a long session costs its own size once.
 */
export class Conversation {
	readonly #rows: readonly MessageRow[];
	readonly #parts: ReadonlyMap<string, PartRow[]>;
	readonly #sent = new Map<string, Message[]>();

	constructor(rows: readonly MessageRow[], parts: ReadonlyMap<string, PartRow[]>) {
		this.#rows = rows;
		this.#parts = parts;
	}

	/** What was sent for `step` of the message at `index`. */
	promptOf(index: number, step: Step, startedAtMs: number): Message[] {
		const prompt: Message[] = [];
		for (const row of this.#contextOf(index)) prompt.push(...this.#asSent(row, startedAtMs));
		const own = this.#rows[index];
		if (own !== undefined && step.ordinal > 0) {
			const finished = stepsOf(this.#partsOf(own)).filter(
				(each) => each.ordinal < step.ordinal && each.finish !== null,
			);
			for (const each of finished) prompt.push(...assistantMessages(each.parts, startedAtMs));
		}
		return prompt;
	}

	/** A system prompt that came with the user's message, which only some clients of the agent's API send. */
	systemPromptOf(row: AssistantRow): string | null {
		const user = this.#rows.find((each) => each.id === row.data.parentID);
		return user?.data.role === 'user' ? (user.data.system ?? null) : null;
	}

	/** The first line that the user wrote, at most 120 characters. */
	firstLine(): string | null {
		for (const row of this.#rows) {
			if (isAssistant(row)) continue;
			for (const part of this.#partsOf(row)) {
				const line = part.data.type === 'text' && !part.data.ignored ? part.data.text.trim().split('\n', 1)[0] : '';
				if (line) return line.length > 120 ? `${line.slice(0, 119)}…` : line;
			}
		}
		return null;
	}

	#partsOf(row: MessageRow): readonly PartRow[] {
		return this.#parts.get(row.id) ?? [];
	}

	/** Messages before `index` that the model was shown: a compaction hides what it summed up. */
	#contextOf(index: number): MessageRow[] {
		for (let at = index - 1; at >= 0; at--) {
			const row = this.#rows[at];
			if (row === undefined || !isAssistant(row) || !row.data.summary || row.data.error || !row.data.finish) continue;
			const asked = this.#rows.findIndex((each) => each.id === row.data.parentID);
			if (asked < 0) continue;
			const request = this.#rows[asked];
			const tailId = request === undefined ? undefined : this.#tailStart(request);
			const tail = tailId === undefined ? -1 : this.#rows.findIndex((each) => each.id === tailId);
			const kept = tail < 0 || tail >= asked ? [] : this.#rows.slice(tail, asked);
			return [row, ...kept, ...this.#rows.slice(at + 1, index)];
		}
		return this.#rows.slice(0, index);
	}

	#tailStart(row: MessageRow): string | undefined {
		for (const part of this.#partsOf(row)) {
			if (part.data.type === 'compaction') return part.data.tail_start_id;
		}
		return undefined;
	}

	#asSent(row: MessageRow, atMs: number): Message[] {
		const parts = this.#partsOf(row);
		const cleared = parts.some((part) => wasCleared(part, atMs));
		const key = cleared ? `${row.id} cleared` : row.id;
		let messages = this.#sent.get(key);
		if (messages === undefined) {
			messages = isAssistant(row) ? answered(row, parts, atMs) : userMessages(parts);
			this.#sent.set(key, messages);
		}
		return messages;
	}
}

/** What a step gave back, as the record has it. */
export function completionOf(step: Step): Completion {
	const texts: string[] = [];
	const reasoning: string[] = [];
	const toolCalls: ToolCall[] = [];
	for (const { data } of step.parts) {
		if (data.type === 'text') texts.push(data.text);
		else if (data.type === 'reasoning' && data.text !== '') reasoning.push(data.text);
		else if (data.type === 'tool') toolCalls.push(toolCallOf(data));
	}
	return {
		text: texts.length === 0 ? null : texts.join('\n'),
		reasoning: reasoning.length === 0 ? null : reasoning.join('\n'),
		toolCalls,
	};
}

function userMessages(parts: readonly PartRow[]): Message[] {
	const content: ContentPart[] = [];
	for (const { data } of parts) {
		if (data.type === 'text' && !data.ignored && data.text !== '') content.push({ type: 'text', text: data.text });
		else if (data.type === 'file') content.push(fileContent(data));
	}
	return content.length === 0 ? [] : [{ role: 'user', content: compactContent(content) }];
}

/** A failed answer is not sent again; one that was stopped half way is, as far as it came. */
function answered(row: AssistantRow, parts: readonly PartRow[], atMs: number): Message[] {
	const { error } = row.data;
	if (error !== undefined) {
		const kept = parts.some(({ data }) => data.type === 'text' || data.type === 'tool');
		if (error.name !== 'MessageAbortedError' || !kept) return [];
	}
	return assistantMessages(parts, atMs);
}

function assistantMessages(parts: readonly PartRow[], atMs: number): Message[] {
	const content: ContentPart[] = [];
	const toolCalls: ToolCall[] = [];
	const results: Message[] = [];
	for (const part of parts) {
		const { data } = part;
		if (data.type === 'text' && data.text !== '') content.push({ type: 'text', text: data.text });
		else if (data.type === 'reasoning' && data.text !== '') content.push({ type: 'reasoning', text: data.text });
		else if (data.type === 'tool') {
			toolCalls.push(toolCallOf(data));
			results.push({ role: 'tool', toolCallId: data.callID, content: resultOf(part, atMs) });
		}
	}
	if (content.length === 0 && toolCalls.length === 0) return [];
	const message: Message = { role: 'assistant', content: compactContent(content) };
	if (toolCalls.length > 0) message.toolCalls = toolCalls;
	return [message, ...results];
}

function toolCallOf(data: Extract<PartRow['data'], { type: 'tool' }>): ToolCall {
	return { id: data.callID, name: data.tool, arguments: data.state.input ?? {} };
}

function resultOf(part: PartRow, atMs: number): string {
	if (part.data.type !== 'tool') return '';
	const { state } = part.data;
	if (wasCleared(part, atMs)) return clearedResult;
	return state.output ?? state.error ?? interruptedResult;
}

/** To save room the agent drops old tool results from later prompts; it notes when. */
function wasCleared({ data }: PartRow, atMs: number): boolean {
	return data.type === 'tool' && data.state.time?.compacted !== undefined && data.state.time.compacted <= atMs;
}

/** Name and kind of an attachment. Its bytes stay where they are: a picture in each prompt would be all there is. */
function fileContent(data: Extract<PartRow['data'], { type: 'file' }>): ContentPart {
	const where = data.url?.startsWith('data:') ? undefined : data.url;
	return {
		type: 'file',
		...(data.mime === undefined ? {} : { mime: data.mime }),
		...(data.filename === undefined ? {} : { filename: data.filename }),
		...(where === undefined ? {} : { url: where }),
	};
}

function compactContent(content: ContentPart[]): Message['content'] {
	const [only] = content;
	if (only === undefined) return '';
	return content.length === 1 && only.type === 'text' && only.text !== undefined ? only.text : content;
}
