import type { CallRow, GroupTotals, Totals } from '../views.ts';

/**
 * What HTTP, MCP and the commands' `--json` tell of calls. Names and meanings are fixed: programs read them. Unknown is `null`, never 0;
 * costs are USD, what a subscription covers at API prices included.
 */
export interface ModelJson {
	provider: string;
	model: string;
	calls: number;
	/** Cache reads and writes included. */
	inputTokens: number;
	outputTokens: number;
	cacheReadTokens: number;
	cacheWriteTokens: number;
	/** Sum of the known costs; `null` when no call has one, or has one yet. */
	costUsd: number | null;
	/** Calls that ended without a known price: `costUsd` leaves them out. */
	unpriced: number;
	avgLatencyMs: number | null;
}

export interface CallJson {
	callId: string;
	agentId: string;
	sessionId: string;
	provider: string;
	/** The one that answered, where that is known. */
	model: string;
	kind: CallRow['kind'];
	state: CallRow['state'];
	usageMissing: boolean;
	inputTokens: number | null;
	outputTokens: number | null;
	cacheReadTokens: number | null;
	cacheWriteTokens: number | null;
	reasoningTokens: number | null;
	costUsd: number | null;
	costBasis: string | null;
	latencyMs: number | null;
	/** ISO 8601. */
	startedAt: string;
}

export interface StatsJson {
	/** ISO 8601; `null`: no bound. */
	from: string | null;
	to: string | null;
	calls: number;
	pending: number;
	errors: number;
	cancelled: number;
	unpriced: number;
	usageMissing: number;
	inputTokens: number;
	outputTokens: number;
	cacheReadTokens: number;
	cacheWriteTokens: number;
	reasoningTokens: number;
	costUsd: number | null;
	/** How `costUsd` relates to what was spent. */
	costBound: Totals['bound'];
	/** The parts of `costUsd`. */
	apiCostUsd: number;
	subscriptionCostUsd: number;
	avgLatencyMs: number | null;
	p50LatencyMs: number | null;
	p90LatencyMs: number | null;
	p99LatencyMs: number | null;
}

export function modelJson(group: GroupTotals): ModelJson {
	return {
		provider: group.provider,
		model: group.model,
		calls: group.calls,
		inputTokens: group.inputTokens,
		outputTokens: group.outputTokens,
		cacheReadTokens: group.cacheReadTokens,
		cacheWriteTokens: group.cacheWriteTokens,
		costUsd: usd(shownNanoUsd(group)),
		unpriced: group.unpriced,
		avgLatencyMs: group.latency.avgMs,
	};
}

export function callJson(row: CallRow): CallJson {
	return {
		callId: row.callId,
		agentId: row.agentId,
		sessionId: row.sessionId,
		provider: row.provider,
		model: row.actualModel ?? row.model,
		kind: row.kind,
		state: row.state,
		usageMissing: row.usageMissing,
		inputTokens: row.inputTokens,
		outputTokens: row.outputTokens,
		cacheReadTokens: row.cacheReadTokens,
		cacheWriteTokens: row.cacheWriteTokens,
		reasoningTokens: row.reasoningTokens,
		costUsd: usd(row.cost?.nanoUsd ?? null),
		costBasis: row.cost?.basis ?? null,
		latencyMs: row.latencyMs,
		startedAt: new Date(row.startedAtMs).toISOString(),
	};
}

export function statsJson(totals: Totals, range: { fromMs: number; toMs: number } | undefined): StatsJson {
	const bound = (ms: number | undefined) =>
		ms === undefined || ms === 0 || ms === Number.MAX_SAFE_INTEGER ? null : new Date(ms).toISOString();
	return {
		from: bound(range?.fromMs),
		to: bound(range?.toMs),
		calls: totals.calls,
		pending: totals.pending,
		errors: totals.errors,
		cancelled: totals.cancelled,
		unpriced: totals.unpriced,
		usageMissing: totals.usageMissing,
		inputTokens: totals.inputTokens,
		outputTokens: totals.outputTokens,
		cacheReadTokens: totals.cacheReadTokens,
		cacheWriteTokens: totals.cacheWriteTokens,
		reasoningTokens: totals.reasoningTokens,
		costUsd: usd(shownNanoUsd(totals)),
		costBound: totals.bound,
		apiCostUsd: totals.costNanoUsd / 1e9,
		subscriptionCostUsd: totals.subscriptionNanoUsd / 1e9,
		avgLatencyMs: totals.latency.avgMs,
		p50LatencyMs: totals.latency.p50Ms,
		p90LatencyMs: totals.latency.p90Ms,
		p99LatencyMs: totals.latency.p99Ms,
	};
}

/** All that is known of a sum; `null`: there are calls, and none of them has a price, or has one yet. */
export function shownNanoUsd({
	calls,
	pending,
	unpriced,
	costNanoUsd,
	subscriptionNanoUsd,
}: Pick<Totals, 'calls' | 'pending' | 'unpriced' | 'costNanoUsd' | 'subscriptionNanoUsd'>): number | null {
	const known = costNanoUsd + subscriptionNanoUsd;
	return known === 0 && calls > 0 && unpriced + pending === calls ? null : known;
}

function usd(nanoUsd: number | null): number | null {
	return nanoUsd === null ? null : nanoUsd / 1e9;
}
