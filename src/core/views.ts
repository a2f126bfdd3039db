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

/** Which of its two events a call must have. `llm_call`: its request was seen; `llm_response`: its end was; `paired`: both. */
export const eventFilterSchema = z.enum(['llm_call', 'llm_response', 'paired']);
export type EventFilter = z.infer<typeof eventFilterSchema>;

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
	/** Calls of any of these folders. */
	folders: z.array(z.string()).optional(),
	source: z.string().optional(),
	event: eventFilterSchema.optional(),
	/** Only calls that ended without usage. */
	usageMissing: z.literal(true).optional(),
	/** Only responses whose call was never seen. */
	orphan: z.literal(true).optional(),
	/** Only calls that ended without a known price. */
	unpriced: z.literal(true).optional(),
	/** Only calls whose shown cost is at least this. An unknown cost does not pass. */
	minCostNanoUsd: z.int().min(0).optional(),
	/** Only calls that took at least this long. An unknown latency does not pass. */
	minLatencyMs: z.number().min(0).optional(),
});
export type CallFilter = z.infer<typeof callFilterSchema>;

/** `cost`, `latency`, `tokens` (input and output together): largest first, unknown last, and equal ones newest first. */
export const callSortSchema = z.enum(['newest', 'oldest', 'cost', 'latency', 'tokens']);
export type CallSort = z.infer<typeof callSortSchema>;

/** Which tasks come first. */
export const sessionSortSchema = z.enum(['newest', 'cost']);
export type SessionSort = z.infer<typeof sessionSortSchema>;

/**
 * One line of the timeline: a task, or a call of the task above it. A task of a subagent stands among its parent's calls,
 * by the time at which it began; `depth` is 0 for tasks without a parent here, and one more for each level below.
 */
export type TimelineItem =
	| {
			type: 'session';
			session: SessionRow;
			depth: number;
			/** Its calls follow. */
			open: boolean;
			/** Calls of its own that pass the filter; those of its subagents are in `matchingBelow`. */
			matching: number;
			matchingBelow: number;
	  }
	| { type: 'call'; row: CallRow; depth: number };

/** Lines `offset` … of a timeline. */
export interface TimelinePage {
	items: TimelineItem[];
	/** Index of the first item. */
	offset: number;
	/** Lines in all, those of closed tasks left out. */
	total: number;
	/** Calls that pass the filter, those of closed tasks included. */
	calls: number;
	sessions: number;
	revision: number;
}

/** The start of a text, for a row that is unfolded in place. */
export interface TextStart {
	text: string;
	/** Length of the whole text, UTF-16 code units. */
	length: number;
}

/** What an unfolded row shows before the details are asked for. */
export interface CallPreview {
	callId: string;
	contentState: ContentState;
	/** The last message that this call added to its prompt, and who said it; `null`: no content. */
	prompt: (TextStart & { role: Message['role'] }) | null;
	completion: TextStart | null;
	/** Names of the tools that the completion calls, in order. */
	toolCalls: string[];
	error: string | null;
}

/** What there is to filter by, and how many calls each has; most calls first. */
export interface Facets {
	agents: { agentId: string; calls: number }[];
	models: { provider: string; model: string; calls: number }[];
	kinds: { kind: CallKind; calls: number }[];
	states: { state: CallState; calls: number }[];
	folders: { folder: string; calls: number }[];
	sources: { source: string; calls: number }[];
}

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
	/** The part of `inputTokens` of which the origin told how much came from a cache: what a hit rate is a share of. */
	cacheToldTokens: number;
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

/** Totals of one agent or project folder. */
export interface NamedTotals extends Totals {
	name: string;
}

/** Tokens of calls by the bucket that they are billed in; disjoint. Sums of what is known. */
export interface TokenBuckets {
	uncachedInput: number;
	cacheRead: number;
	cacheWrite: number;
	/** Reasoning left out. */
	output: number;
	reasoning: number;
}

/** One bucket of time on the analytics page. Empty ones are present, with zeros. */
export interface AnalyticsBucket extends SeriesBucket {
	calls: number;
	tokens: TokenBuckets;
	latency: { avgMs: number | null; p50Ms: number | null; p90Ms: number | null; p99Ms: number | null };
}

/** Calls with a latency in `[fromMs, toMs)`. Bars are as wide on a logarithmic scale, and cover all calls. */
export interface LatencyBar {
	fromMs: number;
	toMs: number;
	calls: number;
}

/** Everything that the analytics page draws: of one state of the ledger, so that its parts add up. */
export interface Analytics {
	totals: Totals;
	byModel: GroupTotals[];
	byAgent: NamedTotals[];
	/** Without a folder: the name is empty. */
	byFolder: NamedTotals[];
	buckets: AnalyticsBucket[];
	latencyBars: LatencyBar[];
	revision: number;
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

/** A hit with the call that it is of. */
export interface SearchResult extends SearchHit {
	row: CallRow;
}
