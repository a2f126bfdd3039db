import type { Cost } from './pricing/cost.ts';
import { cacheWriteTotal, inputTotalOf, sumKnown, type Usage } from './usage.ts';
import type { CallDetail } from './views.ts';

/**
 * Per-call diagnostics and the summary of a run, in the field names of their specification (snake case, since they
 * leave the product as JSON). Derived from what is stored, never stored themselves.
 */

/** `unknown`: the origin said nothing about its cache. */
export type CacheHitState = 'hit' | 'miss' | 'unknown';

export interface LlmCallDiagnostics {
	/** The session. */
	run_id: string;
	/** Order within the session, from 1. */
	seq: number;
	provider?: string;
	/** The model that answered. */
	model: string;
	/** ISO 8601. */
	request_ts: string;
	response_ts: string;
	latency_ms: number;
	stop_reason?: string | null;
	usage?: {
		/** Cache reads and writes included. */
		input_tokens: number;
		output_tokens: number;
		total_tokens: number;
		input_cached_tokens?: number | null;
		input_cache_creation_tokens?: number | null;
		input_image_tokens?: number | null;
	} | null;
	cache: {
		hit_state: CacheHitState;
		cache_read_tokens: number;
		cache_creation_tokens: number;
		/** Cached part of the input, 0 to 1; `null` when not known. */
		cache_read_ratio?: number | null;
	};
	cost_usd?: number | null;
	/** `inference_provider=…, service_tier=…`, as far as they are known. */
	provider_meta_summary?: string | null;
}

/** Totals of a run. A cost of `null`: no call has a known price. */
export interface UsageSummary {
	calls: number;
	input_tokens: number;
	output_tokens: number;
	total_tokens: number;
	/** `null`: no call told. */
	input_cached_tokens: number | null;
	input_cache_creation_tokens: number | null;
	cost_usd: number | null;
	/** Calls that ended without a known price: `cost_usd` leaves them out. */
	unpriced_calls: number;
	/** Calls that ended without usage: the token totals leave them out. */
	calls_without_usage: number;
}

/** A `run.diagnostics` notification. */
export type RunDiagnostics =
	| { run_id: string; kind: 'llm_call'; call: LlmCallDiagnostics }
	| { run_id: string; kind: 'run_summary'; summary: UsageSummary };

/** What is needed of a call. */
export type DiagnosableCall = Pick<CallDetail, 'usage' | 'inferenceProvider' | 'serviceTier'> & {
	row: Pick<
		CallDetail['row'],
		| 'sessionId'
		| 'seq'
		| 'provider'
		| 'model'
		| 'actualModel'
		| 'startedAtMs'
		| 'endedAtMs'
		| 'latencyMs'
		| 'finishReason'
	>;
	cost: { shownNanoUsd: number | null; basis?: Cost['basis'] } | null;
};

/** Hit when tokens were read from cache, miss when the origin said that none were. */
export function cacheHitState(usage: Pick<Usage, 'cacheRead'> | null): CacheHitState {
	if (!usage || usage.cacheRead === null) return 'unknown';
	return usage.cacheRead > 0 ? 'hit' : 'miss';
}

/** Diagnostics of a call that has ended; `null` while it is pending. */
export function callDiagnostics(call: DiagnosableCall): LlmCallDiagnostics | null {
	const { row, usage } = call;
	if (row.endedAtMs === null) return null;
	return {
		run_id: row.sessionId,
		seq: row.seq,
		provider: row.provider,
		model: row.actualModel ?? row.model,
		request_ts: new Date(row.startedAtMs).toISOString(),
		response_ts: new Date(row.endedAtMs).toISOString(),
		latency_ms: row.latencyMs ?? row.endedAtMs - row.startedAtMs,
		stop_reason: row.finishReason,
		usage: usage && diagnosedUsage(usage),
		cache: {
			hit_state: cacheHitState(usage),
			cache_read_tokens: usage?.cacheRead ?? 0,
			cache_creation_tokens: (usage && cacheWriteTotal(usage)) ?? 0,
			cache_read_ratio: usage && cacheReadRatio(usage),
		},
		cost_usd: costUsd(call),
		provider_meta_summary: metaSummary(call),
	};
}

/** Totals over the calls of a run; those still pending count as calls only. */
export function runSummary(calls: Iterable<DiagnosableCall>): UsageSummary {
	const summary: UsageSummary = {
		calls: 0,
		input_tokens: 0,
		output_tokens: 0,
		total_tokens: 0,
		input_cached_tokens: null,
		input_cache_creation_tokens: null,
		cost_usd: null,
		unpriced_calls: 0,
		calls_without_usage: 0,
	};
	let nanoUsd: number | null = null;
	for (const { row, usage, cost } of calls) {
		summary.calls++;
		if (row.endedAtMs === null) continue;
		if (usage) {
			summary.input_tokens += inputTotalOf(usage) ?? 0;
			summary.output_tokens += usage.output ?? 0;
			summary.input_cached_tokens = sumKnown([summary.input_cached_tokens, usage.cacheRead]);
			summary.input_cache_creation_tokens = sumKnown([summary.input_cache_creation_tokens, cacheWriteTotal(usage)]);
		} else {
			summary.calls_without_usage++;
		}
		const shown = cost?.shownNanoUsd ?? null;
		if (shown === null && cost?.basis !== 'refused') summary.unpriced_calls++;
		nanoUsd = sumKnown([nanoUsd, shown]);
	}
	summary.total_tokens = summary.input_tokens + summary.output_tokens;
	summary.cost_usd = nanoUsd === null ? null : nanoUsd / 1e9;
	return summary;
}

function diagnosedUsage(usage: Usage): NonNullable<LlmCallDiagnostics['usage']> {
	const input = inputTotalOf(usage) ?? 0;
	const output = usage.output ?? 0;
	return {
		input_tokens: input,
		output_tokens: output,
		total_tokens: input + output,
		input_cached_tokens: usage.cacheRead,
		input_cache_creation_tokens: cacheWriteTotal(usage),
	};
}

function cacheReadRatio(usage: Usage): number | null {
	return usage.cacheRead === null ? null : usage.cacheRead / Math.max(inputTotalOf(usage) ?? 0, 1);
}

function costUsd({ cost }: DiagnosableCall): number | null {
	const nanoUsd = cost?.shownNanoUsd ?? null;
	return nanoUsd === null ? null : nanoUsd / 1e9;
}

/** Names and values, as in the record itself: the record is not in any language. */
function metaSummary({ inferenceProvider, serviceTier }: DiagnosableCall): string | null {
	const parts = [
		inferenceProvider !== null && `inference_provider=${inferenceProvider}`,
		serviceTier !== null && `service_tier=${serviceTier}`,
	].filter((part) => part !== false);
	return parts.length > 0 ? parts.join(', ') : null;
}
