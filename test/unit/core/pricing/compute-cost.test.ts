import assert from 'node:assert/strict';
import { builtInPrices } from '../../../../src/core/pricing/built-in-prices.ts';
import { costSchema } from '../../../../src/core/pricing/cost.ts';
import { parsePriceOverrides } from '../../../../src/core/pricing/overrides.ts';
import { unknownUsage } from '../../../../src/core/usage.ts';
import { counted, NOVEMBER_2026, price } from './priceable.ts';

describe('priceCall: known vectors', () => {
	const vectors = [
		{
			what: 'claude-opus-4-6 with cache writes of 5 minutes and 1 hour',
			call: {
				model: 'claude-opus-4-6',
				usage: counted({
					uncachedInput: 10,
					cacheRead: 50_000,
					cacheWrite5m: 2_000,
					cacheWrite1h: 3_000,
					output: 1_000,
				}),
			},
			nanoUsd: 92_550_000,
		},
		{
			what: 'claude-sonnet-4-5 above 200,000 tokens: the whole request at the higher tier',
			call: { usage: counted({ uncachedInput: 10, cacheRead: 150_000, cacheWrite5m: 100_000, output: 1_000 }) },
			nanoUsd: 862_560_000,
		},
		{
			what: 'gpt-4o with cached input',
			call: {
				provider: 'openai',
				model: 'gpt-4o',
				usage: counted({ uncachedInput: 500, cacheRead: 500, output: 100 }),
			},
			nanoUsd: 2_875_000,
		},
		{
			what: 'gpt-5.4 with 300,000 tokens, 200,000 of them cached',
			call: {
				provider: 'openai',
				model: 'gpt-5.4',
				usage: counted({ uncachedInput: 100_000, cacheRead: 200_000, output: 1_000 }),
			},
			nanoUsd: 622_500_000,
		},
		{
			what: 'gemini-2.5-pro with 250,000 tokens, 50,000 of them cached',
			call: {
				provider: 'google',
				model: 'gemini-2.5-pro',
				usage: counted({ uncachedInput: 200_000, cacheRead: 50_000, output: 1_000 }),
			},
			nanoUsd: 527_500_000,
		},
		{
			what: 'a Claude Code log at $5 / $25 / $0.5 with a 1 hour write of $10',
			call: {
				model: 'claude-opus-4-8',
				usage: counted({ uncachedInput: 2, cacheRead: 15_498, cacheWrite1h: 5_790, output: 128 }),
			},
			nanoUsd: 68_859_000,
		},
	];
	for (const { what, call, nanoUsd } of vectors) {
		it(`${what} costs $${nanoUsd / 1e9}`, () => {
			const cost = price(call);
			assert.deepEqual([cost.computedNanoUsd, cost.bound, cost.basis], [nanoUsd, 'exact', 'computed']);
			assert.deepEqual(costSchema.parse(cost), cost);
		});
	}

	it('unfolds into lines that add up to the cost', () => {
		const cost = price({
			usage: counted({ uncachedInput: 10, cacheRead: 150_000, cacheWrite5m: 100_000, output: 1_000 }),
		});
		assert.deepEqual(cost.lines, [
			{ bucket: 'uncachedInput', tokens: 10, ratePicoUsd: 6_000_000, tierStart: 200_000 },
			{ bucket: 'cacheRead', tokens: 150_000, ratePicoUsd: 600_000, tierStart: 200_000 },
			{ bucket: 'cacheWrite5m', tokens: 100_000, ratePicoUsd: 7_500_000, tierStart: 200_000 },
			{ bucket: 'output', tokens: 1_000, ratePicoUsd: 22_500_000, tierStart: 200_000 },
		]);
		const sum = cost.lines.reduce((total, { tokens, ratePicoUsd }) => total + tokens * ratePicoUsd, 0);
		assert.equal(Math.round(sum / 1000), cost.computedNanoUsd);
		assert.equal(cost.price?.provider, 'anthropic');
	});

	it('takes the rates of the day on which the call started', () => {
		const usage = counted({ uncachedInput: 300_000 });
		const before = price({ model: 'claude-opus-4-6', usage, atMs: Date.UTC(2026, 2, 12, 23, 59, 59, 999) });
		const after = price({ model: 'claude-opus-4-6', usage, atMs: Date.UTC(2026, 2, 13) });
		assert.deepEqual([before.computedNanoUsd, after.computedNanoUsd], [3_000_000_000, 1_500_000_000]);
		assert.deepEqual([before.price?.validFrom, after.price?.validFrom], [null, '2026-03-13']);
	});

	it('rounds once a call, half up', () => {
		const overrides = parsePriceOverrides({ m: { input: 0.0005, output: 0.0004 } });
		const prices = builtInPrices(overrides);
		assert.equal(price({ model: 'm', usage: counted({ uncachedInput: 1 }) }, prices).computedNanoUsd, 1);
		assert.equal(price({ model: 'm', usage: counted({ output: 1 }) }, prices).computedNanoUsd, 0);
		assert.equal(price({ model: 'm', usage: counted({ uncachedInput: 1, output: 1 }) }, prices).computedNanoUsd, 1);
	});

	it('is exact for more tokens than doubles multiply exactly', () => {
		const cost = price({ usage: counted({ output: 400_000_000_001 }) });
		assert.equal(cost.computedNanoUsd, 6_000_000_000_015_000);
	});
});

