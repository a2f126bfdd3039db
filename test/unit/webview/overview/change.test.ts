import assert from 'node:assert/strict';
import type { Totals } from '../../../../src/core/views.ts';
import { Format } from '../../../../webview/format.ts';
import { changesOf } from '../../../../webview/overview/change.ts';

const format = new Format('en', 'UTC');
const nothing: Totals = {
	calls: 0,
	pending: 0,
	errors: 0,
	cancelled: 0,
	unpriced: 0,
	usageMissing: 0,
	inputTokens: 0,
	outputTokens: 0,
	cacheReadTokens: 0,
	cacheToldTokens: 0,
	cacheWriteTokens: 0,
	reasoningTokens: 0,
	costNanoUsd: 0,
	subscriptionNanoUsd: 0,
	bound: 'exact',
	latency: { avgMs: null, p50Ms: null, p90Ms: null, p99Ms: null },
};
const changes = (now: Partial<Totals>, before: Partial<Totals>) =>
	changesOf(format, { ...nothing, ...now }, { ...nothing, ...before });

describe('a change against the period before', () => {
	it('is a share of what was', () => {
		assert.deepEqual(changes({ calls: 150 }, { calls: 100 }).calls, { direction: 'up', size: '50%' });
		assert.deepEqual(changes({ calls: 25 }, { calls: 100 }).calls, { direction: 'down', size: '75%' });
		assert.deepEqual(changes({ calls: 100 }, { calls: 100 }).calls, { direction: 'same', size: 'no change' });
	});

	it('from nothing has no share', () => {
		assert.deepEqual(changes({ calls: 3 }, { calls: 0 }).calls, { direction: 'up', size: 'from nothing' });
	});

	it('of the cache hit rate is in points', () => {
		const hit = (share: number) => ({ inputTokens: 9000, cacheToldTokens: 1000, cacheReadTokens: 1000 * share });
		assert.deepEqual(changes(hit(0.8), hit(0.7)).cacheHit, { direction: 'up', size: '10 pts' });
		assert.equal(changes(hit(0.8), {}).cacheHit, undefined);
		// Input of which nobody said whether it was cached is neither hit nor miss.
		assert.equal(changes({ inputTokens: 500 }, hit(0.8)).cacheHit, undefined);
	});

	it('of latency is not told when one of the two is unknown', () => {
		const latency = (avgMs: number | null) => ({ latency: { ...nothing.latency, avgMs } });
		assert.equal(changes(latency(5), latency(null)).latency, undefined);
		assert.deepEqual(changes(latency(5), latency(10)).latency, { direction: 'down', size: '50%' });
	});

	it('of a cost that leaves calls out is a rough one, and none where nothing has a price', () => {
		const before = { calls: 1, costNanoUsd: 100 };
		assert.deepEqual(changes({ costNanoUsd: 200, unpriced: 1 }, before).cost, { direction: 'up', size: '≈ 100%' });
		assert.equal(changes({ costNanoUsd: 0, unpriced: 2 }, before).cost, undefined);
		assert.equal(changes({ subscriptionNanoUsd: 9 }, { subscriptionNanoUsd: 5 }).cost, undefined);
	});
});
