import type { Protocol, ResponseDraftInput } from '../../core/draft.ts';
import { hasTokens, type Usage as TokenUsage, unknownUsage } from '../../core/usage.ts';
import { readCount, usageOfInclusiveInput } from '../../core/usage-counting.ts';
import { costOfCredits } from '../ai-credits.ts';
import type { Usage } from './events.ts';

type Counted = Pick<ResponseDraftInput, 'usage' | 'usageMissing' | 'usageNotes' | 'reportedCostUsd' | 'reportedBy'>;

/**
 * Token counts of a `session.usage_record`: input counts cache reads and writes in, output counts reasoning in. How long
 * a cache write lives is not said.
 */
export function countsOfUsage(usage: Usage): Counted {
	const notes: string[] = [];
	const silent = usage.cacheDetailsReported === false;
	const counted = usageOfInclusiveInput(
		{
			input: readCount(usage, 'inputTokens', notes),
			output: readCount(usage, 'outputTokens', notes),
			cacheRead: silent ? null : readCount(usage, 'cacheReadTokens', notes),
			cacheWrite: silent ? null : readCount(usage, 'cacheWriteTokens', notes),
			cacheWrite5m: null,
			cacheWrite1h: null,
			reasoning: readCount(usage, 'reasoningTokens', notes),
		},
		protocolOf(usage) !== 'openai',
		notes,
	);
	return outcome(counted, notes, usage.copilotUsage);
}

/** Those of `compactionTokensUsed`, by either of its generations of names. */
export function countsOfCompaction(used: object & { copilotUsage?: { totalNanoAiu: number } | undefined }): Counted {
	const notes: string[] = [];
	const read = (name: string, olderName: string): number | null =>
		readCount(used, name, notes) ?? readCount(used, olderName, notes);
	const counted = usageOfInclusiveInput(
		{
			input: read('inputTokens', 'input'),
			output: read('outputTokens', 'output'),
			cacheRead: read('cacheReadTokens', 'cachedInput'),
			cacheWrite: readCount(used, 'cacheWriteTokens', notes),
			cacheWrite5m: null,
			cacheWrite1h: null,
			reasoning: null,
		},
		true,
		notes,
	);
	return outcome(counted, notes, used.copilotUsage);
}

/** Versions before `session.usage_record` told of each answer only how long it is. */
export function countsOfAnswer(outputTokens: number | undefined): Counted {
	if (outputTokens === undefined) return { usage: null, usageMissing: true };
	return { usage: { ...unknownUsage, output: outputTokens }, usageMissing: false };
}

export function protocolOf({ apiEndpoint, providerType }: Usage): Protocol {
	if (apiEndpoint?.endsWith('/messages') === true || providerType === 'anthropic') return 'anthropic';
	if (apiEndpoint !== undefined && /\/(chat\/completions|responses)$/.test(apiEndpoint)) return 'openai';
	return providerType === 'openai' || providerType === 'azure' ? 'openai' : null;
}

function outcome(usage: TokenUsage, notes: string[], charged: { totalNanoAiu: number } | undefined): Counted {
	if (!hasTokens(usage)) return { usage: null, usageMissing: true };
	return { usage, usageMissing: false, usageNotes: notes, ...costOfCredits(charged?.totalNanoAiu) };
}
