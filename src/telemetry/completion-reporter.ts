import { type CompletionContext, type CompletionEvent, completionEvent } from '../core/completion-event.ts';
import type { CallDraft, ResponseDraft } from '../core/draft.ts';
import type { CallRow } from '../core/views.ts';

/** What is the same for every event of this process. */
export type StandardContext = Pick<
	CompletionContext,
	'appName' | 'appVersion' | 'vscodeVersion' | 'platform' | 'editorName' | 'language'
>;

/** What is remembered of a call from its request until its event: no content. */
type Begun = Pick<CallDraft, 'sessionId' | 'agentId' | 'parentSessionId' | 'mode' | 'provider' | 'model'>;
type Ended = Pick<ResponseDraft, 'origin' | 'usage' | 'completionTimeMs' | 'inferenceProvider' | 'provider' | 'model'> &
	Pick<ResponseDraft, 'sessionId' | 'agentId'>;

/** Calls that may be under way at once. A call that never ends must not be remembered for ever. */
const maxRemembered = 10_000;

/**
 * Makes one `LLM Completion` event of each live call: after its stream has completed, when the ledger has priced it, or
 * without a cost when the ledger cannot. History that is imported never makes one, and neither does content.
 *
 * Order for each call: `began`, `ended`, then one of `stored`, `notStored` and `noneStored`, then `settled`.
 */
export class CompletionReporter {
	readonly #standard: StandardContext;
	readonly #emit: (event: CompletionEvent) => void;
	readonly #begun = new Map<string, Begun>();
	readonly #ended = new Map<string, Ended>();
	/** Calls that have had their event: the same response may be handed in twice. */
	readonly #reported = new Map<string, true>();

	/** `emit` decides whether anything is sent: it knows the user's choice. It must not throw. */
	constructor(standard: StandardContext, emit: (event: CompletionEvent) => void) {
		this.#standard = standard;
		this.#emit = emit;
	}

	/** A request was sent. */
	began({ callId, sessionId, agentId, parentSessionId, mode, provider, model, origin }: CallDraft): void {
		if (!origin.live) return;
		remember(this.#begun, callId, { sessionId, agentId, parentSessionId, mode, provider, model });
	}

	/** A response was handed to the ledger. */
	ended(response: ResponseDraft): void {
		const { callId, origin, usage, completionTimeMs, inferenceProvider } = response;
		if (!origin.live || this.#reported.has(callId)) return;
		const { provider, model, sessionId, agentId } = response;
		remember(this.#ended, callId, {
			origin,
			usage,
			completionTimeMs,
			inferenceProvider,
			provider,
			model,
			sessionId,
			agentId,
		});
	}

	/** The ledger has stored and priced a call. */
	stored(row: Pick<CallRow, 'callId' | 'cost'>): void {
		this.#report(row.callId, row.cost?.nanoUsd ?? null);
	}

	/** The ledger could not store a call: it is reported without its cost. */
	notStored(callId: string): void {
		this.#report(callId, null);
	}

	/** The ledger stores nothing at present: what has ended is reported without its cost. */
	noneStored(): void {
		for (const callId of [...this.#ended.keys()]) this.#report(callId, null);
	}

	/** Telemetry was switched off: what has ended and was not reported never will be. */
	forget(): void {
		for (const callId of [...this.#ended.keys()]) {
			remember(this.#reported, callId, true);
			this.settled(callId);
		}
	}

	/** Has this call had its event? */
	isReported(callId: string): boolean {
		return this.#reported.has(callId);
	}

	/** The ledger has nothing more to say of a response: without an event by now, only another response can make one. */
	settled(callId: string): void {
		this.#ended.delete(callId);
		if (this.#reported.has(callId)) this.#begun.delete(callId);
	}

	#report(callId: string, shownNanoUsd: number | null): void {
		const response = this.#ended.get(callId);
		if (response === undefined) return;
		const event = completionEvent(response, { shownNanoUsd }, this.#context(response, this.#begun.get(callId)));
		// One without usage may still be given it: a cancelled stream that had come to its end.
		if (event !== null) remember(this.#reported, callId, true);
		this.settled(callId);
		if (event !== null) this.#emit(event);
	}

	/** As the request named things: what the user has chosen, whoever answered. */
	#context(response: Ended, call: Begun | undefined): CompletionContext {
		const { sessionId, agentId, provider, model } = call ?? response;
		const parentTaskId = call?.parentSessionId ?? null;
		const mode = call?.mode ?? null;
		return {
			...this.#standard,
			taskId: sessionId,
			...(parentTaskId !== null && { parentTaskId }),
			...(mode !== null && { mode }),
			modelId: model,
			apiProvider: provider,
			agentId,
		};
	}
}

/** Keeps what was remembered last, up to `maxRemembered`. */
function remember<T>(map: Map<string, T>, callId: string, value: T): void {
	map.set(callId, value);
	if (map.size <= maxRemembered) return;
	const oldest = map.keys().next();
	if (oldest.done !== true) map.delete(oldest.value);
}