describe('priceCall: what is shown', () => {
	it('is what the provider reported, before what is computed', () => {
		const cost = price({ reportedCostUsd: 0.0046, reportedBy: 'provider' });
		assert.deepEqual([cost.shownNanoUsd, cost.basis, cost.bound], [4_600_000, 'provider', 'exact']);
		assert.equal(cost.computedNanoUsd, 4_500_000);
	});

	it('is what is computed, before what the agent reported', () => {
		const cost = price({ reportedCostUsd: 0.0046, reportedBy: 'agent' });
		assert.deepEqual([cost.shownNanoUsd, cost.basis, cost.reportedNanoUsd], [4_500_000, 'computed', 4_600_000]);
	});

	it('is what the agent reported where nothing can be computed', () => {
		const cost = price({ model: 'no-such-model', reportedCostUsd: 0.01, reportedBy: 'agent' });
		assert.deepEqual([cost.shownNanoUsd, cost.basis, cost.unpriced], [10_000_000, 'agent', 'unknownModel']);
	});

	it('is unpriced, never $0, for a model without a price', () => {
		const cost = price({ model: 'no-such-model' });
		assert.deepEqual([cost.shownNanoUsd, cost.basis, cost.unpriced], [null, 'unpriced', 'unknownModel']);
	});

	it('is unpriced when an agent without a price says 0', () => {
		const cost = price({ model: 'no-such-model', reportedCostUsd: 0, reportedBy: 'agent' });
		assert.equal(cost.shownNanoUsd, null);
		assert.equal(cost.notes.length, 1);
	});

	it('is unpriced without usage', () => {
		for (const usage of [null, unknownUsage]) {
			const cost = price({ usage });
			assert.deepEqual([cost.shownNanoUsd, cost.unpriced], [null, 'noUsage']);
		}
	});

	it('is 0 for a model that is free', () => {
		const cost = price({ provider: 'openrouter', model: 'deepseek/deepseek-r1:free' });
		assert.deepEqual([cost.shownNanoUsd, cost.basis, cost.price?.from], [0, 'computed', 'overlay']);
	});

	it('is unpriced where the table knows the model but no rate', () => {
		const cost = price({
			provider: 'openai',
			model: 'text-embedding-3-small',
			usage: counted({ uncachedInput: 5, output: 5 }),
		});
		assert.deepEqual([cost.shownNanoUsd, cost.unpriced], [null, 'noRate']);
	});

	it('flags computed and reported costs that are more than 2 % apart', () => {
		const report = (usd: number) => price({ reportedCostUsd: usd, reportedBy: 'agent' }).diverges;
		assert.deepEqual([report(0.0045), report(0.00458), report(0.0046), report(0.0044)], [false, false, true, true]);
	});

	it('prices by the model asked for when the one that answered has no price, and says so', () => {
		const cost = price({ model: 'my-deployment', askedModel: 'claude-sonnet-4-5' });
		assert.equal(cost.shownNanoUsd, 4_500_000);
		assert.match(cost.notes.join(), /my-deployment/);
	});
});

