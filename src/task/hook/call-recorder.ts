import { randomUUID } from 'node:crypto';
import type { CallDraftInput, ResponseDraftInput } from '../../core/draft.ts';
import { firstText, isThenable, peek } from '../../core/foreign.ts';
import type { CallContext } from './call-context.ts';
import { complain, guarded } from './call-context.ts';
import { describeError, isAbort } from './describe-error.ts';
import type { ModelSnapshot } from './foreign-model.ts';
import type { RequestSnapshot } from './request-snapshot.ts';
import { ToolCallCollector } from './tool-call-collector.ts';
import { UsageCollector } from './usage-collector.ts';

/**
 * How a stream came to its end.
 * `done`: it ended itself. `failed`: it threw. `cancelled`: it was given up. `stopped`: its consumer wanted no more and
 * what was read on for the usage ran out of time.
 */
export type Ending = 'done' | 'failed' | 'cancelled' | 'stopped';

/** After an abort, how long the stream may still tell its usage before the record is closed, in ms. */
const abortGraceMs = 1000;
/** How often an agent without an abort signal is asked whether it has given up, in ms. */
const cancelPollMs = 500;

/** One call from request start to its end: gathers what the stream says and makes the two drafts of it. */
export class CallRecorder {
	readonly callId = randomUUID();
	readonly #context: CallContext;
	readonly #model: ModelSnapshot;
	readonly #request: RequestSnapshot;
	readonly #sessionId: string;
	readonly #usage: UsageCollector;
	readonly #toolCalls = new ToolCallCollector();
	readonly #cancelListeners: (() => void)[] = [];
	#startedAtMs = 0;
	#started = 0;
	#firstToken: number | null = null;
	#usageReceived: number | null = null;
	#lastSeen: number | null = null;
	#completion = '';
	#reasoning = '';
	#finishReason: string | null = null;
	/** Usage came with or after the finish: it is final. */
	#settled = false;
	#errorChunk: { message: string; code: string | null } | null = null;
	#cancelled = false;
	#over = false;
	#poll: NodeJS.Timeout | undefined;
	#grace: NodeJS.Timeout | undefined;
	#complained = false;

	/** Takes what was snapshot at request start. `fallbackSession` is used when nobody names the task. */
	constructor(context: CallContext, model: ModelSnapshot, request: RequestSnapshot, fallbackSession: string) {
		this.#context = context;
		this.#model = model;
		this.#request = request;
		this.#sessionId = request.taskId ?? fallbackSession;
		this.#usage = new UsageCollector(model.protocol);
	}

