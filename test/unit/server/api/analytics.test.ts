import assert from 'node:assert/strict';
import { type LlmAnalyticsResult, llmAnalyticsSchema } from '../../../../src/core/outside/analytics-result.ts';
import { pairOf, Serving } from './serving.ts';

describe('GET /api/analytics/llm', () => {
	let serving: Serving;
	before(async () => {
		serving = new Serving();
		await serving.start();
		await serving.record(
			...pairOf({ callId: '1', at: '2026-02-08T10:05:00Z', costUsd: 0.1, latencyMs: 1_000 }),
			...pairOf({ callId: '2', at: '2026-02-08T10:55:00Z', costUsd: 0.2, latencyMs: 3_000, agentId: 'other' }),
			...pairOf({ callId: '3', at: '2026-02-08T12:30:00Z', costUsd: 0.4, provider: 'second', model: 'second-1' }),
			...pairOf({ callId: '4', at: '2026-02-10T23:30:00Z', costUsd: null, inputTokens: 7, outputTokens: 3 }),
		);
	});
	after(() => serving.stop());

	const ask = (query: string) => serving.get<LlmAnalyticsResult>(`/analytics/llm?${query}`);
	const day = 'from=2026-02-08T00:00:00Z&to=2026-02-09T00:00:00Z';
	const week = 'from=2026-02-08T00:00:00Z&to=2026-02-12T00:00:00Z';
	const refusal = async (query: string) => {
		const response = await serving.ask(`/analytics/llm?${query}`);
		const { error } = (await response.json()) as { error: { message: string; issues: { path: string }[] } };
		return { status: response.status, path: error.issues[0]?.path, message: error.message };
	};

	it('story 2.2: endpoint returns aggregated LLM metrics: summary, byModel and byTime, in the shape of the specification', async () => {
		const answer = await ask(day);
		assert.deepEqual(llmAnalyticsSchema.parse(answer), answer);
		const { totalCalls, totalCostUsd, totalInputTokens, totalOutputTokens, avgLatencyMs, avgCostPerCall } =
			answer.summary;
		assert.deepEqual(
			[totalCalls, totalCostUsd, totalInputTokens, totalOutputTokens, Math.round(avgLatencyMs ?? 0)],
			[3, 0.7, 300, 60, 1_667],
		);
		assert.equal(avgCostPerCall?.toFixed(6), (0.7 / 3).toFixed(6));
		assert.deepEqual(
			answer.byModel.map(({ provider, model, calls, costUsd }) => [provider, model, calls, costUsd]).sort(),
			[
				['house', 'house-1', 2, 0.3],
				['second', 'second-1', 1, 0.4],
			],
		);
	});

	it('story 2.2: the sums of models and of buckets are those of the summary', async () => {
		const { summary, byModel, byTime } = await ask(`${week}&granularity=day`);
		for (const parts of [byModel, byTime]) {
			assert.equal(
				parts.reduce((sum, { calls }) => sum + calls, 0),
				summary.totalCalls,
			);
			assert.equal(
				parts.reduce((sum, { inputTokens }) => sum + inputTokens, 0),
				summary.totalInputTokens,
			);
			assert.equal(
				parts.reduce((sum, { costUsd }) => sum + (costUsd ?? 0), 0).toFixed(9),
				summary.totalCostUsd?.toFixed(9),
			);
		}
	});

	it('story 2.2: a sum without a price is null and not 0, and says how many calls have none', async () => {
		const { summary, byTime } = await ask('from=2026-02-10T00:00:00Z&to=2026-02-11T00:00:00Z&granularity=day');
		assert.deepEqual(
			[summary.totalCalls, summary.totalCostUsd, summary.avgCostPerCall, summary.unpricedCalls, byTime[0]?.costUsd],
			[1, null, null, 1, null],
		);
	});

	for (const [filter, calls] of Object.entries({
		'agentId=other': ['2'],
		'model=second-1': ['3'],
		'provider=house': ['1', '2', '4'],
		'provider=house&agentId=agent': ['1', '4'],
		'model=no-such-model': [],
	})) {
		it(`story 2.2: filters by agent, model, provider work: ${filter}`, async () => {
			const { summary, byTime } = await ask(`${week}&granularity=day&${filter}`);
			assert.equal(summary.totalCalls, calls.length);
			assert.equal(byTime.length, 4);
		});
	}

	it('story 2.2: time bucketing by the hour: ISO 8601 starts, oldest first, empty hours present', async () => {
		const { byTime } = await ask(day);
		assert.equal(byTime.length, 24);
		assert.equal(byTime[10]?.bucket, '2026-02-08T10:00:00.000Z');
		assert.deepEqual(
			byTime.slice(9, 13).map(({ calls, costUsd }) => [calls, costUsd]),
			[
				[0, 0],
				[2, 0.3],
				[0, 0],
				[1, 0.4],
			],
		);
	});

	it('story 2.2: time bucketing by day and by ISO week, in the zone that is asked for', async () => {
		const days = await ask(`${week}&granularity=day&tz=Asia/Tokyo`);
		// 23:30 UTC on the 10th is the 11th in Tokyo.
		assert.deepEqual(
			days.byTime.map(({ bucket, calls }) => [bucket, calls]),
			[
				['2026-02-07T15:00:00.000Z', 3],
				['2026-02-08T15:00:00.000Z', 0],
				['2026-02-09T15:00:00.000Z', 0],
				['2026-02-10T15:00:00.000Z', 1],
				['2026-02-11T15:00:00.000Z', 0],
			],
		);
		const weeks = await ask(`${week}&granularity=week`);
		assert.deepEqual(
			weeks.byTime.map(({ bucket, calls }) => [bucket, calls]),
			[
				['2026-02-02T00:00:00.000Z', 3],
				['2026-02-09T00:00:00.000Z', 1],
			],
		);
	});

	it('story 2.2: has percentiles and cache counts beside what the specification asks for', async () => {
		const { summary } = await ask(day);
		assert.ok((summary.p50LatencyMs ?? 0) > 900 && (summary.p50LatencyMs ?? 0) < 1_100);
		assert.ok((summary.p99LatencyMs ?? 0) > 2_800 && (summary.p99LatencyMs ?? 0) < 3_200);
		assert.deepEqual([summary.totalCacheReadTokens, summary.totalCacheWriteTokens], [0, 0]);
	});

	it('tells of the last 24 hours, by the hour, when nothing else is asked for', async () => {
		await serving.record(...pairOf({ callId: 'now', at: new Date(Date.now() - 5_000).toISOString(), agentId: 'now' }));
		const { summary, byTime } = await ask('agentId=now');
		assert.equal(summary.totalCalls, 1);
		assert.equal(byTime.length, 25);
		assert.ok(Date.now() - Date.parse(byTime[0]?.bucket ?? '') < 25 * 3_600_000);
	});

	it('says with its path what it cannot be asked', async () => {
		assert.deepEqual(await refusal('from=yesterday'), {
			status: 400,
			path: 'from',
			message: 'from: from must be ISO 8601 with a zone',
		});
		assert.deepEqual(
			[(await refusal('granularity=minute')).status, (await refusal('granularity=minute')).path],
			[400, 'granularity'],
		);
		assert.equal((await refusal('from=2026-02-09T00:00:00Z&to=2026-02-08T00:00:00Z')).path, 'from');
		assert.equal((await refusal('tz=Nowhere/Town')).path, 'tz');
		assert.equal((await refusal('agent=other')).path, 'agent');
		assert.match((await refusal('model=a&model=b')).message ?? '', /model: stands more than once/);
	});

	it('refuses a range of more buckets than anyone can read, and says what to do', async () => {
		const { status, message } = await refusal('from=1990-01-01T00:00:00Z');
		assert.equal(status, 400);
		assert.match(message, /more than 20,000 buckets; choose a wider granularity/);
		assert.equal((await serving.ask('/analytics/llm?from=1990-01-01T00:00:00Z&granularity=week')).status, 200);
	});
});
