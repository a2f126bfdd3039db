import type { CallDraftInput, ResponseDraftInput } from '../../core/draft.ts';
import { callIdOf, type Dialect, taskAlias } from './dialect.ts';
import { billingOf, protocolOf, type Target, usageRuleOf } from './providers.ts';
import { type Condense, type RequestInfo, requestInfoSchema } from './records.ts';
import { type RateLookup, usageTruthOf } from './usage-truth.ts';

/** A call as it was configured when it began. */
export interface LiveRequest {
	taskId: string;
	/** The `ts` of its row. */
	ts: number;
	target: Target;
	mode: string | null;
	protocol: string | null;
	parentId: string | null;
}

/** How a call ended, as far as it was seen. */
export interface LiveEnd {
	state: ResponseDraftInput['state'];
	atMs: number;
	/** What to say of an error. */
	message?: string | null;
	/** The row's counts, if it was given any. */
	info?: RequestInfo | null;
}

/** What goes into every draft of one agent in one window. */
export interface LiveOrigin {
	dialect: Dialect;
	/** Working directory of the window that the agent runs in. */
	folder: string | null;
	/** Known prices, where there is room for them; without, an output that `anthropic` counts too high stays a bound. */
	rates?: RateLookup;
}

/** The request as it was sent. Its prompt is not in the events: the task's folder has it. */
export function liveCallDraft(origin: LiveOrigin, request: LiveRequest, title: string | null): CallDraftInput {
	const { target, protocol, parentId, ts, mode } = request;
	return {
		eventType: 'llm_call',
		...identity(origin, request),
		startedAtMs: ts,
		provider: target.provider,
		model: target.model,
		protocol: protocolOf(target, protocol),
		kind: parentId === null ? 'chat' : 'subagent',
		parentSessionId: parentId,
		title,
		mode,
		folder: origin.folder,
		contentState: 'none',
	};
}

/** The end of a call, with its usage as the agent tells it, set right as far as that goes. */
export function liveResponseDraft(origin: LiveOrigin, request: LiveRequest, end: LiveEnd): ResponseDraftInput {
	const { dialect, rates } = origin;
	const { target, ts, protocol } = request;
	const { state, atMs, message = null } = end;
	const info = end.info ?? null;
	// A cancelled call may be given its usage all the same: the stream had come to its end by then.
	const complete = state === 'ok' || (state === 'cancelled' && info !== null && info.cancelReason === undefined);
	const truth = usageTruthOf({
		info: info ?? requestInfoSchema.parse({}),
		rule: usageRuleOf(target, protocol, dialect.openAiDropsCache),
		// No version that counts the old way can be installed any more.
		inclusive: dialect.tokensIn !== 'exclusive',
		cut: !complete,
		agent: dialect.title,
		rates: rates?.(target.provider, target.model, ts) ?? [],
	});
	const tookMs = Math.max(atMs - ts, 0);
	return {
		...responseBase(origin, request, atMs),
		state,
		...truth,
		reportedBy: truth.reportedCostUsd === null ? null : 'agent',
		// A cancelled stream goes on at the provider, unseen.
		latencyMs: state === 'cancelled' ? null : tookMs,
		completionTimeMs: state === 'ok' && truth.usage !== null ? tookMs : null,
		inferenceProvider: info?.inferenceProvider ?? null,
		error: message === null ? null : { message },
	};
}

/** A condensation of the conversation: the agent tells what it cost, not its tokens. */
export function liveCondenseDrafts(
	origin: LiveOrigin,
	request: LiveRequest,
	condense: Condense,
	title: string | null,
): [CallDraftInput, ResponseDraftInput] {
	const cost = condense.cost !== undefined && condense.cost > 0 ? condense.cost : null;
	return [
		{ ...liveCallDraft(origin, request, title), kind: 'condense' },
		{
			...responseBase(origin, request, request.ts),
			state: 'ok',
			usage: null,
			usageMissing: true,
			usageNotes: [condenseNote(origin.dialect)],
			reportedCostUsd: cost,
			reportedBy: cost === null ? null : 'agent',
		},
	];
}

export function condenseNote(dialect: Dialect): string {
	return `${dialect.title} records what a condensation cost, not its tokens.`;
}

function responseBase(origin: LiveOrigin, request: LiveRequest, atMs: number) {
	const { target, protocol, ts } = request;
	return {
		eventType: 'llm_response' as const,
		...identity(origin, request),
		provider: target.provider,
		model: target.model,
		protocol: protocolOf(target, protocol),
		endedAtMs: Math.max(atMs, ts),
		contentState: 'none' as const,
	};
}

function identity({ dialect }: LiveOrigin, { taskId, ts, target }: LiveRequest) {
	return {
		callId: callIdOf(dialect, taskId, ts),
		sessionId: taskId,
		agentId: dialect.id,
		aliases: [taskAlias(taskId, ts)],
		origin: {
			source: dialect.id,
			record: `${dialect.title}, event of ${ts}`,
			billing: billingOf(target),
			live: true,
		},
	};
}
