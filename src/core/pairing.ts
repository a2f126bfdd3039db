import type { CallDraft, ResponseDraft, ResponseDraftInput } from './draft.ts';
import type { CallState } from './views.ts';

/** How a call stands, from its two events. */
export interface PairState {
	state: CallState;
	/** It ended without the usage that it should have had. */
	usageMissing: boolean;
	/** A response whose call was never seen. */
	orphan: boolean;
}

/** The state of a pair of which at least one half is there. */
export function callState(
	call: object | null,
	response: Pick<ResponseDraft, 'state' | 'usage' | 'usageMissing'> | null,
): PairState {
	if (!response) return { state: 'pending', usageMissing: false, orphan: false };
	const usageMissing = response.usageMissing || (response.state === 'ok' && response.usage === null);
	return { state: response.state, usageMissing, orphan: call === null };
}

/** The error code of a call whose process went away. */
export const INTERRUPTED = 'interrupted';

/** The response of an interrupted call. When it ended is not known: it is given the time at which it was found. */
export function interruptedResponse(
	call: Pick<
		CallDraft,
		'callId' | 'sessionId' | 'agentId' | 'origin' | 'provider' | 'model' | 'protocol' | 'startedAtMs'
	>,
	foundAtMs: number,
): ResponseDraftInput {
	return {
		eventType: 'llm_response',
		callId: call.callId,
		sessionId: call.sessionId,
		agentId: call.agentId,
		origin: { ...call.origin, live: false },
		provider: call.provider,
		model: call.model,
		protocol: call.protocol,
		endedAtMs: Math.max(foundAtMs, call.startedAtMs),
		state: 'error',
		usage: null,
		usageMissing: true,
		error: { message: 'The process that made this call ended before the answer did.', code: INTERRUPTED },
		contentState: 'none',
	};
}

/** What is compared of two records that may be one call. */
export interface CallTrace {
	callId: string;
	/** Two records of one source are two calls: a source knows its own ids. */
	source: string;
	/** The model that answered. */
	model: string;
	startedAtMs: number;
	endedAtMs: number | null;
	/** `usage.inputTotal`. */
	inputTokens: number | null;
	outputTokens: number | null;
}

/** `same`: one call, to be merged. `possible`: keep both and mark them. */
export type DuplicateVerdict = { verdict: 'same'; callId: string } | { verdict: 'possible'; callIds: string[] };

/** Clocks and buffers of two sources differ by up to this much. */
const SLACK_MS = 2000;

/**
 * Whether a record without a shared id is a call that another source recorded: same model, equal tokens, and times that
 * overlap to within 2 s. One such call is it; of several nobody can tell which, so that none is merged. `null`: none.
 */
export function findDuplicate(trace: CallTrace, others: Iterable<CallTrace>): DuplicateVerdict | null {
	const callIds: string[] = [];
	for (const other of others) {
		if (isAlike(trace, other)) callIds.push(other.callId);
	}
	const [first] = callIds;
	if (first === undefined) return null;
	return callIds.length === 1 ? { verdict: 'same', callId: first } : { verdict: 'possible', callIds };
}

function isAlike(a: CallTrace, b: CallTrace): boolean {
	if (a.callId === b.callId || a.source === b.source || a.model !== b.model) return false;
	const hasTokens = (a.inputTokens ?? 0) + (a.outputTokens ?? 0) > 0;
	if (!hasTokens || a.inputTokens !== b.inputTokens || a.outputTokens !== b.outputTokens) return false;
	const [aEnd, bEnd] = [a.endedAtMs ?? a.startedAtMs, b.endedAtMs ?? b.startedAtMs];
	return a.startedAtMs <= bEnd + SLACK_MS && b.startedAtMs <= aEnd + SLACK_MS;
}
