import assert from 'node:assert/strict';
import type { LlmAnalyticsResult } from '../../../../src/core/outside/analytics-result.ts';
import { pairOf, Serving } from './serving.ts';

describe('story 2.3: events over HTTP', () => {
	let serving: Serving;
	beforeEach(async () => {
		serving = new Serving();
		await serving.start();
	});
	afterEach(() => serving.stop());

	it('story 2.3: ingest: llm_call and llm_response are recorded, with id, hash and callId for each, in order', async () => {
		const { events, rejected } = await serving.record(...pairOf({ callId: 'a' }), ...pairOf({ callId: 'b' }));
		assert.equal(rejected, 0);
		assert.deepEqual(
			events.map(({ callId, outcome }) => [callId, outcome]),
			[
				['a', 'appended'],
				['a', 'appended'],
				['b', 'appended'],
				['b', 'appended'],
			],
		);
		for (const { id, hash } of events) {
			assert.match(id ?? '', /^[0-9A-HJKMNP-TV-Z]{26}$/);
			assert.match(hash ?? '', /^[0-9a-f]{64}$/);
		}
		const { calls } = await serving.get<{ calls: { callId: string }[] }>('/calls?sort=oldest');
		assert.deepEqual(calls.map(({ callId }) => callId).sort(), ['a', 'b']);
		const sums = await serving.get<LlmAnalyticsResult>(
			'/analytics/llm?from=2026-02-08T00:00:00Z&to=2026-02-09T00:00:00Z',
		);
		assert.equal(sums.summary.totalCalls, 2);
		assert.equal(sums.byTime.length, 24);
	});
});