describe('priceCall: bounds', () => {
	const openai = { provider: 'openai', model: 'gpt-4o' };

	it('is at most the plain price when the cache was not told', () => {
		const cost = price({ ...openai, usage: { ...unknownUsage, inputTotal: 1000, output: 100 } });
		assert.deepEqual([cost.shownNanoUsd, cost.bound, cost.notes.length], [3_500_000, 'atMost', 1]);
	});

	it('is exact when the protocol bills no cache writes and reads are known', () => {
		const cost = price({
			...openai,
			usage: { ...unknownUsage, inputTotal: 1000, uncachedInput: 500, cacheRead: 500, output: 100 },
		});
		assert.deepEqual([cost.shownNanoUsd, cost.bound], [2_875_000, 'exact']);
	});

	it('is at least the plain price when reads are known, writes are not, and writes cost more', () => {
		const cost = price({ usage: { ...unknownUsage, inputTotal: 1000, cacheRead: 0, output: 100 } });
		assert.deepEqual([cost.shownNanoUsd, cost.bound], [4_500_000, 'atLeast']);
	});

	it('is at least what is known when an exclusive input leaves the cache out', () => {
		const cost = price({ usage: { ...unknownUsage, uncachedInput: 1000, output: 100 } });
		assert.deepEqual([cost.shownNanoUsd, cost.bound], [4_500_000, 'atLeast']);
	});

	it('is at least the input when the output was not told', () => {
		const cost = price({ usage: { ...counted({ uncachedInput: 1000 }), output: null } });
		assert.deepEqual([cost.shownNanoUsd, cost.bound], [3_000_000, 'atLeast']);
	});

	it('takes the cheapest rate for input of unknown kind where it has to be a lower bound', () => {
		const cost = price({ ...openai, usage: { ...unknownUsage, inputTotal: 1000 } });
		assert.deepEqual([cost.shownNanoUsd, cost.bound], [1_250_000, 'atLeast']);
	});

	it('keeps the bound of the origin', () => {
		assert.equal(price({ usageBound: 'atLeast' }).bound, 'atLeast');
		assert.equal(price({ usageBound: 'atMost' }).bound, 'atMost');
	});

	it('is at least the tokens when there are fees that are not priced', () => {
		const cost = price({ unpricedFees: ['web search'] });
		assert.equal(cost.bound, 'atLeast');
		assert.match(cost.notes.join(), /web search/);
	});

	it('gives no figure that would be neither a least nor a most', () => {
		const cost = price({ usageBound: 'atMost', unpricedFees: ['web search'] });
		assert.deepEqual([cost.shownNanoUsd, cost.unpriced], [null, 'noUsage']);
	});

	it('prices a cache write without a time to live as 5 minutes, a lower bound where an hour costs more', () => {
		const cost = price({ usage: counted({ cacheWriteUnknownTtl: 1000 }) });
		assert.deepEqual([cost.shownNanoUsd, cost.bound], [3_750_000, 'atLeast']);
		assert.match(cost.notes.join(), /5 minutes/);
	});

	it('tells a request that was refused from a call without a known price', () => {
		const refused = { usage: null, usageMissing: false, state: 'error' } as const;
		const error = { message: 'Overloaded', status: 529, code: null };
		const basis = (over: Parameters<typeof price>[0]) => price({ ...refused, error, ...over }).basis;
		assert.equal(basis({}), 'refused');
		assert.equal(basis({ usageMissing: true }), 'unpriced', 'it was served in part');
		assert.equal(basis({ error: { ...error, status: null } }), 'unpriced', 'the connection broke: who knows');
		assert.equal(basis({ state: 'ok' }), 'unpriced');
		assert.equal(price({ ...refused, error }).shownNanoUsd, null);
	});

	it('takes batch as an upper and fast as a lower bound where no price of theirs is known, and says so', () => {
		const mistral = { provider: 'mistral', model: 'mistral-large-latest' };
		const bounds = ['batch', 'flex', 'fast', 'priority', 'standard', null].map(
			(serviceTier) => price({ ...mistral, serviceTier }).bound,
		);
		assert.deepEqual(bounds, ['atMost', 'atMost', 'atLeast', 'atLeast', 'exact', 'exact']);
		assert.match(price({ ...mistral, serviceTier: 'batch' }).notes.join(), /batch.*standard rates/);
		assert.equal(price({ model: 'claude-sonnet-4-5-fast' }).bound, 'atLeast');
	});

	it('takes a variant of OpenRouter for a bound where its price is another', () => {
		const asked = (variant: string) =>
			price({ provider: 'openrouter', model: `anthropic/claude-sonnet-4.5${variant}` });
		const bounds = ['', ':thinking', ':online', ':nitro', ':exacto', ':floor'].map((variant) => asked(variant).bound);
		assert.deepEqual(bounds, ['exact', 'exact', 'atLeast', 'atLeast', 'atLeast', 'atMost']);
		assert.match(asked(':online').notes.join(), /web search/);
	});

	it('does not flag a reported cost that a bound allows for', () => {
		const cost = price({ usageBound: 'atMost', reportedCostUsd: 0.001, reportedBy: 'agent' });
		assert.equal(cost.diverges, false);
	});

	it('notes parts that are more than their total', () => {
		const cost = price({ usage: { ...counted({ uncachedInput: 1000 }), inputTotal: 10 } });
		assert.match(cost.notes.join(), /its total only 10/);
	});
});

