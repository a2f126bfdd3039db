import type { ResponseDraftInput } from '../../core/draft.ts';
import { peek } from '../../core/foreign.ts';
import { hasTokens } from '../../core/usage.ts';
import { usageFromGemini } from '../../core/usage-protocols.ts';

type CountedUsage = Required<Pick<ResponseDraftInput, 'usage' | 'usageMissing' | 'usageBound' | 'usageNotes'>>;

const names = {
	input: 'promptTokenCount',
	output: 'candidatesTokenCount',
	cached: 'cachedContentTokenCount',
	thoughts: 'thoughtsTokenCount',
	tool: 'toolUsePromptTokenCount',
} as const;

const noUsage: CountedUsage = { usage: null, usageMissing: true, usageBound: 'exact', usageNotes: [] };

/**
 * The counts of one message: the provider's own under other names. `input` includes cached tokens; `output` leaves out
 * `thoughts`, which are billed as output; `tool` is prompt as well. All zero means that no counts came.
 */
export function usageOfTokens(tokens: unknown): CountedUsage {
	if (typeof tokens !== 'object' || tokens === null) return noUsage;
	const said = Object.entries(names).flatMap(([ours, theirs]) => {
		const value = peek(tokens, ours);
		return value === undefined ? [] : [[theirs, value]];
	});
	const notes: string[] = [];
	const usage = usageFromGemini(Object.fromEntries(said), notes);
	if (usage === null || !hasTokens(usage)) return noUsage;
	return { usage, usageMissing: false, usageBound: 'exact', usageNotes: notes };
}

/** By which of two counts of the same call is kept. */
export function sizeOfTokens(tokens: unknown): number {
	const { usage } = usageOfTokens(tokens);
	return usage === null ? -1 : (usage.inputTotal ?? 0) + (usage.output ?? 0);
}
