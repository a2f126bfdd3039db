import type { ContentPart, Message, ToolCall } from '../../core/message.ts';

/** What came back for one call. */
export interface Answer {
	texts: string[];
	reasoning: string[];
	toolCalls: ToolCall[];
}

/** What a call sends: the first `length` of `messages`. */
export interface Prompt {
	messages: readonly Message[];
	length: number;
	/** Messages before those, whose texts are not held any more. */
	forgotten: number;
}

/**
 * The conversation of a session, or of one subagent in it, as it stands at one line of its record. Messages are made
 * once and shared by all prompts, so that a long session costs its own size.
 */
export class Thread {
	/** `null`: the session itself. */
	readonly agent: string | null;
	title: string | null = null;
	systemPrompt: string | null = null;
	readonly #isFull: () => boolean;
	#messages: Message[] = [];
	/** Messages that were forgotten: only their number is known. */
	#forgotten = 0;
	/** The call whose answer came last: more of it is appended, not added. */
	#answering: string | null = null;
	#compactedAt: number | null = null;
	#chars = 0;

	/** `isFull`: there is no more room for texts. Until the next compaction, messages are only counted then. */
	constructor(agent: string | null, isFull: () => boolean) {
		this.agent = agent;
		this.#isFull = isFull;
	}

	/** Size of all texts, in characters. */
	get chars(): number {
		return this.#chars;
	}

	/** The messages as they stand now: later ones are not in it. */
	get prompt(): Prompt {
		return { messages: this.#messages, length: this.#messages.length, forgotten: this.#forgotten };
	}

	user(text: string): void {
		this.#add({ role: 'user', content: text });
	}

	developer(text: string): void {
		this.#add({ role: 'system', content: text });
	}

	toolResult(toolCallId: string, text: string): void {
		this.#add({ role: 'tool', toolCallId, content: text });
	}

	/** One piece of an answer; those of one call make one message. */
	answer(call: string, piece: { text: string; reasoning: string | null; toolCalls: ToolCall[] }): void {
		const content: ContentPart[] = [];
		if (piece.reasoning !== null) content.push({ type: 'reasoning', text: piece.reasoning });
		if (piece.text !== '') content.push({ type: 'text', text: piece.text });
		const last = this.#messages.at(-1);
		if (this.#answering === call && last?.role === 'assistant' && Array.isArray(last.content)) {
			last.content.push(...content);
			if (piece.toolCalls.length > 0) last.toolCalls = [...(last.toolCalls ?? []), ...piece.toolCalls];
			this.#chars += charsOf({ role: 'assistant', content, toolCalls: piece.toolCalls });
			return;
		}
		this.#add({ role: 'assistant', content, ...(piece.toolCalls.length > 0 ? { toolCalls: piece.toolCalls } : {}) });
		this.#answering = call;
	}

	/** A compaction sums up what there is now, while the conversation may go on. */
	beginCompaction(): void {
		this.#compactedAt = this.#messages.length;
	}

	endCompaction(summary: string | null): void {
		if (summary !== null && this.#forgotten > 0) this.#begin([]);
		const kept = this.#messages.slice(this.#compactedAt ?? this.#messages.length);
		this.#compactedAt = null;
		if (summary === null) return;
		this.#begin([{ role: 'user', content: summary }, ...kept]);
	}

	/** Another list: prompts of earlier calls are not to change. */
	#begin(messages: Message[], forgotten = 0): void {
		this.#messages = messages;
		this.#forgotten = forgotten;
		this.#chars = messages.reduce((sum, message) => sum + charsOf(message), 0);
		this.#answering = null;
	}

	#add(message: Message): void {
		this.#answering = null;
		if (this.#forgotten > 0) {
			this.#forgotten++;
			return;
		}
		this.#messages.push(message);
		this.#chars += charsOf(message);
		if (this.#isFull()) this.#begin([], this.#messages.length);
	}
}

function charsOf({ content, toolCalls }: Message): number {
	const texts =
		typeof content === 'string' ? content.length : content.reduce((sum, { text }) => sum + (text?.length ?? 0), 0);
	return texts + (toolCalls === undefined ? 0 : JSON.stringify(toolCalls).length);
}
