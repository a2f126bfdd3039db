import assert from 'node:assert/strict';
import type { SeriesBucket } from '../../../../src/core/views.ts';
import { costSeries, rankModels } from '../../../../webview/charts/cost-figures.ts';
import { FakeLedger } from '../../../browser/dev-page/fake-ledger.ts';

const range = [0, 100, 200].map((startMs) => ({ startMs, endMs: startMs + 100 }));
const group = (model: string, costNanoUsd: number, unpriced = 0) => ({
	provider: 'p',
	model,
	calls: 1,
	unpriced,
	costNanoUsd,
	subscriptionNanoUsd: 0,
	bound: 'exact' as const,
	inputTokens: 1,
	outputTokens: 1,
});

describe('figures of the cost charts', () => {
	it('lay each model in its bucket, and gather the rest', () => {
		const counted: SeriesBucket[] = [
			{ startMs: 0, endMs: 100, groups: [group('a', 5), group('z', 2)] },
			{ startMs: 200, endMs: 300, groups: [group('a', 7), group('b', 1), group('y', 3)] },
		];
		const ranked = ['a', 'b'].map((model) => ({ provider: 'p', model }));
		const { series, buckets, totalNanoUsd } = costSeries(range, counted, ranked);
		assert.deepEqual(series, [
			[5, 0, 7],
			[0, 0, 1],
			[2, 0, 3],
		]);
		assert.deepEqual(
			buckets.map(({ calls }) => calls),
			[2, 0, 3],
		);
		assert.equal(totalNanoUsd, 18);
	});

	it('count unpriced calls apart from the sum', () => {
		const { unpriced, totalNanoUsd } = costSeries(
			range,
			[{ startMs: 100, endMs: 200, groups: [group('a', 0, 1), group('b', 4)] }],
			[],
		);
		assert.deepEqual({ unpriced, totalNanoUsd }, { unpriced: 1, totalNanoUsd: 4 });
	});

	it('sum to the total of the cards, API and subscription together', () => {
		const ledger = new FakeLedger(500, 500_000, 1000);
		const whole = { fromMs: 0, toMs: 600_000 };
		const { totals, byModel } = ledger.overview({ kind: 'overview' });
		const counted = ledger.series({ kind: 'series', range: whole, granularity: 'hour', timeZone: 'UTC' });
		const { totalNanoUsd } = costSeries([{ startMs: whole.fromMs, endMs: whole.toMs }], counted, rankModels(byModel));
		assert.ok(totals.costNanoUsd > 0 && totals.subscriptionNanoUsd > 0);
		assert.equal(totalNanoUsd, totals.costNanoUsd + totals.subscriptionNanoUsd);
	});

	it('rank models by cost and leave out those without', () => {
		const { byModel } = new FakeLedger(500, 500_000, 1000).overview({ kind: 'overview' });
		const ranked = rankModels(byModel);
		assert.equal(ranked.length, 5);
		assert.ok(ranked.every(({ model }) => model !== 'llama3.3:70b'));
	});
});
