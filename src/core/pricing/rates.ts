/** A price per token. */
export interface Rate {
	/** pico-USD a token: 1 USD a million tokens = 1,000,000. */
	pico: number;
	/** Ascending. Above `start` input tokens (cache included) the whole request costs this. */
	tiers: readonly { start: number; pico: number }[];
}

/** What a model's tokens cost. `null`: no such price is known. */
export interface Rates {
	input: Rate | null;
	output: Rate | null;
	cacheRead: Rate | null;
	/** Written to a cache for five minutes. */
	cacheWrite5m: Rate | null;
	cacheWrite1h: Rate | null;
	/** Reasoning, where it costs something else than the rest of the output. */
	reasoning: Rate | null;
	/** pico-USD for each request. */
	requestPico: number | null;
}

/**
 * Reads rates in the table's form: USD a million tokens, in the order input, output, cache read, cache write 5 min,
 * cache write 1 h, reasoning, then USD a thousand requests, with `|` between them and nothing for what is not known.
 * `3>200000:6` is 3, and 6 for requests above 200,000 input tokens.
 */
export function parseRates(text: string): Readonly<Rates> {
	const known = parsed.get(text);
	if (known !== undefined) return known;
	const rates = readRates(text);
	if (parsed.size >= MAX_PARSED) parsed.clear();
	parsed.set(text, rates);
	return rates;
}

/** Every call is priced, and most by the same few texts. */
const parsed = new Map<string, Rates>();
const MAX_PARSED = 1000;

function readRates(text: string): Rates {
	const [input, output, cacheRead, cacheWrite5m, cacheWrite1h, reasoning, requests] = text.split('|');
	return {
		input: parseRate(input),
		output: parseRate(output),
		cacheRead: parseRate(cacheRead),
		cacheWrite5m: parseRate(cacheWrite5m),
		cacheWrite1h: parseRate(cacheWrite1h),
		reasoning: parseRate(reasoning),
		requestPico: requests ? Math.round(Number(requests) * 1e9) : null,
	};
}

/** A rate that holds for requests of any size, from USD a million tokens. */
export function flatRate(usdPerMTok: number): Rate {
	return { pico: picoPerToken(usdPerMTok), tiers: [] };
}

/** The rate of a request with `inputTokens`, cache included, and the threshold that set it (0 = the base rate). */
export function rateFor(rate: Rate, inputTokens: number): { pico: number; tierStart: number } {
	let found = { pico: rate.pico, tierStart: 0 };
	for (const tier of rate.tiers) {
		if (inputTokens > tier.start) found = { pico: tier.pico, tierStart: tier.start };
	}
	return found;
}

function parseRate(text: string | undefined): Rate | null {
	if (!text) return null;
	const [base = '', ...tiers] = text.split('>');
	return {
		pico: picoPerToken(Number(base)),
		tiers: tiers.map((tier) => {
			const [start = '', price = ''] = tier.split(':');
			return { start: Number(start), pico: picoPerToken(Number(price)) };
		}),
	};
}

/** The table's prices have at most six decimals, but for a few thirds: those lose under half a pico-USD a token. */
function picoPerToken(usdPerMTok: number): number {
	return Math.round(usdPerMTok * 1_000_000);
}
