import { firstText, peek } from '../../core/foreign.ts';
import type { ContentPart, Message } from '../../core/message.ts';
import { type Item, readItem } from './response-items.ts';

/** Text of a conversation that is held in memory at most, in characters; beyond it, content is left out. */
const maxChars = 16_000_000;

/**
 * The conversation of one thread as it stands at one line of its rollout: what the next call sends. Messages are made
 * once and shared by all prompts, so that a long thread costs its own size; what a call adds is appended.
 */
export class Conversation {
	#messages: Message[] = [];
	/** The answer that is being appended to. */
	#answer: Message | null = null;
	/** How long the conversation was when each turn began. */
	#turns: number[] = [];
	#chars = 0;

	/** Size of its text, in characters. */
	get chars(): number {
		return this.#chars;
	}

	/** Whether all of it is still here. */
	get isComplete(): boolean {
		return this.#chars <= maxChars;
	}

	/** How many messages a call that began now would send. */
	get length(): number {
		return this.#messages.length;
	}

	/** The first `length` messages. */
	prompt(length: number): Message[] {
		return this.#messages.slice(0, length);
	}

	/** Ends the answer at hand: what the model says next is another message. */
	endAnswer(): void {
		this.#answer = null;
	}

	beginTurn(): void {
		this.endAnswer();
		this.#turns.push(this.#messages.length);
	}

	/** Takes back the last turns, as the user did. */
	rollBack(turns: number): void {
		const kept = Math.max(0, this.#turns.length - turns);
		const length = this.#turns[kept];
		if (length === undefined) return;
		this.#turns.length = kept;
		// A copy: prompts of earlier calls are not to change.
		this.#messages = this.#messages.slice(0, length);
		this.endAnswer();
	}

	push(item: Item): void {
		if (item.from === 'client') {
			this.endAnswer();
			this.#add(item.message);
			return;
		}
		if (this.#answer === null) {
			this.#answer = { role: 'assistant', content: [] };
			this.#add(this.#answer);
		}
		appendToAnswer(this.#answer, item);
		this.#chars += (item.text?.length ?? 0) + (item.reasoning?.length ?? 0);
	}

	/**
	 * What is left after a compaction: the history that Codex put in its place, or where the record of an older release has
	 * none, what Codex made of it then: instructions, what the user said, and the summary.
	 */
	compact(payload: unknown): void {
		const replacement = peek(payload, 'replacement_history');
		const before = this.#messages;
		this.#messages = [];
		this.#turns = [];
		this.#chars = 0;
		this.endAnswer();
		if (Array.isArray(replacement)) {
			for (const each of replacement) {
				const item = readItem(peek(each, 'item') ?? each);
				if (item !== null) this.push(item);
			}
			this.endAnswer();
			return;
		}
		for (const message of before) if (message.role === 'system' || message.role === 'user') this.#add(message);
		const summary = firstText(peek(payload, 'message'));
		if (summary !== null) this.#add({ role: 'user', content: summary });
	}

	#add(message: Message): void {
		this.#messages.push(message);
		this.#chars += charsOf(message.content);
		if (!this.isComplete) this.#messages = [];
	}
}

/** Appends one item to a message of the assistant. */
function appendToAnswer(answer: Message, item: Extract<Item, { from: 'model' }>): void {
	const content = answer.content as ContentPart[];
	if (item.reasoning !== null) content.push({ type: 'reasoning', text: item.reasoning });
	if (item.text !== null) content.push({ type: 'text', text: item.text });
	if (item.toolCall !== null) answer.toolCalls = [...(answer.toolCalls ?? []), item.toolCall];
}

function charsOf(content: Message['content']): number {
	if (typeof content === 'string') return content.length;
	return content.reduce((sum, { text }) => sum + (text?.length ?? 0), 0);
}
