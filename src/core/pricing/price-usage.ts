import { inputTotalOf, type Usage } from '../usage.ts';
import type { Bucket, CostLine, UnpricedReason } from './cost.ts';
import { type Rate, type Rates, rateFor } from './rates.ts';

export type Bound = 'exact' | 'atLeast' | 'atMost';

/** Something that makes a cost a bound, with the sentence that tells a person. */
export interface BoundNote {
	bound: Bound;
	note: string | null;
}

export interface PricedUsage {
	/** `null`: not to be computed, for the reason in `unpriced`. */
	nanoUsd: number | null;
	bound: Bound;
	lines: CostLine[];
	unpriced: UnpricedReason | null;
	notes: string[];
}

/** Tokens of one bucket and their rate; `rate: null` when none is known. */
interface Part {
	bucket: Bucket;
	tokens: number;
	rate: Rate | null;
}

/**
 * Tokens × rates, as integers of pico-USD, rounded once to nano-USD. The tier is set by the whole request's input.
 *
 * A count that is not known leaves the sum a bound, and the bound is always true:
 * - Input of which only the total is known is priced as uncached. Cache reads cost less, so that this is the most it
 *   can have cost; when reads are known and only writes are not, and writes cost more, it is the least.
 * - Without output, or with only some parts of the input, the sum is the least it can have cost; a remainder of
 *   unknown kind is then priced at its cheapest rate.
 * - Where one thing makes it the most and another the least, it would say nothing: unpriced.
 */
export function priceUsage(usage: Usage, rates: Rates, given: readonly BoundNote[]): PricedUsage {
	const ofUsage = [...given, ...unknownParts(usage)];
	const bounds = [...ofUsage];
	const parts = [...knownParts(usage, rates, bounds), ...remainder(usage, rates, bounds)].filter(
		({ tokens }) => tokens > 0,
	);
	const notes = bounds.flatMap(({ note }) => (note === null ? [] : [note]));
	const unpriced = (reason: UnpricedReason): PricedUsage => ({
		nanoUsd: null,
		bound: 'exact',
		lines: [],
		unpriced: reason,
		notes,
	});

	const overall = combined(bounds);
	if (overall === null) {
		notes.push('What is unknown makes this cost neither a least nor a most: not priced.');
		return unpriced(ofUsage.some(({ bound }) => bound !== 'exact') ? 'noUsage' : 'noRate');
	}
	const lines = toLines(parts, inputTotalOf(usage) ?? 0);
	if (lines === null || hasNoRates(rates)) return unpriced('noRate');
	if (rates.requestPico !== null) {
		lines.push({ bucket: 'requests', tokens: 1, ratePicoUsd: rates.requestPico, tierStart: 0 });
	}
	const nanoUsd = sumNano(lines);
	return nanoUsd === null ? unpriced('noUsage') : { nanoUsd, bound: overall, lines, unpriced: null, notes };
}

function knownParts(usage: Usage, rates: Rates, bounds: BoundNote[]): Part[] {
	const cacheRead = usage.cacheRead ?? 0;
	const write1h = usage.cacheWrite1h ?? 0;
	const unknownTtl = usage.cacheWriteUnknownTtl ?? 0;
	const write5mRate = rates.cacheWrite5m ?? rates.input;
	if (cacheRead > 0 && !rates.cacheRead && rates.input) {
		bounds.push({ bound: 'atMost', note: 'No price for cache reads is known: priced as plain input.' });
	}
	if (write1h > 0 && !rates.cacheWrite1h && rates.cacheWrite5m) {
		bounds.push({ bound: 'atLeast', note: 'No price for cache writes of 1 hour is known: priced as 5 minutes.' });
	}
	if (unknownTtl > 0 && rates.cacheWrite5m) {
		const dearer = (rates.cacheWrite1h?.pico ?? 0) > rates.cacheWrite5m.pico;
		const note = 'Cache write without a time to live: priced as 5 minutes.';
		bounds.push({ bound: dearer ? 'atLeast' : 'exact', note });
	}
	return [
		{ bucket: 'uncachedInput', tokens: usage.uncachedInput ?? 0, rate: rates.input },
		{ bucket: 'cacheRead', tokens: cacheRead, rate: rates.cacheRead ?? rates.input },
		{ bucket: 'cacheWrite5m', tokens: usage.cacheWrite5m ?? 0, rate: write5mRate },
		{ bucket: 'cacheWrite1h', tokens: write1h, rate: rates.cacheWrite1h ?? write5mRate },
		{ bucket: 'cacheWriteUnknownTtl', tokens: unknownTtl, rate: write5mRate },
		...outputParts(usage, rates),
	];
}

