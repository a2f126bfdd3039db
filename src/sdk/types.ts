/**
 * What the SDK takes and gives. Everything stands here in full, without a schema behind it, since this is what its users
 * read in their editor; a test holds it equal to the schemas by which it is checked.
 *
 * Tokens are whole numbers, money is US dollars, durations are milliseconds. `null` is for what is not known; 0 says that
 * it was none.
 */

/** A tool call that a model asked for. `arguments` is parsed JSON. */
export interface LlmToolCall {
	id: string;
	name: string;
	arguments: Record<string, unknown>;
}

/** A part of a message: text, or whatever else the provider knows (images, files), which is kept as it is. */
export interface LlmContentPart {
	type: string;
	text?: string | undefined;
	[key: string]: unknown;
}

/** One message of a prompt. */
export interface LlmMessage {
	role: 'system' | 'user' | 'assistant' | 'tool';
	content: string | LlmContentPart[];
	/** For role `tool`: which tool call this answers. */
	toolCallId?: string | undefined;
	/** For role `assistant`: the tool calls that the model wanted to make. */
	toolCalls?: LlmToolCall[] | undefined;
}

/** A tool that was offered to the model. `parameters` is its JSON schema. */
export interface LlmTool {
	name: string;
	description?: string | undefined;
	parameters?: Record<string, unknown> | undefined;
}

/** Token counts of one call. */
export interface LlmUsage {
	/** All prompt tokens, cache reads and writes included. */
	inputTokens: number;
	/** All generated tokens, thinking included. */
	outputTokens: number;
	totalTokens: number;
	/** Part of `outputTokens`. */
	thinkingTokens?: number | undefined;
	/** Part of `inputTokens`: read from the provider's cache. */
	cacheReadTokens?: number | undefined;
	/** Part of `inputTokens`: written to the provider's cache, whatever its time to live. */
	cacheWriteTokens?: number | undefined;
	/** Parts of `cacheWriteTokens`, by time to live, which Anthropic prices apart. */
	cacheWrite5mTokens?: number | undefined;
	cacheWrite1hTokens?: number | undefined;
}

/** The API families whose answers can be read: `from…` sets it. */
export type LlmApi = 'anthropic' | 'chat' | 'responses' | 'gemini';

/** What is known of a call when it begins. */
export interface LlmRequest {
	/** `anthropic`, `openai`, `google`, … */
	provider: string;
	/** The model that was asked for. */
	model: string;
	/** At least one. */
	messages: LlmMessage[];
	/** Where it is not one of the messages. */
	systemPrompt?: string | undefined;
	/** `temperature`, `maxTokens`, … */
	parameters?: Record<string, unknown> | undefined;
	tools?: LlmTool[] | undefined;
	/** Which agent makes the call. Default: the client's. */
	agentId?: string | undefined;
	/**
	 * Takes out all content before anything leaves this process: messages, system prompt, tool definitions, arguments,
	 * completion, thoughts, error texts, title. Roles, counts, figures and names of models stay. Default: the client's.
	 */
	redact?: boolean | undefined;
	/** The task's title. Content. */
	title?: string | undefined;
	/** The agent's mode, such as `code` or `plan`. */
	mode?: string | undefined;
	/** Absolute working directory of the agent. Default: the client's. */
	folder?: string | undefined;
	/** The session that spawned this one. */
	parentSessionId?: string | undefined;
	/** What the call was for. Default `chat`. */
	kind?: 'chat' | 'condense' | 'subagent' | 'title' | 'tool' | 'replay' | undefined;
	/** `subscription`: tokens are not billed one by one, and the cost is what the API would take. Default: the client's. */
	billing?: 'api' | 'subscription' | undefined;
	/** How the provider counts. With `openai` and `gemini`, no word of cache writes means that there are none. */
	protocol?: 'anthropic' | 'openai' | 'gemini' | undefined;
	/** How `watch` reads the answer. Not sent. */
	api?: LlmApi | undefined;
}

