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
 */
export class CompletionReporter {
	readonly #standard: StandardContext;
	readonly #emit: (event: CompletionEvent) => void;
	readonly #begun = new Map<string, Begun>();
	readonly #ended = new Map<string, Ended>();
	/** Calls whose event was made: a response that is told again, or corrected, makes no second one. */
	readonly #done = new Map<string, true>();

	/** `emit` decides whether anything is sent: it knows the user's choice. */
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
		if (!response.origin.live || this.#done.has(response.callId)) return;
		const { origin, usage, completionTimeMs, inferenceProvider, provider, model, sessionId, agentId } = response;
		remember(this.#ended, response.callId, {
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
		for (const callId of this.#ended.keys()) {
			this.#begun.delete(callId);
			remember(this.#done, callId, true);
		}
		this.#ended.clear();
	}

	#report(callId: string, shownNanoUsd: number | null): void {
		const response = this.#ended.get(callId);
		if (response === undefined) return;
		const call = this.#begun.get(callId);
		this.#ended.delete(callId);
		this.#begun.delete(callId);
		remember(this.#done, callId, true);
		const event = completionEvent(response, { shownNanoUsd }, this.#context(response, call));
		if (event !== null) this.#emit(event);
	}

	#context(response: Ended, call: Begun | undefined): CompletionContext {
		const { sessionId, agentId, provider, model } = call ?? response;
		const { parentSessionId, mode } = call ?? { parentSessionId: null, mode: null };
		return {
			...this.#standard,
			taskId: sessionId,
			...(parentSessionId !== null && { parentTaskId: parentSessionId }),
			...(mode !== null && { mode }),
			modelId: model,
			apiProvider: provider,
			agentId,
		};
	}
}

function remember<T>(map: Map<string, T>, callId: string, value: T): void {
	map.set(callId, value);
	if (map.size <= maxRemembered) return;
	const oldest = map.keys().next();
	if (oldest.done !== true) map.delete(oldest.value);
}
