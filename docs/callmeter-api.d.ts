/**
 * Types of the API that Callmeter gives to other extensions. Copy this file into your extension; it needs nothing but
 * `@types/vscode`.
 *
 *     import type { CallmeterApi } from './callmeter-api';
 *
 *     const callmeter = vscode.extensions.getExtension<CallmeterApi>('callmeter.callmeter');
 *     const api = await callmeter?.activate();
 *
 * Within one `version` members are only added. Money is integer nano-USD (1 USD = 1,000,000,000), times are epoch
 * milliseconds, durations are milliseconds, and `null` means "not known", never zero.
 */
import type { Event } from 'vscode';

/** What `activate` returns. */
export interface CallmeterApi {
	readonly version: 1;
	/** Records every call of a Kilo-style task until the function it returns is called. Never throws. */
	hookTask(task: object, options: ApiHookOptions): () => void;
	/** Gives a handler that behaves as the one handed in and records its calls. Never throws. */
	wrapApiHandler<H extends object>(handler: H, options: ApiHookOptions): H;
	/**
	 * Records calls that were observed some other way. Resolves when they are in the ledger's file, with one receipt a
	 * draft: from then on they survive a crash of the process. A loss of power may take the last of them.
	 * Rejects with the path of the offending field when a draft is not valid: then none of them is recorded.
	 */
	record(drafts: readonly DraftInput[]): Promise<Receipt[]>;
	/** A live call has ended and is stored. */
	readonly onDidCompleteCall: Event<CallRow>;
	/** Only while `callmeter.diagnostics.enabled` is set, and for tasks that the user has switched diagnostics on for. */
	readonly onDidRunDiagnostics: Event<RunDiagnostics>;
	readonly analytics: Analytics;
}

/** Whose calls a hook records. What is absent is read from the task, or from each request. */
export interface ApiHookOptions {
	/** Which agent makes the calls, as the panel names it: `my-agent`. */
	agentId: string;
	taskId?: string | undefined;
	parentTaskId?: string | undefined;
	mode?: string | undefined;
	/** The task's title. Content: what the user has chosen to keep decides whether it is stored. */
	title?: string | undefined;
	/** Absolute working directory of the agent. */
	folder?: string | undefined;
	/** `subscription`: tokens are not billed one by one. Default `api`. */
	billing?: 'api' | 'subscription' | undefined;
	provider?: string | undefined;
	protocol?: 'anthropic' | 'openai' | 'gemini' | undefined;
	/** Who computed `totalCost` of a usage chunk. Default `agent`. */
	costFrom?: 'provider' | 'agent' | undefined;
}

/** Sums and lists over the calls in this window's ledger. Every method rejects with the ledger's `reason` and a sentence. */
export interface Analytics {
	totals(filter?: CallFilter): Promise<Totals>;
	/** Costliest first. */
	byModel(filter?: CallFilter): Promise<GroupTotals[]>;
	series(query: SeriesQuery): Promise<SeriesBucket[]>;
	/** At most 5,000 rows at once. Default: the newest 100. */
	calls(query?: Partial<CallQuery>): Promise<{ rows: CallRow[]; total: number }>;
	/** Tasks that have a call which passes the filter, at most 5,000 at once. Default: the latest 100. */
	sessions(query?: Partial<SessionQuery>): Promise<{ rows: SessionRow[]; total: number }>;
	/** Prompt and completion included, as far as they were kept. `null`: no such call. */
	call(callId: string): Promise<CallDetail | null>;
}

// ── Recording ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** What `record` takes: a request that was sent, what came back, or a cost without tokens. */
export type DraftInput = CallDraftInput | ResponseDraftInput | CostDraftInput;

/** Where an event came from. */
export interface OriginInput {
	/** Who hands it in: your extension's name. */
	source: string;
	/** The file, row or URL it was read from, for "why this number?". */
	record?: string | undefined;
	/** `subscription`: tokens are not billed one by one; the cost is an API equivalent. Default `api`. */
	billing?: 'api' | 'subscription' | undefined;
	/** Seen as it happened, not read from history. Default `false`. */
	live?: boolean | undefined;
}