/** What is known of a call when it ends. */
export interface LlmResponse {
	/** `null`: the model said nothing, or only asked for tools. */
	completion: string | null;
	/** What the model thought, where the provider tells it. */
	reasoning?: string | undefined;
	toolCalls?: LlmToolCall[] | undefined;
	/** `stop`, `length`, `tool_use`, `content_filter`, `error`, `cancelled`, or the provider's own word. */
	finishReason: string;
	/** `null`: the provider told none. */
	usage: LlmUsage | null;
	/** `atLeast`: the answer was cut before the final count. Default `exact`. */
	usageBound?: 'exact' | 'atLeast' | 'atMost' | undefined;
	/** What was billed beside the tokens, such as `web search`: the price table has no rate for it. */
	unpricedFees?: string[] | undefined;
	/** Absent or `null`: not known here. Callmeter then prices the tokens. */
	costUsd?: number | null | undefined;
	/** Who says what it cost. A provider is believed more than Callmeter's price table, an agent less. Default `agent`. */
	costReportedBy?: 'provider' | 'agent' | undefined;
	/** Request start to the first token. */
	timeToFirstTokenMs?: number | undefined;
	/** The model that answered, where it is another one than was asked for. */
	responseModel?: string | undefined;
	/** The provider's own ids. By them the same call is known where Callmeter sees it elsewhere, too. */
	responseId?: string | undefined;
	requestId?: string | undefined;
	/** `batch`, `priority`, `flex`, … Absent: the standard tier. */
	serviceTier?: string | undefined;
	/** The provider behind a gateway that really served the call. */
	inferenceProvider?: string | undefined;
	/** For a `finishReason` of `error`. The message is content. */
	error?: { message: string; status?: number | undefined; code?: string | undefined } | undefined;
}

/** A whole call, for `logLlmCall`. */
export interface LlmCallParams extends LlmRequest, LlmResponse {
	/** Request start to the end of the answer. */
	latencyMs: number;
	/** When the answer had come, ISO 8601 with a zone. Default: now. */
	endedAt?: string | undefined;
}

/** What `getLlmAnalytics` is asked. Times are ISO 8601 with a zone; the range is `[from, to)`. */
export interface LlmAnalyticsParams {
	/** Default: 24 hours before `to`. */
	from?: string | undefined;
	/** Default: now. */
	to?: string | undefined;
	/** Default `hour`. */
	granularity?: 'hour' | 'day' | 'week' | undefined;
	/** IANA zone by whose clock days and weeks begin. Default `UTC`. */
	tz?: string | undefined;
	agentId?: string | undefined;
	model?: string | undefined;
	provider?: string | undefined;
}

/** Figures of some calls. */
export interface LlmFigures {
	calls: number;
	/** Sum of the known costs, what subscriptions cover at API prices included. `null`: no call has a price. */
	costUsd: number | null;
	/** Cache reads and writes included. */
	inputTokens: number;
	/** Thinking included. */
	outputTokens: number;
	/** `null`: of no calls. So are the percentiles, which are true to 3 %. */
	avgLatencyMs: number | null;
	cacheReadTokens: number;
	cacheWriteTokens: number;
	/** Calls that ended without a known price: `costUsd` leaves them out. */
	unpricedCalls: number;
	p50LatencyMs: number | null;
	p90LatencyMs: number | null;
	p99LatencyMs: number | null;
}

/** What the calls of a range add up to. */
export interface LlmAnalyticsResult {
	summary: {
		totalCalls: number;
		totalCostUsd: number | null;
		totalInputTokens: number;
		totalOutputTokens: number;
		avgLatencyMs: number | null;
		avgCostPerCall: number | null;
		totalCacheReadTokens: number;
		totalCacheWriteTokens: number;
		totalReasoningTokens: number;
		/** How `totalCostUsd` relates to what was spent. */
		costBound: 'exact' | 'atLeast' | 'atMost' | 'about';
		unpricedCalls: number;
		errorCalls: number;
		p50LatencyMs: number | null;
		p90LatencyMs: number | null;
		p99LatencyMs: number | null;
	};
	/** Costliest first. */
	byModel: ({ provider: string; model: string } & LlmFigures)[];
	/** Oldest first, buckets without calls included. `bucket` is its start, ISO 8601. */
	byTime: ({ bucket: string } & LlmFigures)[];
}

/** What has become of the events that were handed in. */
export interface CallmeterStatus {
	/** Base URL of the server that took the last events; `null`: none is known. */
	server: string | null;
	/** Events in memory that neither server nor queue has taken yet. */
	pending: number;
	/** What waits on disk for a server, of all programs of this user. */
	waiting: { events: number; bytes: number };
	/** Events that a server has taken from this client: of this program, and waiting ones that it delivered. */
	delivered: number;
	/** Events that this client gave up: the oldest of a full queue, or all when there is no queue. */
	dropped: number;
	/** Events that a server refused. */
	refused: number;
	/** What went wrong last; `null`: nothing. */
	lastProblem: { reason: CallmeterErrorReason; message: string } | null;
}

