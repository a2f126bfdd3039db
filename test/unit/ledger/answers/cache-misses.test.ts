import assert from 'node:assert/strict';
import type { CallRow } from '../../../../src/core/views.ts';
import { cacheMisses, missCostNanoUsd } from '../../../../src/ledger/answers/cache-misses.ts';
import type { CallCost } from '../../../../src/ledger/ledger.ts';

const startMs = Date.UTC(2026, 2, 4, 10);

function row(
	seq: number,
	inputTokens: number | null,
	cacheReadTokens: number | null,
	more: Partial<CallRow> = {},
): CallRow {
	const startedAtMs = startMs + seq * 60_000;
	return {
		callId: `c${seq}`,
		sessionId: 's',
		agentId: 'a',
		seq,
		kind: 'chat',
		state: 'ok',
		provider: 'p',
		model: 'm',
		actualModel: null,
		startedAtMs,
		endedAtMs: startedAtMs + 10_000,
		inputTokens,
		cacheReadTokens,
		...more,
	} as CallRow;
}

function missed(...rows: CallRow[]): [string, number, number][] {
	return cacheMisses(rows).map(({ row: { callId }, tokens, pauseMs }) => [callId, tokens, pauseMs]);
}

describe('cache misses', () => {
	it('are prompts that were sent before and not read from the cache, with the pause before them', () => {
		assert.deepEqual(missed(row(3, 30_000, 0), row(1, 10_000, 0), row(2, 20_000, 9_900)), [['c3', 20_000, 50_000]]);
	});

	it('are told of in part: what was read is no miss, nor is the last block of a prompt', () => {
		assert.deepEqual(missed(row(1, 10_000, 0), row(2, 12_000, 6_000)), [['c2', 4_000, 50_000]]);
		assert.deepEqual(missed(row(1, 10_000, 0), row(2, 12_000, 9_100)), []);
		assert.deepEqual(missed(row(1, 10_000, 0), row(2, 12_000, 10_000)), []);
	});

	it('are none where nothing is known of the cache, and none of short prompts', () => {
		assert.deepEqual(missed(row(1, 10_000, null), row(2, 12_000, null)), []);
		assert.deepEqual(missed(row(1, null, 0), row(2, 12_000, 0)), []);
		assert.deepEqual(missed(row(1, 1_000, 0), row(2, 1_200, 0)), []);
	});

	it('are none between conversations: another task, model or kind of call, or a prompt that was condensed', () => {
		for (const more of [
			{ sessionId: 'other' },
			{ model: 'other' },
			{ actualModel: 'other' },
			{ kind: 'title' as const },
		]) {
			assert.deepEqual(missed(row(1, 10_000, 0), row(2, 12_000, 0, more)), []);
		}
		assert.deepEqual(missed(row(1, 10_000, 0), row(2, 9_000, 0)), []);
	});

	it('are none of calls side by side: the first was not in the cache yet', () => {
		const beside = { startedAtMs: startMs + 65_000 };
		assert.deepEqual(missed(row(1, 10_000, 0), row(2, 12_000, 0, beside)), []);
		assert.deepEqual(missed(row(1, 10_000, 0), row(2, 12_000, 0, { startedAtMs: startMs + 70_000 })), [
			['c2', 10_000, 0],
		]);
	});

	it('look past a call that tells no input, and one that is still running', () => {
		assert.deepEqual(
			missed(row(1, 10_000, 0), row(2, null, null), row(3, 11_000, null, { state: 'pending' }), row(4, 12_000, 0)),
			[['c4', 10_000, 170_000]],
		);
	});

	it('cost what was paid above reading from the cache, plain input before what was written anew', () => {
		const paid = {
			callId: 'c',
			cacheReadRatePicoUsd: 300_000,
			neverCached: false,
			cost: {
				lines: [
					{ bucket: 'uncachedInput', tokens: 1_000, ratePicoUsd: 3_000_000, tierStart: 0 },
					{ bucket: 'cacheWrite5m', tokens: 9_000, ratePicoUsd: 3_750_000, tierStart: 0 },
					{ bucket: 'output', tokens: 9_000, ratePicoUsd: 15_000_000, tierStart: 0 },
				],
			},
		} as CallCost;
		assert.equal(missCostNanoUsd({ tokens: 3_000 }, paid), 1_000 * 2_700 + 2_000 * 3_450);
		assert.equal(missCostNanoUsd({ tokens: 3_000 }, { ...paid, cacheReadRatePicoUsd: null }), null);
	});
});
