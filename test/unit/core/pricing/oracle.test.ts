import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { calcPrice, type MatchLogic, type Provider, waitForUpdate } from '@pydantic/genai-prices';
import { builtInPrices } from '../../../../src/core/pricing/built-in-prices.ts';
import { priceCall } from '../../../../src/core/pricing/compute-cost.ts';
import { currentTableText, tableFile } from '../../../run/prices.ts';
import { counted, NOVEMBER_2026, priceable } from './priceable.ts';

/** A small generator with a fixed seed (mulberry32): a failure can be repeated. */
function random(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let t = Math.imul(state ^ (state >>> 15), 1 | state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
	};
}

const next = random(20261121);
const pick = <T>(items: readonly [T, ...T[]]): T => items[Math.floor(next() * items.length)] ?? items[0];
const upTo = (max: number) => Math.floor(next() * (max + 1));
/** Small, large, around the tiers' thresholds, and zero. */
const tokens = () =>
	pick([() => 0, () => upTo(50), () => upTo(9_000), () => upTo(300_000), () => 199_900 + upTo(200)])();

const DAYS = [
	'2024-12-31',
	'2025-06-09T23:59:59.999Z',
	'2025-06-10',
	'2025-12-02',
	'2026-03-12T23:59:59.999Z',
	'2026-03-13',
	'2026-08-16T03:59:59Z',
	'2026-08-21',
	'2026-11-21T00:29:59.999Z',
	'2026-11-21T00:30:00Z',
	'2026-11-21T05:00:00Z',
	'2026-11-21T16:30:00Z',
	'2027-01-01',
] as const;

interface Sample {
	provider: string;
	model: string;
	atMs: number;
	usage: ReturnType<typeof counted>;
}

function sample(provider: string, model: string, hasOutput: boolean): Sample {
	const output = hasOutput ? tokens() : 0;
	return {
		provider,
		model,
		atMs: Date.parse(pick(DAYS)),
		usage: counted({
			uncachedInput: tokens(),
			cacheRead: tokens(),
			cacheWrite5m: tokens(),
			cacheWrite1h: next() < 0.5 ? tokens() : 0,
			cacheWriteUnknownTtl: tokens(),
			output,
			reasoning: upTo(output),
		}),
	};
}

/** USD, by the library, whose input counts the cache in. */
function expected({ provider, model, atMs, usage }: Sample): number | null {
	const writes = (usage.cacheWrite5m ?? 0) + (usage.cacheWrite1h ?? 0) + (usage.cacheWriteUnknownTtl ?? 0);
	const result = calcPrice(
		{
			input_tokens: usage.inputTotal ?? 0,
			cache_read_tokens: usage.cacheRead ?? 0,
			cache_write_tokens: writes,
			cache_write_1h_tokens: usage.cacheWrite1h ?? 0,
			output_tokens: usage.output ?? 0,
			output_reasoning_tokens: usage.reasoning ?? 0,
		},
		model,
		{ providerId: provider, timestamp: new Date(atMs) },
	);
	return result?.total_price ?? null;
}

/** Every model whose input has a price, by a name that the library knows it by, with whether its output has one. */
function pricedModels(
	providers: readonly Provider[],
): { provider: string; id: string; model: string; hasOutput: boolean }[] {
	return providers.flatMap(({ id: provider, models }) =>
		models.flatMap(({ id, match, prices }) => {
			const all = Array.isArray(prices) ? prices.map((dated) => dated.prices) : [prices];
			if (all.some(({ input_mtok }) => input_mtok === undefined)) return [];
			const hasOutput = all.every(({ output_mtok }) => output_mtok !== undefined);
			// Some ids do not match the rule of their own model.
			const isName = (name: string) => calcPrice({ input_tokens: 1 }, name, { providerId: provider })?.model.id === id;
			return [{ provider, id, model: [id, ...operands(match)].find(isName) ?? id, hasOutput }];
		}),
	);
}

/** What a name has to be, begin with, end in or contain. */
function operands(match: MatchLogic): string[] {
	if ('or' in match) return match.or.flatMap(operands);
	if ('and' in match) return match.and.flatMap(operands);
	return Object.values(match).filter((value) => typeof value === 'string');
}

/** Rates that are no whole number of pico-USD (thirds, six models of OpenRouter) lose up to half of one a token. */
function tolerance(samples: Sample, lines: readonly { tokens: number; bucket: string }[]): number {
	const third = samples.provider === 'openrouter' && samples.model.includes('gemini');
	const rounded = third ? lines.reduce((sum, { tokens: count }) => sum + count, 0) * 0.5e-12 : 0;
	return 1e-9 + rounded;
}

