import { calcPrice } from '@pydantic/genai-prices';

/** Tokens of one call, in parts that do not overlap. */
export interface TrueTokens {
	uncachedInput: number;
	cacheRead: number;
	cacheWrite5m: number;
	cacheWrite1h: number;
	output: number;
}

export interface TrueSums extends TrueTokens {
	calls: number;
	costUsd: number;
	/** Calls of which the records have but a part of the output: it is counted as far as they have it. */
	atLeast: number;
}

/** What a corpus holds, counted while it was written. */
export interface CorpusTruth {
	bytes: number;
	files: number;
	all: TrueSums;
	/** Of calls that began on the corpus's last day. */
	today: TrueSums;
	bySource: Record<string, TrueSums>;
}

export interface TrueCall {
	source: string;
	provider: string;
	model: string;
	atMs: number;
	tokens: TrueTokens;
	atLeast?: boolean;
}

/** Adds up calls as they are written. Prices are those of the price library, each call by itself. */
export class TruthCounter {
	readonly #todayMs: number;
	readonly truth: CorpusTruth = { bytes: 0, files: 0, all: noSums(), today: noSums(), bySource: {} };

	/** Calls from `todayMs` on, epoch milliseconds, are of the last day. */
	constructor(todayMs: number) {
		this.#todayMs = todayMs;
	}

	call(call: TrueCall): void {
		const { source, atMs, tokens } = call;
		const costUsd = priceOf(call);
		const ofSource = this.truth.bySource[source] ?? noSums();
		this.truth.bySource[source] = ofSource;
		for (const sums of [this.truth.all, ofSource, ...(atMs >= this.#todayMs ? [this.truth.today] : [])]) {
			sums.calls++;
			sums.costUsd += costUsd;
			if (call.atLeast) sums.atLeast++;
			for (const key of Object.keys(tokens) as (keyof TrueTokens)[]) sums[key] += tokens[key];
		}
	}

	file(bytes: number): void {
		this.truth.files++;
		this.truth.bytes += bytes;
	}
}

export function inputTotal({ uncachedInput, cacheRead, cacheWrite5m, cacheWrite1h }: TrueTokens): number {
	return uncachedInput + cacheRead + cacheWrite5m + cacheWrite1h;
}

function noSums(): TrueSums {
	return {
		calls: 0,
		costUsd: 0,
		atLeast: 0,
		uncachedInput: 0,
		cacheRead: 0,
		cacheWrite5m: 0,
		cacheWrite1h: 0,
		output: 0,
	};
}

function priceOf({ provider, model, atMs, tokens }: TrueCall): number {
	const priced = calcPrice(
		{
			input_tokens: inputTotal(tokens),
			cache_read_tokens: tokens.cacheRead,
			cache_write_tokens: tokens.cacheWrite5m + tokens.cacheWrite1h,
			cache_write_1h_tokens: tokens.cacheWrite1h,
			output_tokens: tokens.output,
		},
		model,
		{ providerId: provider, timestamp: new Date(atMs) },
	);
	if (priced === null) throw new Error(`The price library has no price for ${provider}/${model}.`);
	return priced.total_price;
}
