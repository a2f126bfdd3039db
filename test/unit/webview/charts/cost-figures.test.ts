import assert from 'node:assert/strict';
import type { SeriesBucket } from '../../../../src/core/views.ts';
import { boundOfSum, costSeries, drawnBilling, rankModels } from '../../../../webview/charts/cost-figures.ts';
import { FakeLedger } from '../../../browser/dev-page/fake-ledger.ts';

type Group = SeriesBucket['groups'][number];

const range = [0, 100, 200].map((startMs) => ({ startMs, endMs: startMs + 100 }));
const group = (model: string, costNanoUsd: number, over: Partial<Group> = {}): Group => ({
	provider: 'p',
	model,
	calls: 1,
	unpriced: 0,
	costNanoUsd,
	subscriptionNanoUsd: 0,
	bound: 'exact',
	inputTokens: 1,
	outputTokens: 1,
	...over,
});
const bucketOf = (index: number, ...groups: Group[]): SeriesBucket => ({
	startMs: index * 100,
	endMs: index * 100 + 100,
	groups,
});

describe('figures of the cost charts', () => {
	it('lay each model in its bucket, and gather the rest', () => {
		const counted = [
			bucketOf(0, group('a', 5), group('z', 2)),
			bucketOf(2, group('a', 7), group('b', 1), group('y', 3)),
		];
		const ranked = ['a', 'b'].map((model) => ({ provider: 'p', model }));
		const { lines, buckets, total } = costSeries(range, counted, ranked, 'api');
		assert.deepEqual(
			lines.map(({ buckets }) => buckets.map(({ nanoUsd }) => nanoUsd)),
			[
				[5, 0, 7],
				[0, 0, 1],
				[2, 0, 3],
			],
		);
		assert.deepEqual(
			lines.map(({ sum }) => sum.nanoUsd),
			[12, 1, 5],
		);
		assert.deepEqual(
			buckets.map(({ calls }) => calls),
			[2, 0, 3],
		);
		assert.equal(total.nanoUsd, 18);
	});

	it('count unpriced calls apart from the sum, which is then a lower bound', () => {
		const counted = [bucketOf(1, group('a', 0, { unpriced: 1 }), group('b', 4))];
		const { total, buckets } = costSeries(range, counted, [], 'api');
		assert.deepEqual([total.unpriced, total.nanoUsd, total.bound], [1, 4, 'atLeast']);
		assert.deepEqual(
			buckets.map(({ bound }) => bound),
			['exact', 'atLeast', 'exact'],
		);
	});

	it('keep what a subscription pays for out of what is billed', () => {
		const counted = [
			bucketOf(0, group('a', 5, { subscriptionNanoUsd: 900 }), group('b', 0, { subscriptionNanoUsd: 30 })),
		];
		const api = costSeries(range, counted, [], 'api').total;
		assert.deepEqual([api.nanoUsd, api.apartNanoUsd], [5, 930]);
		const subscription = costSeries(range, counted, [], 'subscription').total;
		assert.deepEqual([subscription.nanoUsd, subscription.apartNanoUsd], [930, 0]);
	});

	it('draw what subscriptions pay for only where nothing is billed', () => {
		assert.equal(drawnBilling({ costNanoUsd: 1, subscriptionNanoUsd: 900 }), 'api');
		assert.equal(drawnBilling({ costNanoUsd: 0, subscriptionNanoUsd: 900 }), 'subscription');
		assert.equal(drawnBilling({ costNanoUsd: 0, subscriptionNanoUsd: 0 }), 'api');
	});

	it('are bounded as their parts are', () => {
		const sum = (...bounds: Group['bound'][]) => boundOfSum(bounds.map((bound) => ({ bound, unpriced: 0 })));
		assert.equal(sum(), 'exact');
		assert.equal(sum('exact', 'atMost'), 'atMost');
		assert.equal(sum('atLeast', 'exact'), 'atLeast');
		assert.equal(sum('atLeast', 'atMost'), 'about');
		assert.equal(sum('about', 'exact'), 'about');
		assert.equal(boundOfSum([{ bound: 'atMost', unpriced: 2 }]), 'about');
	});

	for (const billing of ['api', 'subscription'] as const) {
		it(`sum to the total of the cards: ${billing}`, () => {
			const ledger = new FakeLedger(500, 500_000, 1000);
			const whole = { fromMs: 0, toMs: 600_000 };
			const { totals, byModel } = ledger.overview({ kind: 'overview' });
			const counted = ledger.series({ kind: 'series', range: whole, granularity: 'hour', timeZone: 'UTC' });
			const buckets = [{ startMs: whole.fromMs, endMs: whole.toMs }];
			const { total } = costSeries(buckets, counted, rankModels(byModel, billing), billing);
			const expected = billing === 'api' ? totals.costNanoUsd : totals.subscriptionNanoUsd;
			assert.ok(expected > 0);
			assert.equal(total.nanoUsd, expected);
			assert.equal(total.apartNanoUsd, billing === 'api' ? totals.subscriptionNanoUsd : 0);
		});
	}

	it('rank models by what is drawn and leave out those without', () => {
		const { byModel } = new FakeLedger(500, 500_000, 1000).overview({ kind: 'overview' });
		const billed = rankModels(byModel, 'api').map(({ model }) => model);
		assert.ok(billed.length > 3);
		assert.ok(!billed.includes('llama3.3:70b') && !billed.includes('claude-opus-4-6'));
		assert.deepEqual(
			rankModels(byModel, 'subscription').map(({ model }) => model),
			['claude-opus-4-6'],
		);
	});
});