interface DraftIdentity {
	/** Opaque and stable: the same call handed in twice has the same id, and is one call. */
	callId: string;
	/** The task; a "run" is a session. */
	sessionId: string;
	agentId: string;
	/** Other ids of the same call: response id, request id, native ids. */
	aliases?: string[] | undefined;
	origin: OriginInput;
	sent?: SentInput | undefined;
}

/** What you call an event yourself, so that it can be handed in twice. */
export interface SentInput {
	/** Unique within the session: handed in again, the event changes nothing; with another content it is rejected. */
	id: string;
	/** Whether the event's time belongs to it, and is not that of its being handed in. */
	timed: boolean;
	/** A digest of all that the event says, to compare it by. Default: what is recorded of it is compared. */
	digest?: string | undefined;
}

/** A request that was sent. Secrets of well-known shapes are masked before it is stored, and it is priced. */
export interface CallDraftInput extends DraftIdentity {
	eventType: 'llm_call';
	startedAtMs: number;
	provider: string;
	/** The model that was asked for. */
	model: string;
	/** How the provider counts input. */
	protocol?: Protocol | undefined;
	kind?: CallKind | undefined;
	/** The session that spawned this one. */
	parentSessionId?: string | null | undefined;
	/** The task's title. */
	title?: string | null | undefined;
	mode?: string | null | undefined;
	/** Absolute working directory of the agent. */
	folder?: string | null | undefined;
	gitBranch?: string | null | undefined;
	gitCommit?: string | null | undefined;
	systemPrompt?: string | null | undefined;
	messages?: Message[] | undefined;
	tools?: ToolDefinition[] | undefined;
	parameters?: Record<string, unknown> | undefined;
	/** `none` when you have no prompt content. */
	contentState?: ContentState | undefined;
	/** Messages in the request, when their content is absent. */
	messageCount?: number | null | undefined;
}

/** What came back: for success, error and cancel alike. */
export interface ResponseDraftInput extends DraftIdentity {
	eventType: 'llm_response';
	endedAtMs: number;
	provider: string;
	/** The model that answered, which may differ from the one asked for. */
	model: string;
	protocol?: Protocol | undefined;
	state: 'ok' | 'error' | 'cancelled';
	finishReason?: string | null | undefined;
	completion?: string | null | undefined;
	reasoning?: string | null | undefined;
	toolCalls?: ToolCall[] | undefined;
	/** `null`: there is no usage at all. */
	usage: Usage | null;
	/** There should have been usage, and there was none. */
	usageMissing?: boolean | undefined;
	/** How the counts relate to what was served. Default `exact`. */
	usageBound?: 'exact' | 'atLeast' | 'atMost' | undefined;
	/** Why `usageBound` is not exact; one sentence each, for a person. */
	usageNotes?: string[] | undefined;
	reportedCostUsd?: number | null | undefined;
	reportedBy?: 'provider' | 'agent' | null | undefined;
	/** Fees beyond tokens (web search, images): the cost is then a lower bound. */
	unpricedFees?: string[] | undefined;
	/** Request start to the end of the response. */
	latencyMs?: number | null | undefined;
	timeToFirstTokenMs?: number | null | undefined;
	/** Request start to usage received. */
	completionTimeMs?: number | null | undefined;
	/** The provider behind a gateway that really served the call. */
	inferenceProvider?: string | null | undefined;
	/** `batch`, `priority`, `fast`, …; `null` is the standard tier. */
	serviceTier?: string | null | undefined;
	/** For the state `error`, and for a cancel that carries a reason. */
	error?: { message: string; status?: number | null | undefined; code?: string | null | undefined } | null | undefined;
	contentState?: ContentState | undefined;
}

/** A cost without tokens. It never adds to a response with the same `callId`. */
export interface CostDraftInput {
	eventType: 'cost_tracked';
	sessionId: string;
	agentId: string;
	origin: OriginInput;
	sent?: SentInput | undefined;
	atMs: number;
	callId?: string | null | undefined;
	provider?: string | null | undefined;
	model?: string | null | undefined;
	costUsd: number;
	description?: string | null | undefined;
}

