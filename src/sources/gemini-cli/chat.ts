import type { CallDraftInput, DraftInput, ResponseDraftInput } from '../../core/draft.ts';
import { firstText, peek } from '../../core/foreign.ts';
import type { Message } from '../../core/message.ts';
import { firstLineOf } from '../first-line.ts';
import type { Fold } from '../folded/fold.ts';
import type { ReadOptions, SkipReason } from '../source.ts';
import { asSent, type ChatMessage, chatMessage, isCall, pathsIn } from './chat-message.ts';
import { chatPlace } from './places.ts';
import { ProjectFolder } from './project-folder.ts';
import { sizeOfTokens, usageOfTokens } from './usage.ts';

export interface ChatOptions {
	path: string;
	metadataSinceMs: number;
	contentSinceMs: number;
	/** Folders of the workspace: a chat names its own by a hash. */
	workspace: readonly string[];
}

/** One call, and what was said before it: the first `length` of `before`. */
interface ChatCall {
	message: ChatMessage;
	/** `null` once the request was handed over, and others have followed: only what came back can change. */
	before: readonly ChatMessage[] | null;
	length: number;
	startedAtMs: number;
	/** When the message was first written. */
	writtenAtMs: number;
}

/** Text of a chat that is held in memory at most, in characters; beyond it, content is left out. */
const maxChars = 16_000_000;

/**
 * One chat, taken record by record, as the calls that it tells of: one for each message of the model. A message is
 * written again under its id when its tools are done; the last writing counts, though fewer tokens never take the place
 * of more. `$set` changes the head or puts another history in place of the messages, `$rewindTo` takes messages back:
 * both change what later calls send, not what was called.
 */
export class Chat implements Fold {
	readonly openSinceMs = null;
	readonly #options: ChatOptions;
	readonly #folder: ProjectFolder;
	readonly #parentSessionId: string | null;
	readonly #skipped: Partial<Record<SkipReason, number>> = {};
	readonly #calls = new Map<string, ChatCall>();
	readonly #changed = new Set<ChatCall>();
	readonly #answered = new Set<string>();
	readonly #sent = new WeakMap<ChatMessage, Message[]>();
	#latest: ChatCall | null = null;
	#messages: ChatMessage[] = [];
	#places = new Map<string, number>();
	#sessionId: string | null = null;
	#isSubagent: boolean;
	#title: string | null = null;
	#chars = 0;

	constructor(options: ChatOptions) {
		const place = chatPlace(options.path);
		this.#options = options;
		this.#folder = new ProjectFolder(place, options.workspace);
		this.#parentSessionId = place?.parentSessionId ?? null;
		this.#isSubagent = this.#parentSessionId !== null;
	}

	get skipped(): Readonly<Partial<Record<SkipReason, number>>> {
		return this.#skipped;
	}

	get heldChars(): number {
		return this.#chars;
	}

	verdict({ accepts }: ReadOptions): 'yes' | SkipReason | null {
		const folder = this.#folder.path;
		if (folder !== null) return accepts(folder);
		return accepts(null) === 'yes' ? 'yes' : null;
	}

	/** A chat that tells of no call yet may still name its folder. */
	lastVerdict(options: ReadOptions): 'yes' | SkipReason {
		return this.verdict(options) ?? (this.#calls.size === 0 ? 'yes' : options.accepts(null));
	}

	giveUp(): void {
		// A message is written once its answer is complete: none is ever open.
	}

	take(value: unknown): void {
		const rewindTo = peek(value, '$rewindTo');
		const change = peek(value, '$set');
		if (typeof rewindTo === 'string') this.#rewind(rewindTo);
		else if (typeof change === 'object' && change !== null) this.#takeHead(change);
		else {
			const message = chatMessage(value);
			if (message !== null) this.#takeMessage(message);
			else this.#takeHead(value);
		}
	}

	drain(): DraftInput[] {
		const drafts = [...this.#changed].flatMap((call) => this.#draftsOf(call));
		for (const call of this.#changed) if (call !== this.#latest) call.before = null;
		this.#changed.clear();
		return drafts;
	}

	#takeHead(head: unknown): void {
		const sessionId = firstText(peek(head, 'sessionId'));
		if (sessionId !== null) {
			this.#sessionId = sessionId;
			this.#folder.identify(firstText(peek(head, 'projectHash')));
		}
		if (peek(head, 'kind') === 'subagent') this.#isSubagent = true;
		const messages = peek(head, 'messages');
		if (Array.isArray(messages)) this.#replace(messages.flatMap((each) => chatMessage(each) ?? []));
	}

	#takeMessage(message: ChatMessage): void {
		const at = this.#places.get(message.id);
		if (at === undefined) {
			this.#places.set(message.id, this.#messages.length);
			this.#messages.push(message);
		} else {
			this.#chars -= charsOf(this.#messages[at]);
			this.#messages[at] = message;
		}
		this.#chars += charsOf(message);
		this.#follow(message, at ?? this.#messages.length - 1);
	}

	/** Another history, of which some may be known: prompts that were sent keep the one before. */
	#replace(messages: ChatMessage[]): void {
		this.#messages = messages;
		this.#number();
		for (const [index, message] of messages.entries()) this.#follow(message, index);
	}

