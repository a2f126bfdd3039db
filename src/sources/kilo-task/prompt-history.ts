import type { Message, ToolCall } from '../../core/message.ts';
import { type EnvironmentDetails, environmentDetailsOf } from './environment-details.ts';
import type { HistoryMessage } from './records.ts';

/** A call's place in `api_conversation_history.json`. */
export interface Turn {
	/** Index of the assistant message that it gave; `null` if it gave none. */
	assistant: number | null;
	/** The prompt is the part of the history before this index, as it stood then. */
	promptEnd: number;
}

/** What is needed of a row to find its place: when it was written, and whether its stream came to an end. */
export interface TurnRow {
	ts: number;
	/** Cancelled or cut: gives no assistant message. */
	failed: boolean;
}

/**
 * The conversation of one task, from which the prompt of each of its calls is rebuilt: everything before the call's
 * assistant message. What a later condensation or truncation took out of the conversation is put back for the calls
 * before it, and left out for those after it. The system prompt and the tools are not in the records.
 */
export class PromptHistory {
	readonly #messages: readonly HistoryMessage[];
	readonly #normalise: (message: HistoryMessage) => Message[];
	readonly #normalised: (Message[] | undefined)[] = [];
	/** When each summary or truncation took effect, by its id. */
	readonly #replacedAt = new Map<string, number>();

	/**
	 * `condensedAt`: times of the task's condensations, oldest first; the history has each summary at the place of what
	 * it replaced, not at its time.
	 */
	constructor(
		messages: readonly HistoryMessage[],
		normalise: (message: HistoryMessage) => Message[],
		condensedAt: readonly { ts: number; condenseId: string | null }[],
	) {
		this.#messages = messages;
		this.#normalise = normalise;
		let nth = 0;
		for (const message of messages) {
			if (message.isSummary === true) {
				const byId = condensedAt.find(({ condenseId }) => condenseId !== null && condenseId === message.condenseId);
				const at = (byId ?? condensedAt[nth])?.ts ?? message.ts ?? 0;
				nth++;
				if (message.condenseId !== undefined) this.#replacedAt.set(message.condenseId, at);
			}
			if (message.isTruncationMarker === true && message.truncationId !== undefined) {
				this.#replacedAt.set(message.truncationId, message.ts ?? 0);
			}
		}
	}