function outputParts({ output, reasoning }: Usage, rates: Rates): Part[] {
	const total = output ?? 0;
	const apart = rates.reasoning ? Math.min(reasoning ?? 0, total) : 0;
	return [
		{ bucket: 'output', tokens: total - apart, rate: rates.output },
		{ bucket: 'output', tokens: apart, rate: rates.reasoning },
	];
}

/** What is not known and not priced: the sum can only be more. */
function unknownParts(usage: Usage): BoundNote[] {
	const bounds: BoundNote[] = [];
	if (usage.output === null) bounds.push({ bound: 'atLeast', note: 'The output was not told: not in this cost.' });
	if (usage.inputTotal === null) {
		const note =
			inputTotalOf(usage) === null
				? 'The input was not told: not in this cost.'
				: 'Only parts of the input were told: the others are not in this cost.';
		bounds.push({ bound: 'atLeast', note });
	}
	return bounds;
}

/** Input that is in the total and in no bucket. */
function remainder(usage: Usage, rates: Rates, bounds: BoundNote[]): Part[] {
	if (usage.inputTotal === null) return [];
	const known = inputTotalOf({ ...usage, inputTotal: null }) ?? 0;
	const tokens = usage.inputTotal - known;
	if (tokens < 0) {
		bounds.push({ bound: 'exact', note: `The parts of the input are ${known}, its total only ${usage.inputTotal}.` });
	}
	if (tokens <= 0) return [];
	const writesUnknown =
		usage.cacheWrite5m === null && usage.cacheWrite1h === null && usage.cacheWriteUnknownTtl === null;
	const plain: Part = { bucket: 'uncachedInput', tokens, rate: rates.input };
	if (usage.uncachedInput === null && usage.cacheRead !== null) {
		if (writesUnknown && (rates.cacheWrite5m?.pico ?? 0) > (rates.input?.pico ?? 0)) {
			bounds.push({ bound: 'atLeast', note: 'Cache writes were not told: priced as plain input, which costs less.' });
		}
		return [plain];
	}
	if (bounds.some(({ bound }) => bound === 'atLeast')) {
		bounds.push({
			bound: 'atLeast',
			note: `Whether ${tokens} input tokens came from cache was not told: priced as if.`,
		});
		return [{ bucket: 'cacheRead', tokens, rate: rates.cacheRead ?? rates.input }];
	}
	bounds.push({
		bound: 'atMost',
		note: `Whether ${tokens} input tokens came from cache was not told: priced as plain input.`,
	});
	return [plain];
}

function combined(bounds: readonly BoundNote[]): Bound | null {
	const least = bounds.some(({ bound }) => bound === 'atLeast');
	const most = bounds.some(({ bound }) => bound === 'atMost');
	if (least && most) return null;
	return least ? 'atLeast' : most ? 'atMost' : 'exact';
}

/** `null` when a part has no rate. */
function toLines(parts: readonly Part[], inputTokens: number): CostLine[] | null {
	const lines: CostLine[] = [];
	for (const { bucket, tokens, rate } of parts) {
		if (!rate) return null;
		const { pico, tierStart } = rateFor(rate, inputTokens);
		lines.push({ bucket, tokens, ratePicoUsd: pico, tierStart });
	}
	return lines;
}

function hasNoRates(rates: Rates): boolean {
	return rates.input === null && rates.output === null && rates.requestPico === null;
}

/** Bigints, since tokens × pico-USD can pass 2^53. `null` when not even nano-USD fit: no honest count gives that. */
function sumNano(lines: readonly CostLine[]): number | null {
	let pico = 0n;
	for (const { tokens, ratePicoUsd } of lines) pico += BigInt(tokens) * BigInt(ratePicoUsd);
	const nano = (pico + 500n) / 1000n;
	return nano <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(nano) : null;
}
