import type { Message } from '../../core/message.ts';
import { isAnswerLine, keyOf } from './answer.ts';
import { answerMessage, userContent } from './blocks.ts';
import type { TranscriptLine } from './transcript-line.ts';

/** Texts kept of one conversation, in characters. Above it, its further prompts are not rebuilt. */
const maxChars = 48 << 20;
/** Prompts remembered, each the start of the next one. */
const maxRemembered = 8;

/** A line within the conversation; what is not sent to the model only leads on to what was before it. */
interface Node {
	parent: string | null;
	/** Key of the answer that the line is part of. */
	answer: string | null;
	/** What a user line sends beside results of tools. */
	message: Message | null;
	results: Message[];
}

interface AnswerContent {
	blocks: unknown[];
	/** Of its first line. */
	parent: string | null;
}

/**
 * What was said in one transcript. Each line names the one before it, so that a prompt is the way back from an answer's
 * first line: branches that the user left by going back are not on it, and a summary begins anew.
 *
 * The agent's system prompt, its tools and what it attaches on its own are not in the record as they were sent.
 * Messages are shared between prompts: a long session costs its own size once.
 */
export class Conversation {
	readonly #nodes = new Map<string, Node>();
	readonly #answers = new Map<string, AnswerContent>();
	readonly #results = new Map<string, Message>();
	/** The conversation up to and including an answer, by its key. Latest last. */
	readonly #through = new Map<string, Message[]>();
	/** The line before, where one names a parent that is not there. */
	#latest: string | null = null;
	#chars = 0;
	/** Up to where in the file lines were taken in. */
	readTo = 0;

	/** Its texts are too many to be kept: prompts of what comes from now on are not known. */
	get isTooLarge(): boolean {
		return this.#chars > maxChars;
	}

	get size(): number {
		return this.#chars;
	}

	/** Takes in a line of `bytes` length; one that is there already changes nothing. */
	add(line: TranscriptLine, bytes: number): void {
		const { uuid } = line;
		if (uuid == null || line.echoed || this.isTooLarge || this.#nodes.has(uuid)) return;
		const answer = isAnswerLine(line) ? keyOf(line) : null;
		const parent = line.parentUuid ?? null;
		const known = parent === null || this.#nodes.has(parent) ? parent : this.#latest;
		const node: Node = { parent: known, answer, message: null, results: [] };
		if (answer !== null) this.#addAnswer(answer, line, known);
		else if (line.type === 'user' && line.isVisibleInTranscriptOnly !== true) {
			Object.assign(node, userContent(line.message?.content));
			for (const result of node.results) if (result.toolCallId) this.#results.set(result.toolCallId, result);
		}
		this.#nodes.set(uuid, node);
		this.#latest = uuid;
		// What is kept of a line is no longer than the line; results of tools stand in it twice.
		this.#chars += answer === null && node.results.length > 0 ? bytes / 2 : bytes;
	}

	/** What was sent for the answer of that key; `null` when that is not known. */
	promptOf(key: string): Message[] | null {
		const answer = this.#answers.get(key);
		return answer === undefined || this.isTooLarge ? null : this.#upTo(answer.parent);
	}

	#addAnswer(key: string, line: TranscriptLine, parent: string | null): void {
		let answer = this.#answers.get(key);
		if (answer === undefined) {
			answer = { blocks: [], parent };
			this.#answers.set(key, answer);
		}
		const content = line.message?.content;
		if (Array.isArray(content)) answer.blocks.push(...content);
		else if (typeof content === 'string') answer.blocks.push({ type: 'text', text: content });
		this.#through.delete(key);
	}

	/** Everything from the beginning to the line at `uuid`. */
	#upTo(uuid: string | null): Message[] {
		// The way back is walked to the nearest point that is remembered, or to the beginning.
		const way: Node[] = [];
		const passed = new Set<string>();
		for (let at = uuid; at !== null && !passed.has(at); ) {
			passed.add(at);
			const node = this.#nodes.get(at);
			if (node === undefined) break;
			const known = node.answer === null ? undefined : this.#through.get(node.answer);
			if (known !== undefined) return this.#walked(way.reverse(), known);
			way.push(node);
			at = node.parent;
		}
		return this.#walked(way.reverse(), []);
	}

	#walked(way: readonly Node[], known: readonly Message[]): Message[] {
		const prompt = [...known];
		const sent = new Set<string>(resultsAfterLastAnswer(known));
		const answered = new Set<string>();
		const last = way.findLast(({ answer }) => answer !== null)?.answer;
		for (const { answer, message, results } of way) {
			if (answer !== null) {
				// Lines of one answer may have results between them.
				if (answered.has(answer)) continue;
				answered.add(answer);
				this.#sendAnswer(answer, prompt, sent);
				if (answer === last) this.#remember(answer, [...prompt]);
				continue;
			}
			for (const result of results) if (!result.toolCallId || !sent.has(result.toolCallId)) prompt.push(result);
			if (message !== null) prompt.push(message);
		}
		return prompt;
	}

	/** An answer, and what the tools that it called gave, wherever in the record that stands. */
	#sendAnswer(key: string, prompt: Message[], sent: Set<string>): void {
		const message = answerMessage(this.#answers.get(key)?.blocks ?? []);
		if (message === null) return;
		prompt.push(message);
		for (const { id } of message.toolCalls ?? []) {
			const result = this.#results.get(id);
			if (result === undefined) continue;
			prompt.push(result);
			sent.add(id);
		}
	}

	#remember(key: string, through: Message[]): void {
		this.#through.delete(key);
		this.#through.set(key, through);
		for (const oldest of this.#through.keys()) {
			if (this.#through.size <= maxRemembered) break;
			this.#through.delete(oldest);
		}
	}
}

function resultsAfterLastAnswer(prompt: readonly Message[]): string[] {
	const last = prompt.findLastIndex(({ role }) => role === 'assistant');
	return prompt.slice(last + 1).flatMap(({ toolCallId }) => toolCallId ?? []);
}
