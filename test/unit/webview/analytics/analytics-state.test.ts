import assert from 'node:assert/strict';
import { initialAnalytics, restoreAnalytics } from '../../../../webview/analytics/analytics-state.ts';
import { offeredFor, usedFor } from '../../../../webview/analytics/granularities.ts';

const day = 86_400_000;

describe('what the Analytics page keeps', () => {
	it('comes back as it was', () => {
		const kept = {
			filter: { agentId: 'codex', model: 'gpt-5.4' },
			granularity: 'week' as const,
			sorts: { models: { column: 'calls', descending: false } },
		};
		assert.deepEqual(restoreAnalytics(JSON.parse(JSON.stringify(kept))), kept);
	});

	it('falls back field by field when another version wrote it', () => {
		assert.deepEqual(restoreAnalytics(undefined), initialAnalytics);
		assert.deepEqual(
			restoreAnalytics({
				filter: { agentId: 7, model: 'm' },
				granularity: 'month',
				sorts: { models: 'up', agents: [] },
			}),
			{ filter: { model: 'm' }, granularity: null, sorts: {} },
		);
	});
});

describe('how calls are put together', () => {
	const range = (days: number) => ({ fromMs: 0, toMs: days * day });

	it('is by hour, day or week as suits the range, or as was chosen', () => {
		assert.equal(usedFor(null, range(1)), 'hour');
		assert.equal(usedFor(null, range(30)), 'day');
		assert.equal(usedFor(null, range(400)), 'week');
		assert.equal(usedFor('hour', range(30)), 'hour');
		assert.equal(usedFor('week', range(1)), 'week');
	});

	it('offers nothing that gives more bars than can be seen', () => {
		assert.deepEqual(offeredFor(range(30)), ['hour', 'day', 'week']);
		assert.deepEqual(offeredFor(range(400)), ['day', 'week']);
		assert.deepEqual(offeredFor(range(10_000)), ['week']);
		assert.equal(usedFor('hour', range(400)), 'week');
	});
});
