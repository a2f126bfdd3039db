import { cacheWriteTotal, type Usage } from '../../core/usage.ts';
import type { UsageChunk } from '../api-handler.ts';

/**
 * A cumulative usage chunk that says what `usage` says. `protocol` fixes which input the chunk carries: without the
 * cache for `anthropic`, with it for `openai` and `gemini`.
 */
export function usageChunkOf(usage: Usage, protocol: 'anthropic' | 'openai' | 'gemini'): UsageChunk {
	return {
		type: 'usage',
		...named('inputTokens', protocol === 'anthropic' ? usage.uncachedInput : usage.inputTotal),
		...named('outputTokens', usage.output),
		...named('cacheReadTokens', usage.cacheRead),
		...named('cacheWriteTokens', cacheWriteTotal(usage)),
		...named('cacheWrite5mTokens', usage.cacheWrite5m),
		...named('cacheWrite1hTokens', usage.cacheWrite1h),
		...named('reasoningTokens', usage.reasoning),
	};
}

/** `{ [key]: value }`, or nothing when the provider did not say. */
export function named<K extends string, V>(key: K, value: V | null | undefined): { [key in K]?: V } {
	return value === null || value === undefined ? {} : ({ [key]: value } as { [key in K]: V });
}
