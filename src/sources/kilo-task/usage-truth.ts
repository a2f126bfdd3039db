import { type Usage, unknownUsage } from '../../core/usage.ts';
import { readCount, usageOfExclusiveInput, usageOfInclusiveInput } from '../../core/usage-counting.ts';
import type { UsageRule } from './providers.ts';
import type { RequestInfo } from './records.ts';

/** What one call's prices were, in pico-USD a token. */
export interface TokenRates {
	input: number;
	cacheRead: number;
	/** A write that lives for 5 minutes: these agents price every write so. */
	cacheWrite: number;
	output: number;
}

/** Rates that the agent may have used for a call: the base ones, and those of a tier. Empty = model not known. */
export type RateLookup = (provider: string, model: string, atMs: number) => TokenRates[];

/** Usage of one call, with what the agent is known to drop or to count wrongly set right, or marked. */
export interface UsageTruth {
	usage: Usage | null;
	usageMissing: boolean;
	usageBound: 'exact' | 'atLeast' | 'atMost';
	usageNotes: string[];
	reportedCostUsd: number | null;
}

export interface UsageClaim {
	info: RequestInfo;
	rule: UsageRule;
	/** Whether `tokensIn` counts cache reads and writes in. */
	inclusive: boolean;
	/** The stream was cut or cancelled: counts are what had come in by then. */
	cut: boolean;
	/** The agent's name, for the notes. */
	agent: string;
	rates: TokenRates[];
}

/** `message_start` comes after at most a few tokens; a longer count is a finished stream's. */
const longestStart = 32;

/**
 * Reads the counts of an `api_req_started` row.
 *
 * Corrections, each seen against what the provider served (Kilo 5.10.4, Roo 3.52.1):
 * - the generic `openai` provider writes `cacheReads: 0` whatever the provider said: the cache counts are unknown, and a
 *   cost that takes all input as uncached is an upper bound;
 * - `anthropic` adds the output count of `message_start` to the final one. The start count is the only output in the
 *   agent's `cost`, so it follows from that where the prices fit; else the output is a lower bound;
 * - how long a cache write lives is not recorded: a cost that takes 5 minutes is a lower bound;
 * - `gemini` leaves thinking out of `tokensOut`: the output is a lower bound;
 * - a cut stream leaves zeros (unknown), or Anthropic's exact input and first output count (a lower bound).
 */
export function usageTruthOf(claim: UsageClaim): UsageTruth {
	const { info, rule, agent, cut } = claim;
	const notes: string[] = [];
	const input = readCount(info, 'tokensIn', notes);
	const output = readCount(info, 'tokensOut', notes);
	let cacheRead = readCount(info, 'cacheReads', notes);
	let cacheWrite = readCount(info, 'cacheWrites', notes);

	if (!input && !output && !cacheRead && !cacheWrite) {
		return {
			usage: null,
			usageMissing: !cut,
			usageBound: 'exact',
			usageNotes: cut ? [`${agent} recorded no tokens for this stream; the provider may have billed it.`] : notes,
			reportedCostUsd: null,
		};
	}

	const cacheUnknown = rule === 'cacheMayBeDropped' && !cacheRead && !cacheWrite;
	if (cacheUnknown) {
		cacheRead = null;
		cacheWrite = null;
		notes.push(`${agent} does not pass on this provider's cache count: all input is priced in full.`);
	}
	const counts = { input, output, cacheRead, cacheWrite, cacheWrite5m: null, cacheWrite1h: null, reasoning: null };
	const usage = claim.inclusive ? usageOfInclusiveInput(counts, true, notes) : usageOfExclusiveInput(counts, notes);
	const truth: UsageTruth = {
		usage,
		usageMissing: false,
		usageBound: cacheUnknown ? 'atMost' : 'exact',
		usageNotes: notes,
		// A zero beside tokens is a price that the agent did not know.
		reportedCostUsd: info.cost !== undefined && info.cost > 0 ? info.cost : null,
	};
	if (usage.cacheWriteUnknownTtl) {
		truth.usageBound = 'atLeast';
		notes.push(`${agent} does not record how long cache writes live: one for an hour costs more than is counted here.`);
	}
	if (cut && !cacheUnknown) boundCut(truth, rule, agent);
	else if (rule === 'anthropicStream') correctStart(truth, claim);
	else if (rule === 'gemini') {
		truth.usageBound = 'atLeast';
		notes.push(`${agent} leaves thinking out of the output tokens, but not out of its cost.`);
	}
	return truth;
}

/**
 * Whether a task was written by a version whose `tokensIn` leaves the cache out for the anthropic protocol (which versions
 * before September 2025 do not name). One row that cannot be inclusive tells for the whole task.
 */
export function leavesCacheOut(infos: readonly RequestInfo[]): boolean {
	return infos.some(
		({ apiProtocol, tokensIn, cacheReads, cacheWrites }) =>
			apiProtocol !== 'openai' && tokensIn !== undefined && tokensIn < (cacheReads ?? 0) + (cacheWrites ?? 0),
	);
}

function boundCut(truth: UsageTruth, rule: UsageRule, agent: string): void {
	truth.usageBound = 'atLeast';
	truth.usageNotes.push(`The stream was cut: ${agent} recorded the output only as far as it was counted by then.`);
	const usage = truth.usage ?? unknownUsage;
	if (rule === 'anthropicStream' && (usage.output ?? 0) > longestStart) truth.usage = { ...usage, output: null };
}

function correctStart(truth: UsageTruth, { info, agent, rates }: UsageClaim): void {
	const { usage } = truth;
	if (usage === null || usage.output === null) return;
	const start = startCountOf(usage, info.cost, rates);
	if (start === null) {
		// The final count is no less than the start count, so it is at least half of their sum.
		const least = Math.max(Math.ceil(usage.output / 2), usage.output - longestStart);
		truth.usageBound = 'atLeast';
		truth.usageNotes.push(
			`${agent} counts the first output tokens of a stream twice: of the ${usage.output} it recorded, at least ${least} are true.`,
		);
		truth.usage = { ...usage, output: least };
		return;
	}
	truth.usageNotes.push(
		`Output corrected from ${usage.output} to ${usage.output - start}: ${agent} counts the first ${start} tokens twice.`,
		`${agent}'s own cost of this call leaves out the rest of the output.`,
	);
	truth.usage = { ...usage, output: usage.output - start };
}

/**
 * Output tokens that the agent's `cost` contains, when that is what `message_start` had: cost less the input at the
 * agent's prices is then a small whole number of output tokens. `null` when no known price gives one.
 */
function startCountOf(usage: Usage, costUsd: number | undefined, rates: readonly TokenRates[]): number | null {
	const { uncachedInput, cacheRead, cacheWriteUnknownTtl, output } = usage;
	if (costUsd === undefined || uncachedInput === null || output === null) return null;
	for (const rate of rates) {
		const inputCost =
			uncachedInput * rate.input + (cacheRead ?? 0) * rate.cacheRead + (cacheWriteUnknownTtl ?? 0) * rate.cacheWrite;
		const tokens = (costUsd * 1e12 - inputCost) / rate.output;
		const start = Math.round(tokens);
		// The agent's sum is in doubles: far closer to a whole number than any other mix of prices would come.
		if (Math.abs(tokens - start) < 1e-4 && start >= 0 && start <= longestStart && start < output) return start;
	}
	return null;
}
