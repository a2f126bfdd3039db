import assert from 'node:assert/strict';
import { describeIssues } from '../../../../src/core/describe-issues.ts';
import { builtInPrices } from '../../../../src/core/pricing/built-in-prices.ts';
import { findPrice } from '../../../../src/core/pricing/find-price.ts';
import { parsePriceOverrides, priceOverridesSchema } from '../../../../src/core/pricing/overrides.ts';
import { loadPriceTable } from '../../../../src/core/pricing/price-table.ts';
import { NOVEMBER_2026 } from './priceable.ts';

const found = (provider: string, model: string, overrides: unknown = {}) =>
	findPrice(builtInPrices(parsePriceOverrides(overrides)), provider, model, NOVEMBER_2026);

/** Which price was found, and its input rate in USD per million tokens. */
function named(provider: string, model: string): string {
	const price = found(provider, model);
	return price ? `${price.provider}/${price.model} $${(price.rates.input?.pico ?? Number.NaN) / 1e6}` : 'none';
}

describe('findPrice', () => {
	const cases: [provider: string, model: string, expected: string][] = [
		['anthropic', 'claude-sonnet-4-5-20250929', 'anthropic/claude-sonnet-4-5 $3'],
		['Anthropic ', ' Claude-Sonnet-4-5', 'anthropic/claude-sonnet-4-5 $3'],
		['openai-native', 'gpt-5', 'openai/gpt-5 $1.25'],
		['openai', 'gpt-4o-20241120', 'openai/gpt-4o $2.5'],
		['gemini', 'gemini-2.5-pro', 'google/gemini-2.5-pro $1.25'],
		['gcp.vertex_ai', 'models/gemini-2.5-pro', 'google/gemini-2.5-pro $1.25'],
		['vertex', 'claude-sonnet-4-5@20250929', 'google/claude-sonnet-4-5 $3'],
		['xai', 'grok-4.3', 'x-ai/grok-4.3 $1.25'],
		['openrouter', 'anthropic/claude-sonnet-4.5', 'openrouter/anthropic/claude-sonnet-4.5 $3'],
		['kilocode', 'anthropic/claude-sonnet-4.5', 'openrouter/anthropic/claude-sonnet-4.5 $3'],
		['some-gateway', 'anthropic/claude-sonnet-4-5', 'anthropic/claude-sonnet-4-5 $3'],
		['some-gateway', 'openrouter/anthropic/claude-sonnet-4.5', 'openrouter/anthropic/claude-sonnet-4.5 $3'],
		['some-gateway', 'claude-sonnet-4-5:thinking', 'anthropic/claude-sonnet-4-5 $3'],
		[
			'bedrock',
			'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
			'aws/regional.anthropic.claude-sonnet-4-5-20250929-v1:0 $3.3',
		],
		[
			'bedrock',
			'arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0',
			'aws/regional.anthropic.claude-sonnet-4-5-20250929-v1:0 $3.3',
		],
		[
			'some-gateway',
			'eu.anthropic.claude-sonnet-4-5-20250929-v1:0',
			'aws/regional.anthropic.claude-sonnet-4-5-20250929-v1:0 $3.3',
		],
		['openrouter', 'anthropic/claude-sonnet-4.5:thinking', 'openrouter/anthropic/claude-sonnet-4.5 $3'],
		['openrouter', 'anthropic/claude-sonnet-4.5:online', 'openrouter/anthropic/claude-sonnet-4.5 $3'],
		['anthropic', 'claude-sonnet-4-5[1m]', 'anthropic/claude-sonnet-4-5 $3'],
		['anthropic', 'claude-opus-4[1m]', 'anthropic/claude-opus-4-0 $15'],
		['litellm', 'openai/gpt-5', 'openai/gpt-5 $1.25'],
		['litellm', 'vertex_ai/claude-sonnet-4-5@20250929', 'google/claude-sonnet-4-5 $3'],
		[
			'litellm',
			'bedrock/global.anthropic.claude-opus-4-5-20251101-v1:0',
			'aws/global.anthropic.claude-opus-4-5-v1:0 $5',
		],
		['litellm', 'publishers/google/models/gemini-2.5-pro', 'google/gemini-2.5-pro $1.25'],
		['google-vertex-anthropic', 'claude-sonnet-4-5@20250929', 'google/claude-sonnet-4-5 $3'],
		[
			'vertex',
			'projects/p/locations/global/publishers/anthropic/models/claude-sonnet-4-5@20250929',
			'google/claude-sonnet-4-5 $3',
		],
		[
			'amazon-bedrock',
			'apac.anthropic.claude-sonnet-4-5-20250929-v1:0',
			'aws/regional.anthropic.claude-sonnet-4-5-20250929-v1:0 $3.3',
		],
		['bedrock', 'arn:aws:bedrock:us-east-1:1:application-inference-profile/a1b2c3d4', 'none'],
		['azure', 'gpt-4o', 'azure/gpt-4o $2.5'],
		['azure', 'team-a-production', 'none'],
		['lite', 'mine:free', 'none'],
		['kilocode', 'deepseek/deepseek-r1:free', 'openrouter/deepseek/deepseek-r1:free $0'],
		['ollama', 'deepseek-r1', 'none'],
		['lmstudio', 'gpt-4o', 'none'],
		['anthropic', 'no-such-model', 'none'],
		['', '', 'none'],
		['openai', '/', 'none'],
	];
	for (const [provider, model, expected] of cases) {
		it(`finds ${expected} for ${provider}: ${model}`, () => assert.equal(named(provider, model), expected));
	}

	it('says so when the price is that of the maker and not of the gateway', () => {
		assert.match(found('some-gateway', 'claude-sonnet-4-5')?.note ?? '', /list price of anthropic/);
		assert.equal(found('anthropic', 'claude-sonnet-4-5')?.note, null);
	});

	it('does not stumble over names of object properties', () => {
		for (const name of ['constructor', '__proto__', 'toString']) assert.equal(found(name, name), null);
	});

	it('names the table it took the price from', () => {
		assert.match(found('openai', 'gpt-4o')?.tableDate ?? '', /^genai-prices \d+\.\d+\.\d+$/);
	});

	it('takes peak hours of the day into account', () => {
		const at = (time: string) =>
			findPrice(builtInPrices(), 'deepseek', 'deepseek-chat', Date.parse(`2026-11-21T${time}Z`))?.rates.input?.pico;
		assert.deepEqual(
			['00:29:59.999', '00:30:00', '16:29:59.999', '16:30:00'].map(at),
			[135_000, 270_000, 270_000, 135_000],
		);
	});
});

