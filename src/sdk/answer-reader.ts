import { finishReasonOf, geminiFinishReasonOf } from '../core/finish-reason.ts';
import { firstText, peek } from '../core/foreign.ts';
import { usageInputOf } from '../core/outside/usage-input.ts';
import { Answer } from '../core/provider-answer.ts';
import { toolCallInputs } from './draft-events.ts';
import type { LlmApi, LlmResponse } from './types.ts';

/** Reads what a provider's official SDK gives: events of a stream, or one whole answer. */
export class AnswerReader {
	readonly #api: LlmApi | null;
	readonly #answer: Answer;
	#requestId: string | null = null;
	#firstSeenMs: number | null = null;

	/** `null`: nothing can be read, only measured. */
	constructor(api: LlmApi | null) {
		this.#api = api;
		this.#answer = new Answer(api ?? 'chat');
	}

	/** Takes the next event, `atMs` after the request's start. Never throws, never changes it. */
	see(event: unknown, atMs: number): void {
		this.#firstSeenMs ??= atMs;
		if (this.#api === null) return;
		const headers = peek(peek(event, 'sdkHttpResponse'), 'headers');
		this.#requestId ??= firstText(peek(event, '_request_id'), peek(headers, 'x-request-id'));
		try {
			this.#answer.take(event, atMs);
		} catch {
			// What cannot be read is not told.
		}
	}

	/** Whether the provider has said that this is all, its usage included. */
	get finished(): boolean {
		return this.#answer.finished && this.#answer.usage([]) !== null;
	}

	/** Of an answer that was read to its end. */
	response(): LlmResponse {
		const { completion, finished, finishReason, error } = this.#answer;
		const said = completion === '' ? null : completion;
		if (this.#api === null) return { ...this.partial(), completion: said, usage: null, finishReason: 'unknown' };
		const rest = { ...this.partial(), completion: said, usage: this.#usage() };
		if (error !== null) {
			const { message, code } = error;
			return { ...rest, finishReason: 'error', error: { message, ...(code !== null && { code }) } };
		}
		if (finished) return { ...rest, finishReason: this.#reason(finishReason) };
		return { ...rest, finishReason: 'error', error: { message: 'The stream ended before the answer was finished.' } };
	}

	/** What has come so far. */
	partial(): Partial<LlmResponse> {
		const answer = this.#answer;
		const toolCalls = toolCallInputs(answer.toolCalls());
		const costUsd = answer.reportedCostUsd();
		const unpricedFees = answer.fees();
		const usage = this.#usage();
		const firstMs = this.#api === null ? this.#firstSeenMs : answer.firstTokenAtMs;
		return {
			...(answer.completion !== '' && { completion: answer.completion }),
			...(answer.reasoning !== '' && { reasoning: answer.reasoning }),
			...(toolCalls.length > 0 && { toolCalls }),
			...(usage !== null && { usage, usageBound: answer.finished ? 'exact' : 'atLeast' }),
			...(unpricedFees.length > 0 && { unpricedFees }),
			...(costUsd !== null && { costUsd, costReportedBy: 'provider' }),
			...(firstMs !== null && { timeToFirstTokenMs: firstMs }),
			...(answer.model !== null && { responseModel: answer.model }),
			...(answer.responseId !== null && { responseId: answer.responseId }),
			...(this.#requestId !== null && { requestId: this.#requestId }),
			...(answer.serviceTier !== null && { serviceTier: answer.serviceTier }),
		};
	}

	#usage(): LlmResponse['usage'] {
		const usage = this.#answer.usage([]);
		return usage && usageInputOf(usage);
	}

	#reason(reason: string | null): string {
		if (reason === null) return 'unknown';
		const called = this.#answer.toolCalls().length > 0;
		if (this.#api === 'gemini') return geminiFinishReasonOf(reason, called);
		return this.#api === 'responses' && reason === 'completed' && called ? 'tool_use' : finishReasonOf(reason);
	}
}
