import assert from 'node:assert/strict';
import { callDraft, openStore, parsed, responseDraft, temporaryFolder, usage } from './support.ts';

describe('costs of calls', () => {
	const folder = temporaryFolder();
	after(() => folder.clean());

	it('come line by line, with what reading from the cache would have cost, for calls that have ended', () => {
		const store = openStore(folder.file);
		try {
			store.record(
				parsed([
					callDraft('missed'),
					responseDraft('missed', { usage: usage({ inputTotal: 1000, uncachedInput: 1000, output: 10 }) }),
					callDraft('unpriced', { model: 'a-model-nobody-prices', provider: 'somewhere' }),
					responseDraft('unpriced', { model: 'a-model-nobody-prices', provider: 'somewhere' }),
					callDraft('uncacheable', { model: 'gpt-4', provider: 'openai' }),
					responseDraft('uncacheable', { model: 'gpt-4', provider: 'openai' }),
					callDraft('running'),
				]),
			);
			const costs = store.costs(['missed', 'unpriced', 'uncacheable', 'running', 'nobody']);
			assert.deepEqual(
				costs.map(({ callId, cost, cacheReadRatePicoUsd, neverCached }) => [
					callId,
					cost.shownNanoUsd,
					cacheReadRatePicoUsd,
					neverCached,
				]),
				[
					// claude-sonnet-4-5: 3 USD a million input tokens, 15 output, 0.3 from cache.
					['missed', 3_150_000, 300_000, false],
					['unpriced', null, null, false],
					// gpt-4: 30 and 60; OpenAI never cached it.
					['uncacheable', 4_200_000, null, true],
				],
			);
			assert.deepEqual(costs[0]?.cost.lines[0], {
				bucket: 'uncachedInput',
				tokens: 1000,
				ratePicoUsd: 3_000_000,
				tierStart: 0,
			});
		} finally {
			store.close();
		}
	});

	it('know the user’s own prices also in a ledger that is only looked at, and what is not known of prices that went', () => {
		const file = `${folder.file}-own`;
		const prices = { 'my-model': { input: 10, output: 10, cacheRead: 1 } };
		const store = openStore(file, { prices });
		store.record(parsed([callDraft('own', { model: 'my-model' }), responseDraft('own', { model: 'my-model' })]));
		store.close();
		for (const [own, cacheReadRatePicoUsd] of [
			[prices, 1_000_000],
			[{}, null],
		] as const) {
			const reader = openStore(file, { readOnly: true, prices: own });
			const [cost] = reader.costs(['own']);
			reader.close();
			assert.deepEqual([cost?.cacheReadRatePicoUsd, cost?.neverCached], [cacheReadRatePicoUsd, false]);
		}
	});
});
