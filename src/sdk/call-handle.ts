import { randomUUID } from 'node:crypto';
import { describeIssues } from '../core/describe-issues.ts';
import { isThenable, peek } from '../core/foreign.ts';
import type { EventInput } from '../core/outside/event-input.ts';
import {
	type LoggedRequest,
	loggedResponseSchema,
	requestEventOf,
	responseEventOf,
} from '../core/outside/logged-call.ts';
import { describeError, isAbort } from '../task/hook/describe-error.ts';
import { AnswerReader } from './answer-reader.ts';
import { CallmeterError } from './callmeter-error.ts';
import type { LlmApi, LlmCallHandle, LlmResponse } from './types.ts';

export interface OpenCallOptions {
	sessionId: string;
	agentId: string;
	/** How answers are read; `null`: they are not. */
	api: LlmApi | null;
	submit(event: EventInput): Promise<void>;
	/** The call is over. */
	onEnd(call: OpenCall): void;
}

/** A call from its start to its end. */
export class OpenCall implements LlmCallHandle {
	readonly callId = randomUUID();
	readonly #request: LoggedRequest;
	readonly #options: OpenCallOptions;
	readonly #startedAtMs = Date.now();
	readonly #started = performance.now();
	#firstTokenMs: number | null = null;
	#ended: Promise<{ callId: string }> | null = null;

	/** `request` has passed its schema. The `llm_call` goes out at once. */
	constructor(request: LoggedRequest, options: OpenCallOptions) {
		this.#options = options;
		const { messages: _m, systemPrompt: _s, tools: _t, parameters: _p, ...shared } = request;
		// A long prompt is not kept while its answer is on the way.
		this.#request = { ...shared, messages: [] };
		options.submit(requestEventOf(request, { ...this.#identity(), atMs: this.#startedAtMs })).catch(() => undefined);
	}

	firstToken(): void {
		this.#firstTokenMs ??= performance.now() - this.#started;
	}

	watch<T>(
		answer: PromiseLike<T>,
	): Promise<T extends AsyncIterable<infer Event> ? AsyncGenerator<Event, void, undefined> : T>;
	watch<Event>(stream: AsyncIterable<Event>): AsyncGenerator<Event, void, undefined>;
	watch(answer: unknown): unknown {
		if (isThenable(answer)) return this.#watchPromise(answer);
		return isAsyncIterable(answer) ? this.#watchStream(answer) : this.#watchPromise(Promise.resolve(answer));
	}

	end(response: LlmResponse & { latencyMs?: number | undefined }): Promise<{ callId: string }> {
		try {
			// As it is, and not by way of a new promise: who does not wait for it must not fall over that one either.
			return this.#end(response);
		} catch (error) {
			return Promise.reject(error);
		}
	}

	#end(response: LlmResponse & { latencyMs?: number | undefined }): Promise<{ callId: string }> {
		const elapsedMs = performance.now() - this.#started;
		const checked = loggedResponseSchema.safeParse({
			...response,
			latencyMs: response.latencyMs ?? elapsedMs,
			timeToFirstTokenMs: response.timeToFirstTokenMs ?? this.#firstTokenMs ?? undefined,
		});
		if (!checked.success) throw new CallmeterError('invalid', describeIssues(checked.error));
		const { latencyMs } = checked.data;
		this.#ended ??= this.#respond(checked.data, this.#startedAtMs + Math.round(latencyMs));
		return this.#ended;
	}

	fail(error: unknown, partial: Partial<LlmResponse> = {}): Promise<{ callId: string }> {
		if (isAbort(error)) return this.cancel(partial);
		const { message, status, code } = describeError(error);
		return this.#endEarly('error', {
			...partial,
			error: { message, ...(status !== null && { status }), ...(code !== null && { code }) },
		});
	}

	cancel(partial: Partial<LlmResponse> = {}): Promise<{ callId: string }> {
		return this.#endEarly('cancelled', partial);
	}

	/** The process ends, or the client is closed, before the answer came. */
	interrupt(): void {
		this.fail(new Error('The program ended before the answer came.')).catch(() => undefined);
	}

	#endEarly(finishReason: 'error' | 'cancelled', partial: Partial<LlmResponse>): Promise<{ callId: string }> {
		return this.end({ completion: null, usage: null, usageBound: 'atLeast', ...partial, finishReason });
	}

	#respond(response: Parameters<typeof responseEventOf>[1], atMs: number): Promise<{ callId: string }> {
		const event = responseEventOf(this.#request, response, { ...this.#identity(), atMs });
		const sent = this.#options.submit(event);
		this.#options.onEnd(this);
		const answer = sent.then(() => ({ callId: this.callId }));
		// Who does not wait for it must not fall over it.
		answer.catch(() => undefined);
		return answer;
	}

	#identity() {
		const { sessionId, agentId } = this.#options;
		return { callId: this.callId, sessionId, agentId };
	}

	async #watchPromise(answer: PromiseLike<unknown>): Promise<unknown> {
		let value: unknown;
		try {
			value = await answer;
		} catch (error) {
			this.#quietly(this.fail(error));
			throw error;
		}
		if (isAsyncIterable(value)) return this.#watchStream(value);
		const reader = this.#reader();
		reader.see(value, performance.now() - this.#started);
		this.#quietly(this.end({ ...reader.response(), timeToFirstTokenMs: undefined }));
		return value;
	}

	async *#watchStream(stream: AsyncIterable<unknown>): AsyncGenerator<unknown, void, undefined> {
		const reader = this.#reader();
		let [over, failed] = [false, false];
		try {
			for await (const event of stream) {
				reader.see(event, performance.now() - this.#started);
				yield event;
			}
			over = true;
		} catch (error) {
			failed = true;
			this.#quietly(this.fail(error, reader.partial()));
			throw error;
		} finally {
			if (over || (!failed && reader.finished)) this.#quietly(this.end(reader.response()));
			else if (!failed) this.#quietly(this.cancel(reader.partial()));
		}
	}

	#reader(): AnswerReader {
		return new AnswerReader(this.#options.api);
	}

	/** What is wrong on our side is none of the reader's business. */
	#quietly(ended: Promise<unknown>): void {
		ended.catch(() => undefined);
	}
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
	return typeof Reflect.get(Object(value), Symbol.asyncIterator) === 'function' && peek(value, 'then') === undefined;
}
