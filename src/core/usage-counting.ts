import { sumKnown, type Usage, unknownUsage } from './usage.ts';

/** Counts as an origin gives them, before they are sorted into disjoint buckets. */
export interface RawCounts {
	input: number | null;
	output: number | null;
	cacheRead: number | null;
	/** All cache writes together. */
	cacheWrite: number | null;
	/** Parts of `cacheWrite`, by time to live. */
	cacheWrite5m: number | null;
	cacheWrite1h: number | null;
	reasoning: number | null;
}

/**
 * Usage of an origin whose input leaves cache reads and writes out (Anthropic). Sentences about what did not fit are
 * pushed to `notes`.
 */
export function usageOfExclusiveInput(counts: RawCounts, notes: string[]): Usage {
	const writes = cacheWrites(counts, notes);
	const write = sumKnown([writes.cacheWrite5m, writes.cacheWrite1h, writes.cacheWriteUnknownTtl]);
	const { input, cacheRead } = counts;
	return {
		...unknownUsage,
		...writes,
		inputTotal: input === null || cacheRead === null || write === null ? null : input + cacheRead + write,
		uncachedInput: input,
		cacheRead,
		...outputWithin(counts, notes),
	};
}

/**
 * Usage of an origin whose input counts cache reads and writes in (OpenAI, Gemini).
 *
 * `billsCacheWrites`: the protocol may bill writes apart. Where it does not, all input that was not read from cache is
 * plain input, also when nothing is said of writes; where it may, silence about writes leaves that open.
 *
 * More cached tokens than input cannot be: then the input is taken to leave the cache out, the one reading in which
 * every figure given is true, and a note says so.
 */
export function usageOfInclusiveInput(counts: RawCounts, billsCacheWrites: boolean, notes: string[]): Usage {
	const writes = cacheWrites(counts, notes);
	const write = sumKnown([writes.cacheWrite5m, writes.cacheWrite1h, writes.cacheWriteUnknownTtl]);
	const { input, cacheRead } = counts;
	const cached = (cacheRead ?? 0) + (write ?? 0);
	if (input !== null && cached > input) {
		notes.push(`Said ${input} input tokens but ${cached} cached ones: took the input as not counting the cache.`);
		return {
			...unknownUsage,
			...writes,
			inputTotal: input + cached,
			uncachedInput: input,
			cacheRead,
			...outputWithin(counts, notes),
		};
	}
	const apart = input !== null && cacheRead !== null && (write !== null || !billsCacheWrites);
	return {
		...unknownUsage,
		...writes,
		inputTotal: input,
		uncachedInput: apart ? input - cached : null,
		cacheRead,
		...outputWithin(counts, notes),
	};
}

/**
 * Reads a count from a foreign record. Absent and `null` are "did not say"; what is no count (negative, a fraction,
 * not a number) is refused with a note rather than bent into one.
 */
export function readCount(record: object, key: string, notes: string[]): number | null {
	const value: unknown = Reflect.get(record, key);
	if (value === undefined || value === null) return null;
	if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
	notes.push(`${key} is not a token count: it was left out.`);
	return null;
}

function cacheWrites(
	counts: RawCounts,
	notes: string[],
): Pick<Usage, 'cacheWrite5m' | 'cacheWrite1h' | 'cacheWriteUnknownTtl'> {
	const { cacheWrite, cacheWrite5m, cacheWrite1h } = counts;
	if (cacheWrite === 0 && !cacheWrite5m && !cacheWrite1h) {
		return { cacheWrite5m: 0, cacheWrite1h: 0, cacheWriteUnknownTtl: 0 };
	}
	if (cacheWrite5m === null && cacheWrite1h === null) {
		return { cacheWrite5m: null, cacheWrite1h: null, cacheWriteUnknownTtl: cacheWrite };
	}
	const known = (cacheWrite5m ?? 0) + (cacheWrite1h ?? 0);
	if (cacheWrite !== null && known > cacheWrite) {
		notes.push(`Said ${cacheWrite} cache write tokens, but ${known} by time to live: took the latter.`);
	}
	const rest = cacheWrite === null ? 0 : Math.max(0, cacheWrite - known);
	return { cacheWrite5m: cacheWrite5m ?? 0, cacheWrite1h: cacheWrite1h ?? 0, cacheWriteUnknownTtl: rest };
}

function outputWithin({ output, reasoning }: RawCounts, notes: string[]): Pick<Usage, 'output' | 'reasoning'> {
	if (output === null || reasoning === null || reasoning <= output) return { output, reasoning };
	notes.push(`Said ${output} output tokens but ${reasoning} for reasoning: took the output as not counting reasoning.`);
	return { output: output + reasoning, reasoning };
}
