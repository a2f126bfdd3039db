import * as z from 'zod';
import { type CallKind, type ContentState, callKindSchema, type Origin } from './draft.ts';
import type { Message, ToolCall, ToolDefinition } from './message.ts';
import type { Cost } from './pricing/cost.ts';
import type { Usage } from './usage.ts';

export const callStateSchema = z.enum(['pending', 'ok', 'error', 'cancelled']);
export type CallState = z.infer<typeof callStateSchema>;

/** The part of a cost that a row shows. */
export interface RowCost {
	/** `null`: unpriced, or refused, as `basis` says. */
	nanoUsd: number | null;
	basis: Cost['basis'];
	bound: Cost['bound'];
	diverges: boolean;
	billing: Origin['billing'];
}

/** One paired call, as a list shows it: no content. Unknown is `null`. */
export interface CallRow {
	callId: string;
	sessionId: string;
	agentId: string;
	/** Order within the session, from 1. */
	seq: number;
	kind: CallKind;
	state: CallState;
	usageMissing: boolean;
	/** A response whose call was never seen. */
	orphan: boolean;
	/** Another call that may be this one, seen through another source. */
	possibleDuplicateOf: string | null;
	provider: string;
	/** The model asked for; `actualModel` is set when another one answered. */
	model: string;
	actualModel: string | null;
	startedAtMs: number;
	endedAtMs: number | null;
	latencyMs: number | null;
	timeToFirstTokenMs: number | null;
	messageCount: number | null;
	/** `usage.inputTotal`: cache included. */
	inputTokens: number | null;
	outputTokens: number | null;
	cacheReadTokens: number | null;
	cacheWriteTokens: number | null;
	reasoningTokens: number | null;
	/** `null` while pending. */
	cost: RowCost | null;
	finishReason: string | null;
	contentState: ContentState;
	/** The session's title, for a list that mixes sessions. */
	sessionTitle: string | null;
	parentSessionId: string | null;
	source: string;
}

/** A call with everything known about it. */
export interface CallDetail {
	row: CallRow;
	systemPrompt: string | null;
	messages: Message[];
	/** How many leading messages the call shares with the one it extends. */
	sharedPrefix: number;
	/** The call whose prompt this one extends. */
	extendsCallId: string | null;
	tools: ToolDefinition[];
	parameters: Record<string, unknown>;
	completion: string | null;
	reasoning: string | null;
	toolCalls: ToolCall[];
	usage: Usage | null;
	usageBound: 'exact' | 'atLeast' | 'atMost';
	usageNotes: string[];
	cost: Cost | null;
	completionTimeMs: number | null;
	inferenceProvider: string | null;
	serviceTier: string | null;
	error: { message: string; status: number | null; code: string | null } | null;
	mode: string | null;
	folder: string | null;
	gitBranch: string | null;
	gitCommit: string | null;
	origin: Origin;
	aliases: string[];
	/** Secrets masked at write, over prompt and completion. */
	maskedSecrets: number;
	/** Hash of the latest event of this call in the session's chain, hex; `null` = pending and not yet chained. */
	hash: string | null;
	eventIds: string[];
}

/** One task. */
export interface SessionRow {
	sessionId: string;
	agentId: string;
	parentSessionId: string | null;
	title: string | null;
	startedAtMs: number;
	lastAtMs: number;
	calls: number;
	pending: number;
	unpriced: number;
	inputTokens: number;
	outputTokens: number;
	cacheReadTokens: number;
	cacheWriteTokens: number;
	/** Sum of the known costs, API-billed calls only. With `unpriced > 0` it is a lower bound. */
	costNanoUsd: number;
	/** Subscription calls, at API prices. */
	subscriptionNanoUsd: number;
	bound: 'exact' | 'atLeast' | 'atMost' | 'about';
	folder: string | null;
}

/** `[fromMs, toMs)`, epoch milliseconds. A call belongs to its start. */
export const timeRangeSchema = z.object({ fromMs: z.int().min(0), toMs: z.int().min(0) });
export type TimeRange = z.infer<typeof timeRangeSchema>;

/** Which calls a query is about. Absent = no restriction. */
export const callFilterSchema = z.object({
	range: timeRangeSchema.optional(),
	sessionId: z.string().optional(),
	agentId: z.string().optional(),
	provider: z.string().optional(),
	model: z.string().optional(),
	kind: callKindSchema.optional(),
	state: callStateSchema.optional(),
	folder: z.string().optional(),
});
export type CallFilter = z.infer<typeof callFilterSchema>;

/** Sums over calls. */
export interface Totals {
	calls: number;
	pending: number;
	errors: number;
	cancelled: number;
	/** Calls that ended and have no known price. One that the provider refused costs nothing and is not among them. */
	unpriced: number;
	usageMissing: number;
	inputTokens: number;
	outputTokens: number;
	cacheReadTokens: number;
	cacheWriteTokens: number;
	reasoningTokens: number;
	/** API-billed calls only. */
	costNanoUsd: number;
	/** Subscription calls, at API prices. */
	subscriptionNanoUsd: number;
	bound: 'exact' | 'atLeast' | 'atMost' | 'about';
	latency: { avgMs: number | null; p50Ms: number | null; p90Ms: number | null; p99Ms: number | null };
}

export interface GroupTotals extends Totals {
	provider: string;
	model: string;
}

/** One bucket of a chart. `startMs` is the bucket's local start. */
export interface SeriesBucket {
	startMs: number;
	endMs: number;
	groups: {
		provider: string;
		model: string;
		calls: number;
		unpriced: number;
		/** API-billed calls only. */
		costNanoUsd: number;
		/** Subscription calls, at API prices. */
		subscriptionNanoUsd: number;
		bound: 'exact' | 'atLeast' | 'atMost' | 'about';
		inputTokens: number;
		outputTokens: number;
	}[];
}

export const granularitySchema = z.enum(['hour', 'day', 'week']);
export type Granularity = z.infer<typeof granularitySchema>;

/** A hit of the full-text search. */
export interface SearchHit {
	callId: string;
	sessionId: string;
	startedAtMs: number;
	place: 'prompt' | 'system' | 'completion' | 'reasoning';
	/** Text around the first match; matches are `[start, end)` offsets into it. */
	snippet: string;
	matches: [number, number][];
}
