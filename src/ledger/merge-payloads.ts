import type { ContentState, Origin } from '../core/draft.ts';
import type { StoredCallPayload, StoredResponsePayload } from '../core/stored-events.ts';

/** What is known of a request or a response after another reading of it, and whose content and error text it carries. */
export interface Merged<Payload> {
	payload: Payload;
	contentFrom: 'old' | 'next';
	errorFrom: 'old' | 'next';
}

/**
 * A request read again. From the same source the later reading wins; between sources the one that saw it happen, then
 * an agent's record before its report over OTLP, else the one that was first. Either way what only one of them knows is
 * kept, and content never gives way to none.
 */
export function mergeCalls(old: StoredCallPayload, next: StoredCallPayload): Merged<StoredCallPayload> {
	const [winner, other] = nextWins(old.origin, next.origin) ? [next, old] : [old, next];
	const contentFrom = richer(callRichness(old), callRichness(next), winner === next);
	const content = contentFrom === 'next' ? next : old;
	return {
		payload: {
			...winner,
			...(knowsTarget(winner) || !knowsTarget(other) ? {} : targetOf(other, winner.origin)),
			callId: old.callId,
			aliases: union(old.aliases, next.aliases),
			protocol: winner.protocol ?? other.protocol,
			parentSessionId: winner.parentSessionId ?? other.parentSessionId,
			mode: winner.mode ?? other.mode,
			folder: winner.folder ?? other.folder,
			gitBranch: winner.gitBranch ?? other.gitBranch,
			gitCommit: winner.gitCommit ?? other.gitCommit,
			titleDigest: winner.titleDigest ?? other.titleDigest,
			contentState: content.contentState,
			masked: content.masked,
			messageCount: content.messageCount ?? winner.messageCount ?? other.messageCount,
			promptDigest: content.promptDigest,
			systemPromptDigest: content.systemPromptDigest,
			toolsDigest: content.toolsDigest,
			parameters: content.parameters,
			parametersDigest: content.parametersDigest,
		},
		contentFrom,
		errorFrom: 'old',
	};
}

/** Whether it tells where the call went. One that was only seen to end may not. */
export function knowsTarget({ provider }: { provider: string }): boolean {
	return provider !== 'unknown';
}

function targetOf(
	{ provider, model, origin: { billing } }: StoredCallPayload,
	origin: Origin,
): Pick<StoredCallPayload, 'provider' | 'model' | 'origin'> {
	return { provider, model, origin: { ...origin, billing } };
}

/**
 * A response read again. Counts and cost are taken over together, never mixed from two readings: known before unknown,
 * exact before a bound, then the winner's.
 */
export function mergeResponses(
	old: StoredResponsePayload,
	next: StoredResponsePayload,
	oldIsOurs: boolean,
): Merged<StoredResponsePayload> {
	if (oldIsOurs) {
		const payload = { ...next, callId: old.callId, aliases: union(old.aliases, next.aliases) };
		return { payload, contentFrom: 'next', errorFrom: 'next' };
	}
	const [winner, other] = nextWins(old.origin, next.origin) ? [next, old] : [old, next];
	const usage = richer(usageRichness(old), usageRichness(next), winner === next) === 'next' ? next : old;
	const contentFrom = richer(responseRichness(old), responseRichness(next), winner === next);
	const content = contentFrom === 'next' ? next : old;
	const end = endsFirst(winner, other) ? other : winner;
	const error = pickError(winner, other);
	return {
		payload: {
			...winner,
			callId: old.callId,
			aliases: union(old.aliases, next.aliases),
			protocol: winner.protocol ?? other.protocol,
			finishReason: winner.finishReason ?? other.finishReason,
			usage: usage.usage,
			usageMissing: usage.usageMissing,
			usageBound: usage.usageBound,
			usageNotes: usage.usageNotes,
			cost: usage.cost,
			unpricedFees: usage.unpricedFees,
			serviceTier: usage.serviceTier ?? winner.serviceTier ?? other.serviceTier,
			endedAtMs: end.endedAtMs,
			latencyMs: end.latencyMs ?? other.latencyMs,
			timeToFirstTokenMs: winner.timeToFirstTokenMs ?? other.timeToFirstTokenMs,
			completionTimeMs: winner.completionTimeMs ?? other.completionTimeMs,
			inferenceProvider: winner.inferenceProvider ?? other.inferenceProvider,
			error,
			contentState: content.contentState,
			masked: content.masked,
			completionDigest: content.completionDigest,
			reasoningDigest: content.reasoningDigest,
			toolCallsDigest: content.toolCallsDigest,
			toolCallCount: content.toolCallCount,
		},
		contentFrom,
		errorFrom: error !== null && error === next.error ? 'next' : 'old',
	};
}

/**
 * Whether one source's other reading of the same finished stream knows of an earlier end. An end is noticed late (when
 * usage was looked up, when the answer was saved), never early.
 */
function endsFirst(winner: StoredResponsePayload, other: StoredResponsePayload): boolean {
	const finished = [winner, other].every(({ state, latencyMs }) => state === 'ok' && latencyMs !== null);
	return finished && winner.origin.source === other.origin.source && other.endedAtMs < winner.endedAtMs;
}

/** The winner's, unless only the other's has its text. */
function pickError(winner: StoredResponsePayload, other: StoredResponsePayload): StoredResponsePayload['error'] {
	if (winner.error === null) return winner.state === 'error' ? other.error : null;
	const sameCode = other.error?.code === winner.error.code && other.error?.status === winner.error.status;
	return winner.error.messageDigest === null && sameCode ? other.error : winner.error;
}

function nextWins(old: Origin, next: Origin): boolean {
	if (old.source === next.source) return next.live || !old.live;
	return old.live === next.live ? isReport(old) && !isReport(next) : next.live;
}

/** What an agent reports of its calls over OTLP says less than its own record: of cache writes, of how it is paid. */
function isReport({ source }: Origin): boolean {
	return source.startsWith('otlp-');
}

function richer(old: number, next: number, nextWinsTies: boolean): 'old' | 'next' {
	if (old === next) return nextWinsTies ? 'next' : 'old';
	return next > old ? 'next' : 'old';
}

const STATE_RANK: Record<ContentState, number> = { full: 2, redacted: 1, off: 0, none: 0, erased: 0 };

function callRichness(payload: StoredCallPayload): number {
	const empty = payload.promptDigest === null && payload.systemPromptDigest === null;
	return empty ? 0 : 1 + STATE_RANK[payload.contentState];
}

function responseRichness(payload: StoredResponsePayload): number {
	const empty =
		payload.completionDigest === null && payload.toolCallsDigest === null && payload.reasoningDigest === null;
	return empty ? 0 : 1 + STATE_RANK[payload.contentState];
}

function usageRichness({ usage, usageBound, cost }: StoredResponsePayload): number {
	if (usage === null) return cost.shownNanoUsd === null ? 0 : 1;
	return usageBound === 'exact' ? 3 : 2;
}

function union(a: readonly string[], b: readonly string[]): string[] {
	return [...new Set([...a, ...b])];
}
