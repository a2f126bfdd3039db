import type { Draft } from '../core/draft.ts';

/** End of the year 9999: the last moment that ISO 8601 writes with four digits. */
const MAX_EPOCH_MS = 253_402_300_799_999;
/** Above what any call can have; sums over a million calls still fit into 53 bits. */
const MAX_TOKENS = 1e9;
const MAX_COST_USD = 1e4;
const MAX_DURATION_MS = 1e9;

/** What is out of all proportion in a draft that is otherwise well formed, with its path; `null` when nothing is. */
export function absurdity(draft: Draft): string | null {
	switch (draft.eventType) {
		case 'llm_call':
			return (
				over('startedAtMs', draft.startedAtMs, MAX_EPOCH_MS) ?? over('messageCount', draft.messageCount, MAX_TOKENS)
			);
		case 'llm_response': {
			for (const [name, count] of Object.entries(draft.usage ?? {})) {
				const problem = over(`usage.${name}`, count, MAX_TOKENS);
				if (problem) return problem;
			}
			return (
				over('endedAtMs', draft.endedAtMs, MAX_EPOCH_MS) ??
				over('reportedCostUsd', draft.reportedCostUsd, MAX_COST_USD) ??
				over('latencyMs', draft.latencyMs, MAX_DURATION_MS) ??
				over('timeToFirstTokenMs', draft.timeToFirstTokenMs, MAX_DURATION_MS)
			);
		}
		case 'cost_tracked':
			return over('atMs', draft.atMs, MAX_EPOCH_MS) ?? over('costUsd', draft.costUsd, MAX_COST_USD);
	}
}

function over(path: string, value: number | null, limit: number): string | null {
	return value !== null && value > limit ? `${path}: ${value} is beyond anything a call can have` : null;
}
