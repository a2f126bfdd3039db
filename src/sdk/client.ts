import { randomUUID } from 'node:crypto';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { describeIssues } from '../core/describe-issues.ts';
import type { CallDraftInput, ResponseDraftInput } from '../core/draft.ts';
import { llmAnalyticsQuerySchema, llmAnalyticsSchema } from '../core/outside/analytics-result.ts';
import { type EventInput, eventInputSchema } from '../core/outside/event-input.ts';
import { eventsOfLoggedCall, loggedCallSchema, loggedRequestSchema } from '../core/outside/logged-call.ts';
import { ServerList } from '../server/discovery/server-list.ts';
import { serversDirectory } from '../server/discovery/server-place.ts';
import { wrapApiHandler } from '../task/hook/wrap-api-handler.ts';
import { OpenCall } from './call-handle.ts';
import { CallmeterError } from './callmeter-error.ts';
import { Delivery } from './delivery.ts';
import { DiskQueue } from './disk-queue.ts';
import { DraftEvents } from './draft-events.ts';
import { saveAtExit } from './save-at-exit.ts';
import { ConnectionError, jsonIn } from './server-connection.ts';
import { ServerFinder } from './server-finder.ts';
import { noServer, problemOf } from './server-problem.ts';
import type {
	CallmeterOptions,
	CallmeterStatus,
	LlmAnalyticsParams,
	LlmAnalyticsResult,
	LlmCallHandle,
	LlmCallParams,
	LlmRequest,
	WrapOptions,
} from './types.ts';

const defaultQueue = { maxEvents: 10_000, maxBytes: 64 << 20 };
const defaultTimeoutMs = 10_000;

/**
 * Reports LLM calls to the Callmeter server of this machine, from any program. It finds the server by itself, and while
 * there is none, what it was told waits on disk.
 *
 * Nothing here slows the program down or fails it: only input that is not right is refused (`CallmeterError` with the
 * reason `invalid`). What happens afterwards is told by `status()` and `onProblem`.
 */
export class CallmeterClient {
	readonly #options: CallmeterOptions;
	readonly #agentId: string;
	readonly #folder: string;
	readonly #delivery: Delivery;
	readonly #open = new Set<OpenCall>();
	/** What a wrapped handler has said and is not handed on yet, in its order. */
	#seen: (() => EventInput)[] = [];
	#closed = false;