	/**
	 * Starts the clock: call it right before the request leaves, after our own preparations. Called again, it starts
	 * anew.
	 */
	start(): void {
		const { signal } = this.#request;
		// The same listener is added once, however often.
		signal?.addEventListener('abort', this.#onAbort, { once: true });
		if (signal?.aborted) this.giveUp();
		if (this.#context.isCancelled !== undefined) {
			this.#poll ??= setInterval(() => {
				if (this.cancelled) this.giveUp();
			}, cancelPollMs).unref();
		}
		this.#startedAtMs = Date.now();
		this.#started = performance.now();
	}

	/** Hands over the `llm_call`. */
	announce(): void {
		this.#send(() => this.#callDraft());
	}

	/** Whether the record is closed. */
	get over(): boolean {
		return this.#over;
	}

	/** Whether the agent has given this request up. */
	get cancelled(): boolean {
		if (this.#cancelled || this.#request.signal?.aborted === true) return true;
		return guarded(this.#context.log, 'isCancelled failed', () => this.#context.isCancelled?.()) === true;
	}

	/** Whether the stream has said all that a record needs. */
	get complete(): boolean {
		return this.#settled;
	}

	/** Calls the listener at once when the request is given up while it runs. */
	onCancel(listener: () => void): void {
		this.#cancelListeners.push(listener);
	}

	/** The request is given up: the stream gets a moment to end by itself, then the record closes as cancelled. */
	giveUp(): void {
		if (this.#over || this.#grace !== undefined) return;
		this.#cancelled = true;
		clearInterval(this.#poll);
		this.#grace = setTimeout(() => this.end('cancelled'), abortGraceMs).unref();
		for (const listener of this.#cancelListeners) listener();
	}

	/** Takes one chunk of the stream. Never throws, never keeps the chunk. */
	see(chunk: unknown): void {
		if (this.#over) return;
		const now = performance.now();
		this.#lastSeen = now;
		try {
			this.#take(chunk, now);
		} catch (error) {
			if (!this.#complained) complain(this.#context.log, 'A chunk could not be read', error);
			this.#complained = true;
		}
	}

	/** Closes the record and hands over the `llm_response`; only the first call does anything. */
	end(how: Ending, error?: unknown): void {
		if (this.#over) return;
		const now = performance.now();
		const endedAt = how === 'stopped' ? (this.#lastSeen ?? now) : now;
		const cancelled = this.cancelled;
		this.#over = true;
		clearInterval(this.#poll);
		clearTimeout(this.#grace);
		guarded(this.#context.log, 'The abort listener could not be removed', () =>
			this.#request.signal?.removeEventListener('abort', this.#onAbort),
		);
		this.#send(() => this.#responseDraft(how, cancelled, error, endedAt));
	}

	readonly #onAbort = (): void => this.giveUp();

	#take(chunk: unknown, now: number): void {
		const type = peek(chunk, 'type');
		if (type === 'text') {
			this.#firstToken ??= now;
			this.#completion += firstText(peek(chunk, 'text')) ?? '';
		} else if (type === 'reasoning' || type === 'ant_thinking') {
			this.#firstToken ??= now;
			this.#reasoning += firstText(peek(chunk, 'text'), peek(chunk, 'thinking')) ?? '';
		} else if (type === 'usage') {
			if (!this.#usage.add(chunk)) return;
			this.#usageReceived = now;
			this.#settled = this.#finishReason !== null;
		} else if (type === 'finish') {
			this.#finishReason = firstText(peek(chunk, 'reason')) ?? this.#finishReason;
		} else if (type === 'error') {
			this.#errorChunk = {
				message: firstText(peek(chunk, 'message'), peek(chunk, 'error')) ?? 'The stream reported an error.',
				code: firstText(peek(chunk, 'error')),
			};
		} else if (this.#toolCalls.add(type, chunk)) {
			this.#firstToken ??= now;
		}
	}

	#identity(): Pick<CallDraftInput, 'callId' | 'sessionId' | 'agentId' | 'origin' | 'provider' | 'protocol'> {
		return {
			callId: this.callId,
			sessionId: this.#sessionId,
			agentId: this.#context.agentId,
			origin: {
				source: this.#context.source ?? 'task-loop',
				billing: this.#context.billing ?? 'api',
				live: true,
			},
			provider: this.#model.provider,
			protocol: this.#model.protocol,
		};
	}

	#callDraft(): CallDraftInput {
		const { systemPrompt, messages, messageCount, tools, parameters, mode } = this.#request;
		const { kind, parentTaskId, title, folder } = this.#context;
		return {
			eventType: 'llm_call',
			...this.#identity(),
			model: this.#model.model,
			startedAtMs: this.#startedAtMs,
			kind: kind ?? 'chat',
			parentSessionId: parentTaskId ?? null,
			title: title ?? null,
			mode,
			folder: folder ?? null,
			systemPrompt,
			messages: messages ?? [],
			messageCount: messages?.length ?? messageCount,
			tools,
			parameters,
			contentState: messages === null ? 'none' : 'full',
		};
	}

	#responseDraft(how: Ending, cancelled: boolean, error: unknown, endedAt: number): ResponseDraftInput {
		const state = this.#state(how, cancelled, error);
		const { usage, meta, notes } = this.#usage.result();
		const served = this.#firstToken !== null;
		const cutOff = usage !== null && !this.#settled && (state !== 'ok' || how === 'stopped');
		const sinceStart = (at: number | null): number | null => (at === null ? null : Math.max(0, at - this.#started));
		return {
			eventType: 'llm_response',
			...this.#identity(),
			model: meta.model ?? this.#model.model,
			aliases: aliasesOf(meta.responseId, meta.requestId, peek(error, 'requestId'), peek(error, 'requestID')),
			endedAtMs: this.#startedAtMs + Math.round(endedAt - this.#started),
			state,
			finishReason: this.#finishReason,
			completion: this.#completion === '' ? null : this.#completion,
			reasoning: this.#reasoning === '' ? null : this.#reasoning,
			toolCalls: this.#toolCalls.toolCalls(),
			usage,
			usageMissing: usage === null && (state === 'ok' || served),
			usageBound: cutOff ? 'atLeast' : 'exact',
			usageNotes: cutOff ? [...notes, 'The stream was cut before the final count.'] : notes,
			reportedCostUsd: meta.totalCost ?? null,
			reportedBy: meta.totalCost === undefined ? null : (this.#context.costFrom ?? 'agent'),
			latencyMs: sinceStart(endedAt),
			timeToFirstTokenMs: sinceStart(this.#firstToken),
			completionTimeMs: sinceStart(this.#usageReceived),
			inferenceProvider: meta.inferenceProvider ?? null,
			serviceTier: meta.serviceTier ?? null,
			error: this.#error(state, error),
		};
	}

	#state(how: Ending, cancelled: boolean, error: unknown): ResponseDraftInput['state'] {
		if (how === 'cancelled') return 'cancelled';
		if (how === 'failed') return cancelled || isAbort(error) ? 'cancelled' : 'error';
		if (cancelled && this.#finishReason === null) return 'cancelled';
		return this.#errorChunk === null ? 'ok' : 'error';
	}

	#error(state: ResponseDraftInput['state'], error: unknown): ResponseDraftInput['error'] {
		if (state === 'ok') return null;
		if (error !== undefined) return describeError(error);
		return this.#errorChunk === null ? null : { ...this.#errorChunk, status: null };
	}

	#send(make: () => CallDraftInput | ResponseDraftInput): void {
		const { log, sink } = this.#context;
		guarded(log, 'A call could not be handed over', () => {
			// A foreign sink may be an async function for all its type says; its rejection must not go unhandled.
			const answer: unknown = sink.accept(make());
			if (isThenable(answer)) answer.then(undefined, (error) => complain(log, 'A call could not be kept', error));
		});
	}
}

/** Ids that are there, each once. */
function aliasesOf(...ids: unknown[]): string[] {
	return [...new Set(ids.filter((id) => typeof id === 'string' && id !== ''))].map(String);
}