/** What happened to one draft. */
export interface Receipt {
	/** `null` for a `cost_tracked` without a call. */
	callId: string | null;
	/** `appended`: new. `superseded`: replaced an earlier event of this call. `unchanged`: said nothing new. */
	outcome: 'appended' | 'superseded' | 'unchanged' | 'rejected';
	eventId: string | null;
	/** Hash of the event, hex. */
	hash: string | null;
	/** Why a draft was rejected, with the path of the offending field. */
	reason: string | null;
}

export type Protocol = 'anthropic' | 'openai' | 'gemini' | null;
export type CallKind = 'chat' | 'condense' | 'subagent' | 'title' | 'tool' | 'replay';
/** Why content is, or is not, there. */
export type ContentState = 'full' | 'redacted' | 'off' | 'none' | 'erased';

export interface Message {
	role: 'system' | 'user' | 'assistant' | 'tool';
	content: string | ContentPart[];
	/** For role `tool`: the id of the tool call that this answers. */
	toolCallId?: string | undefined;
	/** For role `assistant`: what the model asked for. */
	toolCalls?: ToolCall[] | undefined;
}

/** One part of a message. Parts of other types (images, files) pass through as they are. */
export interface ContentPart {
	[key: string]: unknown;
	type: string;
	text?: string | undefined;
}

export interface ToolCall {
	id: string;
	name: string;
	/** The parsed JSON; text that does not parse stays a string. */
	arguments: unknown;
}

export interface ToolDefinition {
	name: string;
	description?: string | undefined;
	/** A JSON schema. */
	parameters?: Record<string, unknown> | undefined;
}

/** Token counts of one call. `null`: the origin did not say. `0`: it said zero. */
export interface Usage {
	/** All prompt tokens, cache reads and writes included. */
	inputTotal: number | null;
	/** Prompt tokens billed at the full input rate. */
	uncachedInput: number | null;
	cacheRead: number | null;
	cacheWrite5m: number | null;
	cacheWrite1h: number | null;
	/** Written to a cache whose time to live is not known. */
	cacheWriteUnknownTtl: number | null;
	/** Generated tokens, reasoning included. */
	output: number | null;
	/** Part of `output`. */
	reasoning: number | null;
}

// ── Reading ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** `[fromMs, toMs)`, epoch milliseconds. A call belongs to its start. */
export interface TimeRange {
	fromMs: number;
	toMs: number;
}

/** Which calls a query is about. Absent = no restriction. */
export interface CallFilter {
	range?: TimeRange | undefined;
	sessionId?: string | undefined;
	agentId?: string | undefined;
	provider?: string | undefined;
	model?: string | undefined;
	kind?: CallKind | undefined;
	state?: CallState | undefined;
	folder?: string | undefined;
	/** Calls of any of these folders. */
	folders?: string[] | undefined;
	source?: string | undefined;
	/** Which of its two events a call must have: its request was seen, its end was, or both were. */
	event?: 'llm_call' | 'llm_response' | 'paired' | undefined;
	/** Only calls that ended without usage. */
	usageMissing?: true | undefined;
	/** Only responses whose call was never seen. */
	orphan?: true | undefined;
	/** Only calls that ended without a known price. */
	unpriced?: true | undefined;
	/** Only calls whose shown cost is at least this. An unknown cost does not pass. */
	minCostNanoUsd?: number | undefined;
	/** Only calls that took at least this long. An unknown latency does not pass. */
	minLatencyMs?: number | undefined;
}

export interface CallQuery {
	filter: CallFilter;
	/** `cost`, `latency`, `tokens`: largest first, unknown last. */
	sort: 'newest' | 'oldest' | 'cost' | 'latency' | 'tokens';
	offset: number;
	limit: number;
}

/** Which tasks to list. */
export interface SessionQuery {
	filter: CallFilter;
	/** Latest first, or costliest first. */
	sort: 'newest' | 'cost';
	offset: number;
	limit: number;
}

