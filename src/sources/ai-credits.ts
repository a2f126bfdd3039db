import type { ResponseDraftInput } from '../core/draft.ts';

/** One AI credit is worth a cent (GitHub, "Usage-based billing for GitHub Copilot"). */
const nanoCreditsPerUsd = 1e11;

/**
 * What Copilot's service says that it charged for a call, in billionths of an AI credit, as a cost. Nothing is also
 * written where a call is part of the plan, which says nothing of its worth.
 */
export function costOfCredits(
	nanoCredits: number | undefined,
): Pick<ResponseDraftInput, 'reportedCostUsd' | 'reportedBy'> {
	if (nanoCredits === undefined || nanoCredits <= 0) return {};
	return { reportedCostUsd: nanoCredits / nanoCreditsPerUsd, reportedBy: 'provider' };
}