describe('prices against the price library', () => {
	it('equal it to 1e-9 USD for at least 20,000 random usages over every priced model, dates and tiers', async function () {
		this.timeout(60_000);
		const providers = await waitForUpdate();
		assert.ok(providers);
		const models = pricedModels(providers);
		assert.ok(models.length > 1000, `only ${models.length} priced models`);
		const prices = builtInPrices();
		const tierModels = models.filter(({ provider, id: own }) =>
			JSON.stringify(providers.find(({ id }) => id === provider)?.models.find(({ id }) => id === own) ?? '').includes(
				'tiers',
			),
		);
		assert.ok(tierModels.length > 10);
		let compared = 0;
		const reached = new Set<string>();
		const unknownToLibrary = new Set<string>();
		let tiered = 0;
		let hourly = 0;
		/** Reads and 1 h writes without a rate: what the library gives is neither a least nor a most. */
		let contradictory = 0;
		for (let round = 0; round < 18; round++) {
			for (const { provider, model, hasOutput } of round % 2 ? [...models, ...tierModels] : models) {
				const it = sample(provider, model, hasOutput);
				const usd = expected(it);
				const cost = priceCall(priceable(it), prices);
				const where = `${provider}/${model} at ${new Date(it.atMs).toISOString()}: ${JSON.stringify(it.usage)}`;
				if (cost.computedNanoUsd === null && cost.notes.some((note) => note.includes('neither'))) {
					contradictory++;
					continue;
				}
				if (usd === null) {
					unknownToLibrary.add(`${provider}/${model}`);
					continue;
				}
				assert.ok(cost.computedNanoUsd !== null, `unpriced: ${where}`);
				const difference = Math.abs(cost.computedNanoUsd / 1e9 - usd);
				assert.ok(difference <= tolerance(it, cost.lines), `${cost.computedNanoUsd / 1e9} ≠ ${usd}: ${where}`);
				compared++;
				reached.add(`${provider}/${model}`);
				if (cost.lines.some(({ tierStart }) => tierStart > 0)) tiered++;
				if (provider === 'deepseek') hourly++;
			}
		}
		const missed = models.map(({ provider, model }) => `${provider}/${model}`).filter((name) => !reached.has(name));
		assert.deepEqual(missed, [...unknownToLibrary], 'every model that the library prices was compared');
		assert.ok(unknownToLibrary.size < 5, [...unknownToLibrary].join());
		assert.ok(compared >= 20_000, `compared only ${compared}`);
		assert.ok(contradictory < compared / 50, `${contradictory} left unpriced`);
		assert.ok(tiered > 500 && hourly > 50, `too few above a tier (${tiered}) or by the hour (${hourly})`);
	});

	it('equal it on both sides of each day and each size from which a model has another price', async function () {
		this.timeout(60_000);
		const providers = await waitForUpdate();
		assert.ok(providers);
		const prices = builtInPrices();
		const found = { days: 0, sizes: 0 };
		for (const { provider, id, model, hasOutput } of pricedModels(providers)) {
			const told: string = JSON.stringify(
				providers.find((each) => each.id === provider)?.models.find((each) => each.id === id),
			);
			const days = [...told.matchAll(/"start_date":"([^"]+)"/g)].map(([, day]) => Date.parse(day ?? ''));
			const sizes = [...told.matchAll(/"start":(\d+)/g)].map(([, size]) => Number(size));
			found.days += days.length;
			found.sizes += sizes.length;
			for (const atMs of [NOVEMBER_2026, ...days.flatMap((day) => [day - 1, day])]) {
				for (const size of [1000, ...sizes.flatMap((start) => [start, start + 1])]) {
					const usage = counted({ uncachedInput: size - 300, cacheRead: 300, output: hasOutput ? 77 : 0 });
					const one: Sample = { provider, model, atMs, usage };
					const usd = expected(one);
					const cost = priceCall(priceable(one), prices);
					const where = `${provider}/${model} at ${new Date(atMs).toISOString()}, ${size} tokens`;
					if (usd === null) assert.equal(cost.computedNanoUsd, null, where);
					else assert.ok(Math.abs((cost.computedNanoUsd ?? -1) / 1e9 - usd) <= tolerance(one, cost.lines), where);
				}
			}
		}
		assert.ok(found.days > 10 && found.sizes > 100, JSON.stringify(found));
	});

	it('come from a table that is what the installed price package gives (else: npm run prices)', async () => {
		assert.equal(readFileSync(tableFile, 'utf8'), await currentTableText());
	});

	it('come from a table of at most 150 KB', () => {
		assert.ok(readFileSync(tableFile).length <= 150 * 1024);
	});
});
