import * as z from 'zod';
import { flatRate, type Rates } from './rates.ts';

const usd = z.number('must be a number: USD per million tokens').min(0, 'must not be negative');

const ownRatesSchema = z.strictObject(
	{
		input: usd,
		output: usd,
		cacheRead: usd.optional(),
		/** Cache writes of any time to live that has no price of its own below. */
		cacheWrite: usd.optional(),
		cacheWrite5m: usd.optional(),
		cacheWrite1h: usd.optional(),
	},
	{
		error: (issue) =>
			issue.code === 'unrecognized_keys'
				? `unknown name ${issue.keys.join(', ')}: use input, output, cacheRead, cacheWrite, cacheWrite5m or cacheWrite1h`
				: 'must be an object such as { "input": 3, "output": 15 }, in USD per million tokens',
	},
);

/**
 * The setting `callmeter.prices`: own prices in USD per million tokens, by `model`, `provider/model`, or a pattern of
 * those in which `*` stands for anything.
 */
export const priceOverridesSchema = z.record(
	z.string().trim().min(1, 'a price needs the name of a model'),
	ownRatesSchema,
	'must be an object: the name of each model, and its prices',
);

/** An own price, ready to be asked. */
export interface PriceOverride {
	/** As the user wrote it. */
	pattern: string;
	matches: (name: string) => boolean;
	/** More specific patterns have more: exact names before patterns, then the longer. */
	rank: number;
	rates: Rates;
}

/**
 * Reads the setting. The most specific pattern comes first.
 *
 * @throws {z.ZodError} with the path of each wrong price; `describeIssues` says it in words.
 */
export function parsePriceOverrides(setting: unknown): PriceOverride[] {
	return Object.entries(priceOverridesSchema.parse(setting ?? {}))
		.map(([pattern, own]) => ({
			pattern,
			matches: nameTest(pattern.toLowerCase()),
			rank: (pattern.includes('*') ? 0 : 1_000_000) + (pattern.includes('/') ? 1000 : 0) + pattern.length,
			rates: ratesOf(own),
		}))
		.sort((a, b) => b.rank - a.rank);
}

function ratesOf(own: z.infer<typeof ownRatesSchema>): Rates {
	const write5m = own.cacheWrite5m ?? own.cacheWrite;
	const write1h = own.cacheWrite1h ?? own.cacheWrite;
	return {
		input: flatRate(own.input),
		output: flatRate(own.output),
		cacheRead: own.cacheRead === undefined ? null : flatRate(own.cacheRead),
		cacheWrite5m: write5m === undefined ? null : flatRate(write5m),
		cacheWrite1h: write1h === undefined ? null : flatRate(write1h),
		reasoning: null,
		requestPico: null,
	};
}

/** Walks the parts between the stars: no regular expression, and so no pattern that takes forever. */
function nameTest(pattern: string): (name: string) => boolean {
	if (!pattern.includes('*')) return (name) => name === pattern;
	const [start = '', ...rest] = pattern.split('*');
	const end = rest.pop() ?? '';
	return (name) => {
		if (!name.startsWith(start) || !name.endsWith(end) || name.length < start.length + end.length) return false;
		let at = start.length;
		for (const part of rest) {
			const found = name.indexOf(part, at);
			if (found < 0) return false;
			at = found + part.length;
		}
		return at <= name.length - end.length;
	};
}
