import { anthropicFees } from '../../core/provider-fees.ts';
import { type Usage, unknownUsage } from '../../core/usage.ts';
import { readCount } from '../../core/usage-counting.ts';
import { usageFromAnthropic } from '../../core/usage-protocols.ts';

/** What the usage of one answer says. `usage: null`: nothing. */
export interface AnswerUsage {
	usage: Usage | null;
	notes: string[];
	/** Fees that token counts do not tell. */
	fees: string[];
	/** `null`: the standard tier. */
	serviceTier: string | null;
}

/**
 * Reads `message.usage` of a line. Input **excludes** cache reads and writes. Zeros all over mean that whoever served the
 * request told nothing.
 */
export function answerUsage(raw: unknown): AnswerUsage {
	const notes: string[] = [];
	const told = usageFromAnthropic(raw, notes);
	const usage = told === null || totalOf(raw) === 0 ? null : withCompaction(told, raw, notes);
	return { usage, notes, fees: feesOf(raw), serviceTier: tierOf(raw) };
}

/** All tokens of a usage object, to tell which of two is the later: counts of one answer only grow. */
export function totalOf(raw: unknown): number {
	let total = 0;
	for (const key of ['input_tokens', 'output_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens']) {
		total += countAt(raw, key);
	}
	return total;
}

/** What identifies the request of a usage object, whatever its answer grew to. */
export function requestCounts(raw: unknown): string {
	return ['input_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens']
		.map((key) => countAt(raw, key))
		.join(' ');
}

/**
 * A request may first have its conversation summed up on the server. That is billed, and stands in `iterations` alone.
 * Source: Anthropic API documentation, "Compaction".
 */
function withCompaction(usage: Usage, raw: unknown, notes: string[]): Usage {
	const compactions = iterationsOf(raw, 'compaction').flatMap((each) => usageFromAnthropic(each, notes) ?? []);
	if (compactions.length === 0) return usage;
	notes.push('Includes the tokens of a summary that was made on the server.');
	const sum = { ...usage };
	for (const each of compactions) {
		for (const key of Object.keys(unknownUsage) as (keyof Usage)[]) {
			const [one, other] = [sum[key], each[key]];
			sum[key] = one === null || other === null ? one : one + other;
		}
	}
	return sum;
}

function feesOf(raw: unknown): string[] {
	const advised = iterationsOf(raw, 'advisor_message').length > 0;
	return [...anthropicFees(raw), ...(advised ? ['the advisor model'] : [])];
}

/** The fast mode is a speed, and batch and priority are tiers; each has prices of its own. */
function tierOf(raw: unknown): string | null {
	if (at(raw, 'speed') === 'fast') return 'fast';
	const tier = at(raw, 'service_tier');
	return typeof tier === 'string' && tier !== '' && tier !== 'standard' ? tier : null;
}

function iterationsOf(raw: unknown, type: string): unknown[] {
	const iterations = at(raw, 'iterations');
	return Array.isArray(iterations) ? iterations.filter((each) => at(each, 'type') === type) : [];
}

function countAt(record: unknown, key: string): number {
	return typeof record === 'object' && record !== null ? (readCount(record, key, []) ?? 0) : 0;
}

function at(record: unknown, key: string): unknown {
	return typeof record === 'object' && record !== null ? Reflect.get(record, key) : undefined;
}