	/** Does nothing yet: the server is looked for when there is something to tell or to ask. */
	constructor(options: CallmeterOptions = {}) {
		const { env } = process;
		const url = options.url ?? (env.CALLMETER_URL || undefined);
		if (url !== undefined && !isHttpUrl(url)) {
			throw new CallmeterError('invalid', 'url: must begin with http:// or https:// and name a host');
		}
		this.#options = options;
		this.#agentId = options.agentId ?? 'sdk';
		this.#folder = options.folder ?? process.cwd();
		const servers = serversDirectory({ platform: process.platform, home: homedir(), env });
		const named = { url, token: options.token ?? (env.CALLMETER_TOKEN || undefined) };
		this.#delivery = new Delivery({
			finder: new ServerFinder(new ServerList(servers), named, options.timeoutMs ?? defaultTimeoutMs),
			queue: options.queue === false ? null : queueBeside(servers, options.queue),
			folder: this.#folder,
			url,
			onProblem: (problem) => this.#report(problem),
		});
	}

	/**
	 * Reports a call that is over. Sends two events, `llm_call` and `llm_response`, under one new `callId` (UUID v4), at
	 * once.
	 *
	 * Resolves when the server has them, or when they are on disk because there is no server. Rejects with
	 * `CallmeterError`: at once with `invalid` and the path of what is wrong with `params`; later with `refused`, or with
	 * `unavailable` where they could not even be kept. Whoever does not wait for it is not failed by the latter two.
	 */
	logLlmCall(sessionId: string, params: LlmCallParams): Promise<{ callId: string }> {
		try {
			this.#mustBeOpen();
			const checked = loggedCallSchema.safeParse(this.#withDefaults(params));
			if (!checked.success) throw new CallmeterError('invalid', describeIssues(checked.error));
			const callId = randomUUID();
			const identity = { callId, sessionId, agentId: this.#agentId, nowMs: Date.now() };
			const logged = this.#submit(eventsOfLoggedCall(checked.data, identity)).then(() => ({ callId }));
			// Who does not wait for it must not fall over what is no mistake of theirs.
			logged.catch(() => undefined);
			return logged;
		} catch (error) {
			return Promise.reject(error);
		}
	}

	/**
	 * Begins a call: the request is reported at once, so that it is seen while it is under way. The answer follows by the
	 * handle. Throws `CallmeterError` (`invalid`) with the path of what is wrong.
	 */
	startLlmCall(sessionId: string, request: LlmRequest): LlmCallHandle {
		this.#mustBeOpen();
		const checked = loggedRequestSchema.safeParse(this.#withDefaults(request));
		if (!checked.success) throw new CallmeterError('invalid', describeIssues(checked.error));
		const call = new OpenCall(checked.data, {
			sessionId,
			agentId: this.#agentId,
			api: request.api ?? null,
			submit: (event) => this.#submit([event]),
			onEnd: (ended) => this.#open.delete(ended),
		});
		this.#open.add(call);
		return call;
	}

	/**
	 * What the recorded calls add up to: cost, tokens and latency, in sum, by model and over time. Rejects with
	 * `CallmeterError`: `invalid`, `unavailable` or `unauthorized`.
	 */
	async getLlmAnalytics(params: LlmAnalyticsParams = {}): Promise<LlmAnalyticsResult> {
		const checked = llmAnalyticsQuerySchema.safeParse(params);
		if (!checked.success) throw new CallmeterError('invalid', describeIssues(checked.error));
		const query = new URLSearchParams();
		for (const [name, value] of Object.entries(checked.data)) if (value !== undefined) query.set(name, value);
		return this.#ask(`/api/analytics/llm?${query}`);
	}

	/**
	 * Gives a handler that behaves as the one handed in and reports each of its calls: of a Kilo-style task loop, any
	 * object whose `createMessage(systemPrompt, messages, metadata?)` gives a stream of chunks. Something that is no
	 * handler comes back as it is.
	 */
	wrapApiHandler<H extends object>(handler: H, options: WrapOptions = {}): H {
		const { sessionId, agentId, parentSessionId, redact, ...context } = options;
		const events = new DraftEvents(redact ?? this.#options.redact ?? false);
		return wrapApiHandler(handler, {
			...context,
			folder: context.folder ?? this.#folder,
			billing: context.billing ?? this.#options.billing,
			taskId: sessionId,
			parentTaskId: parentSessionId,
			agentId: agentId ?? this.#agentId,
			log: (message) => this.#report(new CallmeterError('invalid', message)),
			sink: { accept: (draft) => this.#see(events, draft) },
		});
	}

	/** Delivers now, without waiting for the next attempt, what is in memory and on disk. Never rejects. */
	async flush(): Promise<CallmeterStatus> {
		this.#handOnSeen();
		await this.#delivery.flush();
		return this.status();
	}

	/** What waits, what was delivered, and what was lost. */
	status(): CallmeterStatus {
		return this.#delivery.status();
	}

	/** Ends calls under way as interrupted, delivers what it can, and lets go of everything. Never rejects. */
	async close(): Promise<void> {
		if (this.#closed) return;
		for (const call of this.#open) call.interrupt();
		await this.flush();
		this.#closed = true;
		this.#delivery.close();
		saveAtExit.delete(this.#save);
	}

	/** The process ends: nothing that was handed in is lost, and nothing waits for its answer for ever. */
	readonly #save = (): void => {
		for (const call of this.#open) call.interrupt();
		this.#handOnSeen();
		this.#delivery.saveNow();
	};

	/** Throws `CallmeterError` (`invalid`) for what no server would take. */
	#submit(events: readonly EventInput[]): Promise<void> {
		for (const event of events) {
			const checked = eventInputSchema.safeParse(event);
			if (!checked.success) throw new CallmeterError('invalid', describeIssues(checked.error));
		}
		saveAtExit.add(this.#save);
		const taken = this.#delivery.submit(events);
		const settled = () => {
			// Not held for the sake of the exit once there is nothing to save.
			if (this.#delivery.idle && this.#open.size === 0 && this.#seen.length === 0) saveAtExit.delete(this.#save);
		};
		taken.then(settled, settled);
		return taken;
	}

	/** In the midst of the agent's stream: only a note is made, the work is done after it. */
	#see(events: DraftEvents, draft: CallDraftInput | ResponseDraftInput): void {
		if (this.#closed) return;
		if (this.#seen.length === 0) setImmediate(() => this.#handOnSeen());
		saveAtExit.add(this.#save);
		this.#seen.push(() => events.eventOf(draft));
	}

	#handOnSeen(): void {
		const seen = this.#seen;
		this.#seen = [];
		for (const eventOf of seen) {
			try {
				this.#submit([eventOf()]).catch(() => undefined);
			} catch (error) {
				this.#report(new CallmeterError('invalid', 'A call could not be told.', { cause: error }));
			}
		}
	}

	async #ask<T>(path: string): Promise<T & LlmAnalyticsResult> {
		for (const last of [false, true]) {
			try {
				const connection = await this.#delivery.connect();
				if (connection === null) throw new CallmeterError('unavailable', noServer);
				const answer = await connection.ask('GET', path);
				if (answer.status === 200) return llmAnalyticsSchema.parse(jsonIn(answer.text)) as T & LlmAnalyticsResult;
				throw problemOf(answer);
			} catch (error) {
				const mayHaveMoved = error instanceof ConnectionError && error.reason !== 'late';
				if (!(error instanceof CallmeterError)) this.#delivery.forget();
				if (mayHaveMoved && !last) continue;
				if (error instanceof CallmeterError) throw error;
				const message = error instanceof ConnectionError ? error.message : 'The server answered something else.';
				throw new CallmeterError('unavailable', message, { cause: error });
			}
		}
		throw new CallmeterError('unavailable', noServer);
	}

	#withDefaults<R extends LlmRequest>(request: R): R {
		return {
			...request,
			redact: request.redact ?? this.#options.redact,
			folder: request.folder ?? this.#folder,
			billing: request.billing ?? this.#options.billing,
		};
	}

	#mustBeOpen(): void {
		if (this.#closed) throw new CallmeterError('closed', 'This client is closed: make a new one.');
	}

	#report(problem: CallmeterError): void {
		try {
			this.#options.onProblem?.(problem);
		} catch {
			// There is nowhere left to say it.
		}
	}
}

function queueBeside(servers: string, limits: { maxEvents?: number | undefined; maxBytes?: number | undefined } = {}) {
	const { maxEvents = defaultQueue.maxEvents, maxBytes = defaultQueue.maxBytes } = limits;
	return new DiskQueue(join(dirname(servers), 'queue'), { maxEvents, maxBytes });
}

function isHttpUrl(url: string): boolean {
	return /^https?:\/\/./.test(url) && URL.canParse(url);
}
