import assert from 'node:assert/strict';
import { cacheHitState, callDiagnostics, type DiagnosableCall, runSummary } from '../../../src/core/diagnostics.ts';
import { type Usage, unknownUsage } from '../../../src/core/usage.ts';

const usage = (over: Partial<Usage>): Usage => ({ ...unknownUsage, ...over });

function call(
	over: Partial<Omit<DiagnosableCall, 'row'>> & { row?: Partial<DiagnosableCall['row']> } = {},
): DiagnosableCall {
	return {
		usage: usage({
			inputTotal: 1000,
			uncachedInput: 100,
			cacheRead: 750,
			cacheWrite5m: 150,
			cacheWrite1h: 0,
			cacheWriteUnknownTtl: 0,
			output: 50,
		}),
		cost: { shownNanoUsd: 2_500_000 },
		inferenceProvider: null,
		serviceTier: null,
		...over,
		row: {
			sessionId: 'run-1',
			seq: 1,
			provider: 'anthropic',
			model: 'claude-sonnet-4-5',
			actualModel: null,
			startedAtMs: Date.UTC(2026, 10, 21, 12),
			endedAtMs: Date.UTC(2026, 10, 21, 12, 0, 1, 250),
			latencyMs: null,
			finishReason: 'stop',
			...over.row,
		},
	};
}

describe('per-call diagnostics: LlmCallDiagnostics', () => {
	it('has the fields of the data model', () => {
		assert.deepEqual(callDiagnostics(call({ inferenceProvider: 'DeepInfra', serviceTier: 'priority' })), {
			run_id: 'run-1',
			seq: 1,
			provider: 'anthropic',
			model: 'claude-sonnet-4-5',
			request_ts: '2026-11-21T12:00:00.000Z',
			response_ts: '2026-11-21T12:00:01.250Z',
			latency_ms: 1250,
			stop_reason: 'stop',
			usage: {
				input_tokens: 1000,
				output_tokens: 50,
				total_tokens: 1050,
				input_cached_tokens: 750,
				input_cache_creation_tokens: 150,
			},
			cache: { hit_state: 'hit', cache_read_tokens: 750, cache_creation_tokens: 150, cache_read_ratio: 0.75 },
			cost_usd: 0.0025,
			provider_meta_summary: 'inference_provider=DeepInfra, service_tier=priority',
		});
	});

	it('cache.hit_state is "hit" when tokens were read from cache', () =>
		assert.equal(cacheHitState(usage({ cacheRead: 1 })), 'hit'));

	it('cache.hit_state is "miss" when the provider said that none were', () =>
		assert.equal(cacheHitState(usage({ cacheRead: 0 })), 'miss'));

	it('cache.hit_state is "unknown" without usage, and without a word about the cache', () => {
		assert.equal(cacheHitState(null), 'unknown');
		assert.equal(cacheHitState(usage({ inputTotal: 10, output: 1 })), 'unknown');
	});

	it('cache_read_ratio divides by at least 1, and is null when not known', () => {
		const ratio = (over: Partial<Usage>) => callDiagnostics(call({ usage: usage(over) }))?.cache.cache_read_ratio;
		assert.equal(ratio({ inputTotal: 0, cacheRead: 0, output: 0 }), 0);
		assert.equal(ratio({ inputTotal: 10, output: 0 }), null);
		assert.equal(callDiagnostics(call({ usage: null }))?.cache.cache_read_ratio, null);
	});

	it('has usage and cost of null when they are not known', () => {
		const made = callDiagnostics(call({ usage: null, cost: { shownNanoUsd: null } }));
		assert.deepEqual([made?.usage, made?.cost_usd, made?.provider_meta_summary], [null, null, null]);
	});

	it('names the model that answered', () => {
		assert.equal(callDiagnostics(call({ row: { actualModel: 'other' } }))?.model, 'other');
	});

	it('prefers the measured latency over the difference of clock times', () => {
		assert.equal(callDiagnostics(call({ row: { latencyMs: 1249.6 } }))?.latency_ms, 1249.6);
	});

	it('has none for a call that is still pending', () => {
		assert.equal(callDiagnostics(call({ row: { endedAtMs: null }, usage: null, cost: null })), null);
	});
});

describe('per-call diagnostics: run summary', () => {
	it('totals calls, tokens, cached tokens, cache creation and cost', () => {
		assert.deepEqual(runSummary([call(), call({ cost: { shownNanoUsd: 500_000 } })]), {
			calls: 2,
			input_tokens: 2000,
			output_tokens: 100,
			total_tokens: 2100,
			input_cached_tokens: 1500,
			input_cache_creation_tokens: 300,
			cost_usd: 0.003,
			unpriced_calls: 0,
			calls_without_usage: 0,
		});
	});

	it('counts what it had to leave out', () => {
		const summary = runSummary([
			call(),
			call({ usage: null, cost: { shownNanoUsd: null } }),
			call({ row: { endedAtMs: null }, usage: null, cost: null }),
		]);
		assert.deepEqual(
			[summary.calls, summary.unpriced_calls, summary.calls_without_usage, summary.cost_usd],
			[3, 1, 1, 0.0025],
		);
	});

	it('knows no cost and no cached tokens where no call told', () => {
		const summary = runSummary([call({ usage: usage({ inputTotal: 5, output: 1 }), cost: { shownNanoUsd: null } })]);
		assert.deepEqual(
			[summary.cost_usd, summary.input_cached_tokens, summary.input_cache_creation_tokens],
			[null, null, null],
		);
		assert.equal(runSummary([]).calls, 0);
	});
});
