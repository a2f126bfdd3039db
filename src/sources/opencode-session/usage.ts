import type { ResponseDraftInput } from '../../core/draft.ts';
import { hasTokens } from '../../core/usage.ts';
import { usageOfExclusiveInput } from '../../core/usage-counting.ts';
import type { Tokens } from './rows.ts';

type CountedUsage = Required<Pick<ResponseDraftInput, 'usage' | 'usageMissing' | 'usageBound' | 'usageNotes'>>;

/**
 * Token counts of one step, as Kilo 7 and opencode write them.
 *
 * The counts are disjoint: `input` excludes cache. Whether `output` excludes `reasoning` depends on the version
 * (7.0 and 7.1 keep reasoning in it, later ones do not); the provider's own `total` tells. Cache writes come as one
 * figure without a time to live. All zero means that the provider sent no usage: no request has an empty prompt.
 */
export function usageOfStep(tokens: Tokens): CountedUsage {
	const { output, usageBound, note } = outputOf(tokens);
	const notes: string[] = note === null ? [] : [note];
	const usage = usageOfExclusiveInput(
		{
			input: tokens.input,
			cacheRead: tokens.cache.read,
			cacheWrite: tokens.cache.write,
			cacheWrite5m: null,
			cacheWrite1h: null,
			output,
			reasoning: tokens.reasoning,
		},
		notes,
	);
	if (!hasTokens(usage)) return { usage: null, usageMissing: true, usageBound: 'exact', usageNotes: [] };
	return { usage, usageMissing: false, usageBound, usageNotes: notes };
}

/** Output with reasoning in it, whichever way this version counts. */
function outputOf(tokens: Tokens): { output: number; usageBound: 'exact' | 'atLeast'; note: string | null } {
	const { output, reasoning, total } = tokens;
	const counted = tokens.input + tokens.cache.read + tokens.cache.write + output;
	if (reasoning === 0) return { output, usageBound: 'exact', note: null };
	if (output < reasoning || total === counted + reasoning) {
		return { output: output + reasoning, usageBound: 'exact', note: null };
	}
	if (total === counted) {
		const note =
			'This version of the agent counts reasoning in its output tokens already, and charges for reasoning twice in the cost that it reports.';
		return { output, usageBound: 'exact', note };
	}
	const note = 'The record does not tell whether its output tokens include reasoning, so there may be more.';
	return { output, usageBound: 'atLeast', note };
}
