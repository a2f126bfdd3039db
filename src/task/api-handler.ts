import type { Message, ToolDefinition } from '../core/message.ts';

/** What goes with a request beside its prompt. */
export interface RequestMetadata {
	taskId: string;
	mode?: string;
	tools?: ToolDefinition[];
	/** Aborts the request. A handler must pass it to its client. */
	signal?: AbortSignal;
}

/** Token counts as a provider streams them. Absent = the provider did not say. */
export interface UsageChunk {
	type: 'usage';
	/** As the protocol counts it: excludes cache for `anthropic`, includes it for `openai` and `gemini`. */
	inputTokens?: number;
	outputTokens?: number;
	cacheWriteTokens?: number;
	cacheReadTokens?: number;
	reasoningTokens?: number;
	/** Part of `cacheWriteTokens` by time to live, where the provider says. */
	cacheWrite5mTokens?: number;
	cacheWrite1hTokens?: number;
	/** USD, from the provider. */
	totalCost?: number;
	inferenceProvider?: string;
	/** `cumulative` (default): replaces what came before. `partial`: adds to it. */
	counting?: 'cumulative' | 'partial';
	/** The provider's id of the completion. */
	responseId?: string;
	/** The provider's id of the HTTP request. */
	requestId?: string;
	serviceTier?: string;
	/** The model that answered, when the provider names it. */
	model?: string;
}

export type ApiStreamChunk =
	| { type: 'text'; text: string }
	| { type: 'reasoning'; text: string }
	| { type: 'tool_call'; id: string; name: string; arguments: string }
	| UsageChunk
	| { type: 'finish'; reason: string }
	| { type: 'error'; error: string; message: string };

export type ApiStream = AsyncGenerator<ApiStreamChunk, void, undefined>;

export interface ModelInfo {
	id: string;
	provider: string;
	/** Fixes how input is counted and which cost rule applies. */
	protocol: 'anthropic' | 'openai' | 'gemini';
}

/** One provider's client, as Kilo-style agents shape it. */
export interface ApiHandler {
	createMessage(systemPrompt: string, messages: Message[], metadata?: RequestMetadata): ApiStream;
	getModel(): ModelInfo;
	/** What goes with each request beside prompt and tools (`temperature`, `maxTokens`, …), for the record. */
	getParameters?(): Record<string, unknown>;
}