	/**
	 * Finds each row's assistant message: the first one written between the row and the next. Histories without times
	 * (before 2025) are walked in order: each row that did not fail takes the next assistant message.
	 */
	turns(rows: readonly TurnRow[]): Turn[] {
		const assistants = this.#messages.flatMap(({ role, isSummary }, index) =>
			role === 'assistant' && isSummary !== true ? [index] : [],
		);
		const timed = assistants.every((index) => this.#messages[index]?.ts !== undefined);
		let next = 0;
		return rows.map(({ ts, failed }, nth) => {
			const until = rows[nth + 1]?.ts ?? Number.POSITIVE_INFINITY;
			if (!timed) {
				const index = assistants[next];
				if (index === undefined) return { assistant: null, promptEnd: this.#messages.length };
				if (!failed) next++;
				return { assistant: failed ? null : index, promptEnd: index };
			}
			while (next < assistants.length && this.#timeOf(assistants[next]) < ts) next++;
			const index = assistants[next];
			if (index === undefined) return { assistant: null, promptEnd: this.#endBefore(this.#messages.length, until) };
			if (this.#timeOf(index) >= until) return { assistant: null, promptEnd: this.#endBefore(index, until) };
			return { assistant: index, promptEnd: index };
		});
	}

	/** The messages that a call sent that began at `ts`. */
	promptBefore(end: number, ts: number): Message[] {
		const prompt: Message[] = [];
		for (let index = 0; index < end; index++) {
			const message = this.#messages[index];
			if (message === undefined || this.#leftOut(message, ts)) continue;
			for (const part of this.#normalisedAt(index, message)) prompt.push(part);
		}
		return prompt;
	}

	/** Number of messages in that prompt, without building it. */
	countBefore(end: number, ts: number): number {
		let count = 0;
		for (let index = 0; index < end; index++) {
			const message = this.#messages[index];
			if (message !== undefined && !this.#leftOut(message, ts)) count++;
		}
		return count;
	}

	message(index: number): HistoryMessage | null {
		return this.#messages[index] ?? null;
	}

	/** What the last user message before `end` tells of the model, mode and folder. */
	environmentBefore(end: number): EnvironmentDetails | null {
		for (let index = end - 1; index >= 0; index--) {
			const message = this.#messages[index];
			if (message?.role !== 'user') continue;
			const details = environmentDetailsOf(message.content);
			if (details !== null) return details;
		}
		return null;
	}

	/** The working directory, which the task's first message names. */
	folder(): string | null {
		for (const message of this.#messages) {
			const folder = message.role === 'user' ? environmentDetailsOf(message.content)?.folder : null;
			if (typeof folder === 'string') return folder;
		}
		return null;
	}

	#leftOut(message: HistoryMessage, ts: number): boolean {
		const { isSummary, condenseId, isTruncationMarker, truncationId, condenseParent, truncationParent } = message;
		if (isSummary === true && condenseId !== undefined && (this.#replacedAt.get(condenseId) ?? 0) > ts) return true;
		if (isTruncationMarker === true)
			return truncationId === undefined || (this.#replacedAt.get(truncationId) ?? 0) > ts;
		// A parent that is gone (the user went back to before it) replaces nothing any more.
		return [condenseParent, truncationParent].some((parent) => {
			const at = parent === undefined ? undefined : this.#replacedAt.get(parent);
			return at !== undefined && at <= ts;
		});
	}

	#normalisedAt(index: number, message: HistoryMessage): Message[] {
		const known = this.#normalised[index];
		if (known !== undefined) return known;
		const made = this.#normalise(message);
		this.#normalised[index] = made;
		return made;
	}

	/** A call without an answer sent what was there before the next call began, up to the user's last word. */
	#endBefore(index: number, until: number): number {
		let end = index;
		while (end > 0) {
			const message = this.#messages[end - 1];
			if (message?.role === 'user' && (message.ts ?? 0) < until) break;
			end--;
		}
		return end;
	}

	#timeOf(index: number | undefined): number {
		return (index === undefined ? undefined : this.#messages[index]?.ts) ?? 0;
	}
}

/** What an assistant message says, as a response holds it. */
export function answerOf(message: HistoryMessage): {
	completion: string | null;
	reasoning: string | null;
	toolCalls: ToolCall[];
	thoughtSignature: boolean;
} {
	if (typeof message.content === 'string') {
		return { completion: message.content, reasoning: null, toolCalls: [], thoughtSignature: false };
	}
	const texts: string[] = [];
	const thoughts: string[] = [];
	const toolCalls: ToolCall[] = [];
	let thoughtSignature = false;
	for (const block of message.content) {
		if (typeof block !== 'object' || block === null) continue;
		const type = textOf(block, 'type');
		if (type === 'text') texts.push(textOf(block, 'text'));
		else if (type === 'reasoning') thoughts.push(textOf(block, 'text'));
		else if (type === 'thinking') thoughts.push(textOf(block, 'thinking'));
		else if (type === 'tool_use') {
			const input: unknown = Reflect.get(block, 'input');
			toolCalls.push({ id: textOf(block, 'id'), name: textOf(block, 'name'), arguments: input ?? {} });
		} else if (type === 'thoughtSignature') thoughtSignature = true;
	}
	return {
		completion: texts.length > 0 ? texts.join('\n') : null,
		reasoning: thoughts.length > 0 ? thoughts.join('\n') : null,
		toolCalls,
		thoughtSignature,
	};
}

function textOf(block: object, key: string): string {
	const value: unknown = Reflect.get(block, key);
	return typeof value === 'string' ? value : '';
}
