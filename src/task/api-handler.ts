import type { Message, ToolDefinition } from '../core/message.ts';
import type { UsageChunkLike } from '../core/usage-merge.ts';

/** What goes with a request beside its prompt. */
export interface RequestMetadata {
	taskId: string;
	mode?: string;
	tools?: ToolDefinition[];
	/** Aborts the request. A handler must pass it to its client. */
	signal?: AbortSignal;
}

/** Token counts as a provider streams them. Absent = the provider did not say. */
export interface UsageChunk extends UsageChunkLike {
	type: 'usage';
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
