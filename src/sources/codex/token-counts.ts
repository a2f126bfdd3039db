import type { ResponseDraftInput } from '../../core/draft.ts';
import { peek } from '../../core/foreign.ts';
import { readCount, usageOfInclusiveInput } from '../../core/usage-counting.ts';

type CountedUsage = Required<Pick<ResponseDraftInput, 'usage' | 'usageMissing' | 'usageBound' | 'usageNotes'>>;

/** Codex's `TokenUsage`. `null`: not said; `cacheWrite` is there in newer releases only. */
export interface TokenCounts {
	/** Cached tokens included. */
	input: number | null;
	cached: number | null;
	cacheWrite: number | null;
	/** Reasoning included. */
	output: number | null;
	reasoning: number | null;
	total: number | null;
	/** What could not be taken as it stood, one sentence each. */
	notes: string[];
}

const keys = ['input', 'cached', 'cacheWrite', 'output', 'reasoning'] as const;

/** `null` where there is none. */
export function tokenCounts(raw: unknown): TokenCounts | null {
	if (typeof raw !== 'object' || raw === null) return null;
	const notes: string[] = [];
	const counts: TokenCounts = {
		input: readCount(raw, 'input_tokens', notes),
		cached: readCount(raw, 'cached_input_tokens', notes),
		cacheWrite: readCount(raw, 'cache_write_input_tokens', notes),
		output: readCount(raw, 'output_tokens', notes),
		reasoning: readCount(raw, 'reasoning_output_tokens', notes),
		total: readCount(raw, 'total_tokens', notes),
		notes,
	};
	return keys.every((key) => counts[key] === null) && counts.total === null ? null : counts;
}

export function sameCounts(one: TokenCounts | null, other: TokenCounts | null): boolean {
	if (one === null || other === null) return one === other;
	return keys.every((key) => (one[key] ?? 0) === (other[key] ?? 0)) && one.total === other.total;
}

/** Text by which counts are known again. */
export function countsKey(counts: TokenCounts): string {
	return [...keys.map((key) => counts[key] ?? '-'), counts.total ?? '-'].join('.');
}

/** What was added between two totals; `null` when they do not follow each other: the count began anew. */
export function addedCounts(before: TokenCounts | null, after: TokenCounts): TokenCounts | null {
	if (before === null) return after;
	const difference = { ...after };
	for (const key of [...keys, 'total'] as const) {
		const now = after[key];
		if (now === null) continue;
		const added = now - (before[key] ?? 0);
		if (added < 0) return null;
		difference[key] = added;
	}
	return difference;
}

/** Codex marks a full or a shortened context with counts that have nothing but a total: those were not served. */
export function isServed(counts: TokenCounts): boolean {
	return (counts.input ?? 0) > 0 || (counts.output ?? 0) > 0;
}

/** Codex's own input includes what was read from and written to the cache, its output includes reasoning. */
export function usageOfCounts(counts: TokenCounts | null): CountedUsage {
	if (counts === null) return { usage: null, usageMissing: true, usageBound: 'exact', usageNotes: [] };
	const notes = [...counts.notes];
	const usage = usageOfInclusiveInput(
		{
			input: counts.input,
			output: counts.output,
			cacheRead: counts.cached,
			cacheWrite: counts.cacheWrite,
			cacheWrite5m: null,
			cacheWrite1h: null,
			reasoning: counts.reasoning,
		},
		false,
		notes,
	);
	return { usage, usageMissing: false, usageBound: 'exact', usageNotes: notes };
}

/** The counts of a `token_count` event; `null` where its `info` is empty. */
export function eventCounts(payload: unknown): { last: TokenCounts | null; total: TokenCounts | null } | null {
	const info = peek(payload, 'info');
	const last = tokenCounts(peek(info, 'last_token_usage'));
	const total = tokenCounts(peek(info, 'total_token_usage'));
	return last === null && total === null ? null : { last, total };
}
