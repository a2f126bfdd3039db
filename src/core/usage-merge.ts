import type { UsageCounts } from './usage-protocols.ts';

/** What a usage chunk of a stream says. Absent: the provider did not. */
export interface UsageChunkLike extends UsageCounts {
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

/** The token counts of a chunk. */
export const USAGE_COUNTS = [
	'inputTokens',
	'outputTokens',
	'cacheWriteTokens',
	'cacheReadTokens',
	'reasoningTokens',
	'cacheWrite5mTokens',
	'cacheWrite1hTokens',
] as const satisfies readonly (keyof UsageCounts)[];
/** What a chunk says in words. */
export const USAGE_NAMES = ['inferenceProvider', 'responseId', 'requestId', 'serviceTier', 'model'] as const;
const NUMBERS = [...USAGE_COUNTS, 'totalCost'] as const;

/**
 * The usage of a stream that tells it in several chunks, as the provider means it; `null` for none.
 *
 * A cumulative figure replaces the one before, a partial one adds to it. A cumulative count cannot fall to zero, so a
 * zero that follows a count is filler of a chunk that had to name the field (Anthropic's `message_delta` through an
 * interface where `inputTokens` is required) and replaces nothing. What a chunk does not name stays as it was.
 */
export function mergeUsageChunks(chunks: readonly UsageChunkLike[]): UsageChunkLike | null {
	if (chunks.length === 0) return null;
	const merged: UsageChunkLike = {};
	for (const chunk of chunks) {
		for (const key of NUMBERS) {
			const value = chunk[key];
			if (value === undefined || value === null) continue;
			const before = merged[key];
			if (before === undefined) merged[key] = value;
			else if (chunk.counting === 'partial') merged[key] = before + value;
			else if (value !== 0) merged[key] = value;
		}
		for (const key of USAGE_NAMES) {
			const value = chunk[key];
			if (value !== undefined) merged[key] = value;
		}
	}
	return merged;
}
