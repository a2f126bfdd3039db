/** Above what any call can have; sums over a million calls still fit into 53 bits. */
export const MAX_TOKENS = 1e9;
export const MAX_COST_USD = 1e4;
export const MAX_DURATION_MS = 1e9;

const RESPONSE_LIMITS = {
	reportedCostUsd: MAX_COST_USD,
	latencyMs: MAX_DURATION_MS,
	timeToFirstTokenMs: MAX_DURATION_MS,
	completionTimeMs: MAX_DURATION_MS,
};

type Fields = Record<string, unknown>;

/**
 * A draft, not parsed yet, without the figures that no call can have: negative, no number, or out of all proportion.
 * They become `null`, and a response says so in its notes. To refuse the whole response for one of them would leave its
 * call running for ever.
 */
export function withoutAbsurdities(input: unknown): unknown {
	if (!isRecord(input)) return input;
	if (input.eventType === 'llm_call' && isAbsurd(input.messageCount, MAX_TOKENS))
		return { ...input, messageCount: null };
	return input.eventType === 'llm_response' ? response(input) : input;
}

/** What is out of all proportion in a cost that came alone, with its path; `null` when nothing is. */
export function absurdCost(costUsd: number): string | null {
	return costUsd > MAX_COST_USD ? `costUsd: ${costUsd} is beyond anything a call can have` : null;
}

function response(input: Fields): Fields {
	const notes: string[] = [];
	const changed: Fields = {};
	for (const [name, limit] of Object.entries(RESPONSE_LIMITS)) {
		if (!isAbsurd(input[name], limit)) continue;
		changed[name] = null;
		notes.push(note(name, input[name]));
	}
	if ('reportedCostUsd' in changed) changed.reportedBy = null;
	if (isRecord(input.usage)) {
		const usage = { ...input.usage };
		for (const [name, count] of Object.entries(usage)) {
			if (!isAbsurd(count, MAX_TOKENS)) continue;
			usage[name] = null;
			notes.push(note(`usage.${name}`, count));
			changed.usage = usage;
			changed.usageBound = 'atLeast';
		}
	}
	if (notes.length === 0) return input;
	const before = Array.isArray(input.usageNotes) ? input.usageNotes : [];
	return { ...input, ...changed, usageNotes: [...before, ...notes] };
}

function note(path: string, value: unknown): string {
	return `${path} was ${value}, which no call can have: left out.`;
}

function isAbsurd(value: unknown, limit: number): boolean {
	return typeof value === 'number' && !(value >= 0 && value <= limit);
}

function isRecord(value: unknown): value is Fields {
	return typeof value === 'object' && value !== null;
}
