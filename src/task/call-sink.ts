import type { CallDraftInput, ResponseDraftInput } from '../core/draft.ts';

/**
 * Where the hook hands over what it saw. Returns at once and never throws into the observed agent:
 * the hook swallows and logs whatever it throws all the same.
 */
export interface CallSink {
	accept(draft: CallDraftInput | ResponseDraftInput): void;
}
