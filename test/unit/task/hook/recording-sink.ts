import assert from 'node:assert/strict';
import type { CallDraft, CallDraftInput, ResponseDraft, ResponseDraftInput } from '../../../../src/core/draft.ts';
import { callDraftSchema, responseDraftSchema } from '../../../../src/core/draft.ts';
import type { CallSink } from '../../../../src/task/call-sink.ts';

/** A sink that keeps what it is given, as the Recorder would read it. */
export class RecordingSink implements CallSink {
	readonly drafts: (CallDraft | ResponseDraft)[] = [];
	#waiting: { responses: number; resolve: () => void }[] = [];

	accept(draft: CallDraftInput | ResponseDraftInput): void {
		this.drafts.push(draft.eventType === 'llm_call' ? callDraftSchema.parse(draft) : responseDraftSchema.parse(draft));
		this.#waiting = this.#waiting.filter(({ responses, resolve }) => {
			if (this.responses.length >= responses) resolve();
			return this.responses.length < responses;
		});
	}

	get calls(): CallDraft[] {
		return this.drafts.filter((draft) => draft.eventType === 'llm_call');
	}

	get responses(): ResponseDraft[] {
		return this.drafts.filter((draft) => draft.eventType === 'llm_response');
	}

	/** The only call. */
	get call(): CallDraft {
		const [call, ...more] = this.calls;
		assert.ok(call !== undefined && more.length === 0, `${this.calls.length} calls instead of one`);
		return call;
	}

	/** The only response. */
	get response(): ResponseDraft {
		const [response, ...more] = this.responses;
		assert.ok(response !== undefined && more.length === 0, `${this.responses.length} responses instead of one`);
		return response;
	}

	/** Resolves once there are that many responses. */
	responded(responses = 1): Promise<void> {
		if (this.responses.length >= responses) return Promise.resolve();
		return new Promise((resolve) => this.#waiting.push({ responses, resolve }));
	}
}