	#rewind(id: string): void {
		this.#messages = this.#messages.slice(0, this.#places.get(id) ?? 0);
		this.#number();
	}

	#number(): void {
		this.#places = new Map(this.#messages.map(({ id }, index) => [id, index]));
		this.#chars = this.#messages.reduce((sum, message) => sum + charsOf(message), 0);
	}

	#follow(message: ChatMessage, index: number): void {
		for (const { id } of message.answers) this.#answered.add(id);
		if (this.#folder.path === null) for (const path of pathsIn(message)) this.#folder.tryAround(path);
		if (message.type === 'user') this.#nameBy(message);
		if (!isCall(message)) return;
		const known = this.#calls.get(message.id);
		if (known === undefined) this.#begin(message, index);
		else if (changes(known.message, message)) {
			const tokens = sizeOfTokens(message.tokens) < sizeOfTokens(known.message.tokens) ? known.message : message;
			known.message = { ...message, model: message.model ?? known.message.model, tokens: tokens.tokens };
			this.#changed.add(known);
		}
	}

	#begin(message: ChatMessage, index: number): void {
		const previous = this.#messages[index - 1];
		const writtenAtMs = message.atMs ?? previous?.atMs ?? 0;
		const times = [previous?.atMs ?? null, ...(previous?.toolCalls ?? []).map(({ doneAtMs }) => doneAtMs)];
		const before = times.flatMap((at) => (at !== null && at <= writtenAtMs ? [at] : []));
		const startedAtMs = before.length === 0 ? writtenAtMs : Math.max(...before);
		const call: ChatCall = { message, before: this.#messages, length: index, startedAtMs, writtenAtMs };
		this.#calls.set(message.id, call);
		this.#latest = call;
		if (startedAtMs >= this.#options.metadataSinceMs) this.#changed.add(call);
		else this.#skipped.tooOld = (this.#skipped.tooOld ?? 0) + 1;
	}

	#nameBy({ text }: ChatMessage): void {
		if (this.#title !== null || text.startsWith('<session_context>') || text.startsWith('This is the Gemini CLI.'))
			return;
		this.#title = firstLineOf(text);
	}

	#draftsOf({ message, before, length, startedAtMs, writtenAtMs }: ChatCall): DraftInput[] {
		if (startedAtMs < this.#options.metadataSinceMs) return [];
		const endedAtMs = Math.max(startedAtMs, Math.min(writtenAtMs, askedAtMs(message) ?? writtenAtMs));
		const prompt = before === null ? [] : this.#promptOf(before, length);
		const withContent = startedAtMs >= this.#options.contentSinceMs && this.#chars <= maxChars;
		const identity = {
			callId: `gemini-cli:${message.id}`,
			sessionId: this.#sessionId ?? `gemini-cli:${this.#options.path}`,
			agentId: 'gemini-cli',
			origin: { source: 'gemini-cli', record: `${this.#options.path}#${message.id}` },
			provider: 'google',
			model: message.model ?? 'unknown',
			protocol: 'gemini' as const,
			contentState: withContent ? ('full' as const) : ('off' as const),
		};
		const call: CallDraftInput = {
			eventType: 'llm_call',
			...identity,
			startedAtMs,
			kind: this.#isSubagent ? 'subagent' : 'chat',
			parentSessionId: this.#parentSessionId,
			title: this.#title,
			folder: this.#folder.path,
			messages: withContent ? prompt : [],
			messageCount: prompt.length,
		};
		const toolCalls = message.toolCalls.map(({ id, name, arguments: args }) => ({ id, name, arguments: args }));
		const firstTokenAtMs = message.firstThoughtAtMs ?? endedAtMs;
		const response: ResponseDraftInput = {
			eventType: 'llm_response',
			...identity,
			endedAtMs,
			state: 'ok',
			completion: withContent && message.text !== '' ? message.text : null,
			reasoning: withContent && message.thoughts.length > 0 ? message.thoughts.join('\n\n') : null,
			toolCalls: withContent ? toolCalls : [],
			...usageOfTokens(message.tokens),
			latencyMs: endedAtMs - startedAtMs,
			timeToFirstTokenMs:
				firstTokenAtMs > startedAtMs && firstTokenAtMs < endedAtMs ? firstTokenAtMs - startedAtMs : null,
		};
		return before === null ? [response] : [call, response];
	}

	#promptOf(before: readonly ChatMessage[], length: number): Message[] {
		const prompt: Message[] = [];
		for (let index = 0; index < length; index++) {
			const message = before[index];
			if (message === undefined) continue;
			let sent = this.#sent.get(message);
			if (sent === undefined) {
				sent = asSent(message, this.#answered);
				this.#sent.set(message, sent);
			}
			for (const each of sent) prompt.push(each);
		}
		return prompt;
	}
}

function charsOf(message: ChatMessage | undefined): number {
	if (message === undefined) return 0;
	const results = [...message.answers.map(({ content }) => content), ...message.toolCalls.map(({ result }) => result)];
	return results.reduce((sum, text) => sum + (text?.length ?? 0), message.text.length);
}

/** Whether another writing of a message says anything else of its call. */
function changes(old: ChatMessage, next: ChatMessage): boolean {
	if (sizeOfTokens(next.tokens) > sizeOfTokens(old.tokens)) return true;
	if (next.toolCalls.length > old.toolCalls.length || next.thoughts.length > old.thoughts.length) return true;
	// Results that were cut out of a longer history later do not change what was answered.
	return old.text === '' && next.text !== '';
}

/**
 * When the model asked for the first of its tools, which is in the id of the request: the message itself is written
 * only when there is time for it.
 */
function askedAtMs({ toolCalls }: ChatMessage): number | null {
	const times = toolCalls.flatMap(({ id }) => /(?:^|[_-])(1\d{12})(?:[_-]|$)/.exec(id)?.[1] ?? []).map(Number);
	return times.length === 0 ? null : Math.max(...times);
}
