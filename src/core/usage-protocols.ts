import type { Protocol } from './draft.ts';
import type { Usage } from './usage.ts';
import { type RawCounts, readCount, usageOfExclusiveInput, usageOfInclusiveInput } from './usage-counting.ts';

/**
 * From a provider's own usage object to `Usage`. All return `null` when there is no usage at all, and push a sentence
 * to `notes` (for `usageNotes`) for each figure that could not be taken as it stood.
 */

/**
 * Anthropic Messages `usage`. Input **excludes** cache reads and writes; output includes thinking.
 * Source: Messages API reference, object `Usage`.
 */
export function usageFromAnthropic(raw: unknown, notes: string[] = []): Usage | null {
	if (!isObject(raw)) return null;
	const byTtl = objectAt(raw, 'cache_creation');
	const details = objectAt(raw, 'output_tokens_details');
	const counts: RawCounts = {
		input: readCount(raw, 'input_tokens', notes),
		output: readCount(raw, 'output_tokens', notes),
		cacheRead: readCount(raw, 'cache_read_input_tokens', notes),
		cacheWrite: readCount(raw, 'cache_creation_input_tokens', notes),
		cacheWrite5m: byTtl && readCount(byTtl, 'ephemeral_5m_input_tokens', notes),
		cacheWrite1h: byTtl && readCount(byTtl, 'ephemeral_1h_input_tokens', notes),
		reasoning: details && readCount(details, 'thinking_tokens', notes),
	};
	return isEmpty(counts) ? null : usageOfExclusiveInput(counts, notes);
}

/**
 * OpenAI `usage`, of chat completions (`prompt_tokens`) or responses (`input_tokens`), and of servers that speak the
 * same. Input **includes** cached tokens, output includes reasoning. A provider whose `total_tokens` shows that it
 * counts reasoning apart (xAI) is believed.
 * Source: OpenAI API reference, `CompletionUsage` and `ResponseUsage`; DeepSeek's `prompt_cache_hit_tokens`.
 */
export function usageFromOpenAi(raw: unknown, notes: string[] = []): Usage | null {
	if (!isObject(raw)) return null;
	const chat = 'prompt_tokens' in raw || 'completion_tokens' in raw;
	const inputDetails = objectAt(raw, chat ? 'prompt_tokens_details' : 'input_tokens_details');
	const outputDetails = objectAt(raw, chat ? 'completion_tokens_details' : 'output_tokens_details');
	const counts: RawCounts = {
		input: readCount(raw, chat ? 'prompt_tokens' : 'input_tokens', notes),
		output: readCount(raw, chat ? 'completion_tokens' : 'output_tokens', notes),
		cacheRead:
			(inputDetails && readCount(inputDetails, 'cached_tokens', notes)) ??
			readCount(raw, 'prompt_cache_hit_tokens', notes),
		cacheWrite: inputDetails && readCount(inputDetails, 'cache_write_tokens', notes),
		cacheWrite5m: null,
		cacheWrite1h: null,
		reasoning: outputDetails && readCount(outputDetails, 'reasoning_tokens', notes),
	};
	if (isEmpty(counts)) return null;
	const { input, output, reasoning } = counts;
	const total = readCount(raw, 'total_tokens', notes);
	if (input !== null && output !== null && reasoning && total === input + output + reasoning) {
		return usageOfInclusiveInput({ ...counts, output: output + reasoning }, false, notes);
	}
	return usageOfInclusiveInput(counts, false, notes);
}

/**
 * Gemini `usageMetadata`. Input **includes** cached tokens; output is candidates plus thoughts, which are billed as
 * output; the prompts of built-in tools are billed as input. The API leaves out counts that are zero (proto3 JSON), so
 * next to a prompt count an absent one is zero.
 * Source: Gemini API reference, `UsageMetadata`.
 */
export function usageFromGemini(raw: unknown, notes: string[] = []): Usage | null {
	if (!isObject(raw)) return null;
	const prompt = readCount(raw, 'promptTokenCount', notes);
	if (prompt === null && readCount(raw, 'candidatesTokenCount', notes) === null) return null;
	const read = (key: string) => (key in raw ? readCount(raw, key, notes) : 0);
	const candidates = read('candidatesTokenCount');
	const toolPrompt = read('toolUsePromptTokenCount');
	const thoughts = read('thoughtsTokenCount');
	const counts: RawCounts = {
		input: prompt === null || toolPrompt === null ? prompt : prompt + toolPrompt,
		output: candidates === null || thoughts === null ? candidates : candidates + thoughts,
		cacheRead: prompt === null ? null : read('cachedContentTokenCount'),
		cacheWrite: null,
		cacheWrite5m: null,
		cacheWrite1h: null,
		reasoning: thoughts,
	};
	return usageOfInclusiveInput(counts, false, notes);
}

/** Token counts as a Task loop's stream carries them; absent = not said. The loop's usage chunk has this shape. */
export interface UsageCounts {
	/** As the protocol counts it: excludes cache for `anthropic`, includes it for `openai` and `gemini`. */
	inputTokens?: number;
	outputTokens?: number;
	cacheWriteTokens?: number;
	cacheReadTokens?: number;
	/** Part of `outputTokens`. */
	reasoningTokens?: number;
	/** Parts of `cacheWriteTokens` by time to live, where the provider says. */
	cacheWrite5mTokens?: number;
	cacheWrite1hTokens?: number;
}

/**
 * Usage of a merged usage chunk. With an unknown protocol the input is taken to include the cache, and a note says so
 * when that matters.
 */
export function usageFromChunk(chunk: UsageCounts, protocol: Protocol, notes: string[] = []): Usage | null {
	const counts: RawCounts = {
		input: readCount(chunk, 'inputTokens', notes),
		output: readCount(chunk, 'outputTokens', notes),
		cacheRead: readCount(chunk, 'cacheReadTokens', notes),
		cacheWrite: readCount(chunk, 'cacheWriteTokens', notes),
		cacheWrite5m: readCount(chunk, 'cacheWrite5mTokens', notes),
		cacheWrite1h: readCount(chunk, 'cacheWrite1hTokens', notes),
		reasoning: readCount(chunk, 'reasoningTokens', notes),
	};
	if (isEmpty(counts)) return null;
	if (protocol === 'anthropic') return usageOfExclusiveInput(counts, notes);
	if (protocol === null && (counts.cacheRead || counts.cacheWrite)) {
		notes.push('How the provider counts input is not known: took it to include the cache.');
	}
	return usageOfInclusiveInput(counts, protocol === null, notes);
}

function isEmpty(counts: RawCounts): boolean {
	return Object.values(counts).every((value) => value === null);
}

function isObject(value: unknown): value is object {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function objectAt(record: object, key: string): object | null {
	const value: unknown = Reflect.get(record, key);
	return isObject(value) ? value : null;
}