describe('price overrides', () => {
	it('win over the table, by model or by provider and model', () => {
		const own = { 'openai/gpt-4o': { input: 7, output: 8, cacheRead: 1 }, 'claude-*': { input: 9, output: 9 } };
		assert.equal(found('openai', 'gpt-4o', own)?.rates.input?.pico, 7_000_000);
		assert.equal(found('azure', 'gpt-4o', own)?.from, 'table');
		assert.deepEqual(
			[found('anthropic', 'claude-sonnet-4-5', own)?.model, found('anthropic', 'claude-sonnet-4-5', own)?.from],
			['claude-*', 'override'],
		);
	});

	it('know a provider by the name that the agent gives it, too', () => {
		assert.equal(found('openai-native', 'gpt-4o', { 'openai/gpt-4o': { input: 1, output: 1 } })?.from, 'override');
	});

	it('price what the table refuses to, such as a local server', () => {
		assert.equal(found('ollama', 'qwen3:8b', { 'ollama/*': { input: 0, output: 0 } })?.from, 'override');
	});

	it('take the most specific of several', () => {
		const rate = (name: string, own: Record<string, number>) =>
			found('p', name, Object.fromEntries(Object.entries(own).map(([key, input]) => [key, { input, output: 1 }])))
				?.rates.input?.pico;
		assert.equal(rate('abc', { '*': 1, 'a*': 2, 'ab*': 3, abc: 4, 'p/*': 5 }), 4_000_000);
		assert.equal(rate('abd', { '*': 1, 'a*': 2, 'ab*': 3, abc: 4 }), 3_000_000);
	});

	it('price cache writes of every time to live by one price, if only that is given', () => {
		const rates = found('p', 'm', { m: { input: 1, output: 1, cacheWrite: 2, cacheWrite1h: 3 } })?.rates;
		assert.deepEqual([rates?.cacheWrite5m?.pico, rates?.cacheWrite1h?.pico], [2_000_000, 3_000_000]);
	});

	it('match patterns with many stars in time in proportion to the name', () => {
		const own = parsePriceOverrides({ [`${'a*'.repeat(200)}b`]: { input: 1, output: 1 } });
		const time = (length: number) => {
			const start = performance.now();
			assert.equal(own[0]?.matches('a'.repeat(length)), false);
			return performance.now() - start;
		};
		time(1000);
		// Backtracking would take longer than the age of the world; 50 ms is for the clock and a busy machine.
		assert.ok(time(40_000) < 50 + 400 * Math.max(time(1000), 0.1));
	});

	it('match parts in order, and only once each', () => {
		const matches = (pattern: string, name: string) =>
			parsePriceOverrides({ [pattern]: { input: 1, output: 1 } })[0]?.matches(name);
		assert.deepEqual(
			[
				matches('a*b*c', 'a-b-c'),
				matches('a*b*c', 'a-c-b'),
				matches('ab*ba', 'aba'),
				matches('*', ''),
				matches('*x', 'axx'),
			],
			[true, false, false, true, true],
		);
	});

	it('are refused with the path and what to do', () => {
		const refusal = (setting: unknown) => {
			const result = priceOverridesSchema.safeParse(setting);
			assert.equal(result.success, false);
			return describeIssues(result.error);
		};
		assert.equal(refusal({ m: { input: -1, output: 1 } }), 'm.input: must not be negative');
		assert.equal(refusal({ m: { input: '3', output: 1 } }), 'm.input: must be a number: USD per million tokens');
		assert.match(
			refusal({ m: { input: 1, output: 1, cached: 1 } }),
			/^m: unknown name cached: use input, output, cacheRead/,
		);
		assert.match(refusal({ m: 3 }), /^m: must be an object such as/);
		assert.match(refusal([]), /^must be an object: the name of each model/);
	});
});

describe('loadPriceTable', () => {
	it('refuses what is no price table', () => {
		for (const json of [
			null,
			{},
			{ source: 'x', providers: [{ id: 'a', models: [['m']] }] },
			{ source: 'x', providers: [{ id: 'a', models: [['m', '1', 'no rule']] }] },
		]) {
			assert.throws(() => loadPriceTable(json));
		}
	});
});