/**
 * `invalid`: what was handed in is not right; the message has the path. `refused`: the server did not take it.
 * `unavailable`: no server, and for events no queue either. `unauthorized`: the server asks for another token.
 * `closed`: the client was closed before.
 */
export type CallmeterErrorReason = 'invalid' | 'refused' | 'unavailable' | 'unauthorized' | 'closed';

/** A call under way. Only the first of `end`, `fail`, `cancel` counts, and `watch` calls one of them. */
export interface LlmCallHandle {
	/** Pairs request and answer. UUID v4. */
	readonly callId: string;
	/** The first token has come. Later calls change nothing. */
	firstToken(): void;
	/**
	 * Reads an answer on its way to you: a stream, a promise of one, or a promise of a whole answer of the provider's
	 * official SDK. Every event comes as it is. Measures time to first token and latency, and ends the call: with the
	 * answer's end, with its failure, or as cancelled when you stop reading. What it throws is what the provider threw.
	 *
	 * Needs a request made by `fromAnthropic`, `fromOpenAiChat`, `fromOpenAiResponse` or `fromGemini`; of others only
	 * times are known.
	 */
	watch<T>(
		answer: PromiseLike<T>,
	): Promise<T extends AsyncIterable<infer Event> ? AsyncGenerator<Event, void, undefined> : T>;
	watch<Event>(stream: AsyncIterable<Event>): AsyncGenerator<Event, void, undefined>;
	/** The answer has come. `latencyMs` is measured unless it is given. */
	end(response: LlmResponse & { latencyMs?: number | undefined }): Promise<{ callId: string }>;
	/** The call failed with what was thrown. An abort is recorded as cancelled. `partial`: what had come until then. */
	fail(error: unknown, partial?: Partial<LlmResponse>): Promise<{ callId: string }>;
	/** The call was given up. */
	cancel(partial?: Partial<LlmResponse>): Promise<{ callId: string }>;
}

/** Whose calls a wrapped handler makes. What is absent is read from the handler and from each request. */
export interface WrapOptions {
	/** The session of the calls. Absent: `metadata.taskId` of the request, else one for this handler. */
	sessionId?: string | undefined;
	agentId?: string | undefined;
	parentSessionId?: string | undefined;
	mode?: string | undefined;
	/** The task's title. Content. */
	title?: string | undefined;
	folder?: string | undefined;
	billing?: 'api' | 'subscription' | undefined;
	kind?: 'chat' | 'condense' | 'subagent' | 'title' | 'tool' | 'replay' | undefined;
	/** Absent: `handler.getModel().provider`, else `unknown`. */
	provider?: string | undefined;
	/** How the handler counts input. Absent: `handler.getModel().protocol`, else by provider. */
	protocol?: 'anthropic' | 'openai' | 'gemini' | undefined;
	/** Who computed `totalCost` of a usage chunk. Default `agent`. */
	costFrom?: 'provider' | 'agent' | undefined;
	parameters?: Record<string, unknown> | undefined;
	redact?: boolean | undefined;
	/** Tells whether the agent has given the task up. */
	isCancelled?: (() => boolean) | undefined;
}

/** How a client finds its server, and what it says of all calls. All is optional. */
export interface CallmeterOptions {
	/** Base URL of the server, `http://127.0.0.1:PORT`. Default: `CALLMETER_URL`, else the server is found. */
	url?: string | undefined;
	/** Its token. Default: `CALLMETER_TOKEN`, else that of this user's servers. */
	token?: string | undefined;
	/** Which agent makes the calls. Default `sdk`. */
	agentId?: string | undefined;
	/** Absolute folder that the calls belong to, by which the server is found. Default: the working directory. */
	folder?: string | undefined;
	/** Of every call that does not say so itself. Default `false`. */
	redact?: boolean | undefined;
	billing?: 'api' | 'subscription' | undefined;
	/**
	 * What waits on disk while there is no server, for all programs of this user together. `false`: nothing is written
	 * to disk, and what no server takes is lost. Default: 10,000 events, 64 MB.
	 */
	queue?: false | { maxEvents?: number | undefined; maxBytes?: number | undefined } | undefined;
	/** How long a server may take for an answer, ms. Default 10,000. */
	timeoutMs?: number | undefined;
	/** Hears what went wrong. Holds no content. What it throws is ignored. */
	onProblem?: ((problem: Error & { reason: CallmeterErrorReason }) => void) | undefined;
}