describe('priceCall: tiers of service whose price is published', () => {
	const usage = counted({ uncachedInput: 1_000, cacheRead: 10_000, output: 100 });
	const inTier = (provider: string, model: string, serviceTier: string | null) => {
		const { computedNanoUsd, bound, price: used } = price({ provider, model, serviceTier, usage });
		return [computedNanoUsd, bound, used?.from];
	};

	it('prices the fast mode of Claude, whether by its tier or by the name of the model', () => {
		// $30 / $150 / $3 and $10 / $50 / $1 a million tokens.
		assert.deepEqual(inTier('anthropic', 'claude-opus-4-6', 'fast'), [75_000_000, 'exact', 'overlay']);
		assert.deepEqual(inTier('anthropic', 'claude-opus-4-8', 'fast'), [25_000_000, 'exact', 'overlay']);
		assert.deepEqual(inTier('anthropic', 'claude-opus-4-6-fast', null), [75_000_000, 'exact', 'overlay']);
		assert.match(price({ model: 'claude-opus-4-6', serviceTier: 'fast' }).notes.join(), /6 times .*Anthropic.*20\d\d/);
	});

	it('agrees on the fast mode of Claude with the models that OpenRouter lists for it', () => {
		for (const version of ['4-6', '4-7', '4-8', '5']) {
			const [direct] = inTier('anthropic', `claude-opus-${version}`, 'fast');
			const [listed] = inTier('openrouter', `anthropic/claude-opus-${version.replace('-', '.')}-fast`, null);
			assert.notEqual(listed, null);
			assert.equal(direct, listed, version);
		}
	});

	it('prices long requests in fast mode by their tier of size, on days when there was one', () => {
		const fast = { model: 'claude-opus-4-6', serviceTier: 'fast', usage: counted({ uncachedInput: 300_000 }) };
		const on = (day: string) => price({ ...fast, atMs: Date.parse(day) }).computedNanoUsd;
		assert.deepEqual([on('2026-03-01'), on('2026-04-01')], [18_000_000_000, 9_000_000_000]);
	});

	it('halves batch and flex', () => {
		assert.deepEqual(inTier('anthropic', 'claude-sonnet-4-5', 'batch'), [3_750_000, 'exact', 'overlay']);
		assert.deepEqual(inTier('openai', 'gpt-5', 'flex'), [1_750_000, 'exact', 'overlay']);
		assert.deepEqual(inTier('openai', 'gpt-5', null), [3_500_000, 'exact', 'table']);
	});

	it('prices the priority tier of OpenAI, which Codex calls fast', () => {
		assert.deepEqual(inTier('openai', 'gpt-5', 'priority'), [7_000_000, 'exact', 'overlay']);
		assert.deepEqual(inTier('openai', 'gpt-5.5', 'fast'), [32_500_000, 'exact', 'overlay']);
	});

	it('knows no price of priority for a long request: it costs at least what the standard tier does', () => {
		const long = { provider: 'openai', model: 'gpt-5.4', usage: counted({ uncachedInput: 300_000 }) };
		const cost = price({ ...long, serviceTier: 'priority' });
		assert.deepEqual([cost.computedNanoUsd, cost.bound, cost.price?.from], [1_500_000_000, 'atLeast', 'table']);
	});

	it('multiplies no price of the user', () => {
		const prices = builtInPrices(parsePriceOverrides({ 'claude-opus-4-6': { input: 1, output: 1 } }));
		const cost = price({ model: 'claude-opus-4-6', serviceTier: 'fast', usage: counted({ output: 100 }) }, prices);
		assert.deepEqual([cost.computedNanoUsd, cost.bound, cost.price?.from], [100_000, 'atLeast', 'override']);
	});
});

describe('priceCall: a 20 MB prompt', () => {
	it('loses no token and no cost', () => {
		const cost = price({
			usage: counted({ uncachedInput: 5_000_000, cacheRead: 1, output: 3 }),
			atMs: NOVEMBER_2026,
			model: 'claude-opus-4-6',
		});
		assert.equal(cost.computedNanoUsd, 5_000_000 * 5_000 + 500 + 3 * 25_000);
	});
});