export interface SeriesQuery {
	range: TimeRange;
	granularity: 'hour' | 'day' | 'week';
	/** IANA zone, such as `Europe/Berlin`; buckets are local days and ISO 8601 weeks. */
	timeZone: string;
	filter: CallFilter;
}

export type CallState = 'pending' | 'ok' | 'error' | 'cancelled';
/** How a figure relates to the true one. */
export type Bound = 'exact' | 'atLeast' | 'atMost';

/** One call, as a list shows it: no content. */
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
	/** Cache included. */
	inputTokens: number | null;
	outputTokens: number | null;
	cacheReadTokens: number | null;
	cacheWriteTokens: number | null;
	reasoningTokens: number | null;
	/** `null` while pending. */
	cost: RowCost | null;
	finishReason: string | null;
	contentState: ContentState;
	sessionTitle: string | null;
	parentSessionId: string | null;
	source: string;
}

/** The part of a cost that a row shows. */
export interface RowCost {
	/** `null`: unpriced, or refused, as `basis` says. */
	nanoUsd: number | null;
	basis: Cost['basis'];
	bound: Bound;
	/** Computed and reported differ by more than 2 %. */
	diverges: boolean;
	billing: 'api' | 'subscription';
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
	usageBound: Bound;
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
	origin: { source: string; record?: string | undefined; billing: 'api' | 'subscription'; live: boolean };
	aliases: string[];
	/** Secrets masked at write, over prompt and completion. */
	maskedSecrets: number;
	/** Hash of the latest event of this call in the session's chain, hex. */
	hash: string | null;
	eventIds: string[];
}

/** What a call cost, and how we know. */
export interface Cost {
	/** What a person is shown: provider-reported, else computed, else agent-reported, else `null` (unpriced, never $0). */
	shownNanoUsd: number | null;
	/** `refused`: the provider turned the request away before it served anything, so there is nothing to bill. */
	basis: 'provider' | 'computed' | 'agent' | 'unpriced' | 'refused';
	bound: Bound;
	computedNanoUsd: number | null;
	reportedNanoUsd: number | null;
	reportedBy: 'provider' | 'agent' | null;
	/** Computed and reported differ by more than 2 %. */
	diverges: boolean;
	lines: CostLine[];
	/** Which price was used, and from where. */
	price: {
		provider: string;
		model: string;
		from: 'table' | 'overlay' | 'override';
		/** First day on which the rate holds, ISO date; `null` = always. */
		validFrom: string | null;
		tableDate: string;
	} | null;
	unpriced: 'unknownModel' | 'noUsage' | 'noRate' | null;
	/** Sentences for a person. */
	notes: string[];
}

/** One line of an unfolded cost: `tokens` × `ratePicoUsd`. */
export interface CostLine {
	bucket:
		| 'uncachedInput'
		| 'cacheRead'
		| 'cacheWrite5m'
		| 'cacheWrite1h'
		| 'cacheWriteUnknownTtl'
		| 'output'
		| 'requests';
	tokens: number;
	/** pico-USD a token: 1 USD a million tokens = 1,000,000. */
	ratePicoUsd: number;
	/** Tokens from which this rate holds for the whole request; 0 = the base rate. */
	tierStart: number;
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
	bound: Bound | 'about';
	folder: string | null;
}

/** Sums over calls. */
export interface Totals {
	calls: number;
	pending: number;
	errors: number;
	cancelled: number;
	/** Calls that ended and have no known price. */
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
	bound: Bound | 'about';
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
		bound: Bound | 'about';
		inputTokens: number;
		outputTokens: number;
	}[];
}

// ── Diagnostics ────────────────────────────────────────────────────────────────────────────────────────────────────

/** A `run.diagnostics` notification. Holds no content. */
export type RunDiagnostics =
	| { run_id: string; kind: 'llm_call'; call: LlmCallDiagnostics }
	| { run_id: string; kind: 'run_summary'; summary: UsageSummary };

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
		/** `unknown`: the provider said nothing about its cache. */
		hit_state: 'hit' | 'miss' | 'unknown';
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
