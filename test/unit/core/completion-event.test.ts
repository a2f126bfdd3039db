import assert from 'node:assert/strict';
import {
	type CompletionContext,
	completionEvent,
	completionEventSchema,
	LLM_COMPLETION,
} from '../../../src/core/completion-event.ts';
import type { Usage } from '../../../src/core/usage.ts';
import { unknownUsage } from '../../../src/core/usage.ts';
import { responseDraft } from './drafts.ts';

const context: CompletionContext = {
	taskId: 'task-1',
	parentTaskId: 'task-0',
	mode: 'code',
	modelId: 'claude-sonnet-4-5',
	apiProvider: 'anthropic',
	appVersion: '0.1.0',
	vscodeVersion: '1.125.0',
	platform: 'linux',
};
const usage = (over: Partial<Usage>): Usage => ({ ...unknownUsage, ...over });
const event = (over: Parameters<typeof responseDraft>[0] = {}, shownNanoUsd: number | null = 4_800_000) =>
	completionEvent(responseDraft(over), { shownNanoUsd }, context);
const properties = (over: Parameters<typeof responseDraft>[0], shownNanoUsd?: number | null) =>
	event(over, shownNanoUsd)?.properties;

describe('LLM Completion event', () => {
	it('is named "LLM Completion"', () => {
		assert.equal(LLM_COMPLETION, 'LLM Completion');
		assert.equal(event()?.name, 'LLM Completion');
	});

	it('properties: has exactly those of the table, and the standard context', () => {
		const made = event({
			usage: usage({
				inputTotal: 120,
				uncachedInput: 10,
				cacheRead: 90,
				cacheWrite5m: 20,
				cacheWrite1h: 0,
				cacheWriteUnknownTtl: 0,
				output: 8,
			}),
			inferenceProvider: 'DeepInfra',
		});
		assert.deepEqual(made?.properties, {
			...context,
			inputTokens: 120,
			outputTokens: 8,
			cacheWriteTokens: 20,
			cacheReadTokens: 90,
			cost: 0.0048,
			completionTime: 905.25,
			inferenceProvider: 'DeepInfra',
		});
		assert.deepEqual(completionEventSchema.parse(made), made);
	});

	it('properties: inputTokens is the total after normalisation, cache included', () => {
		assert.equal(properties({ usage: usage({ uncachedInput: 10, cacheRead: 90, output: 1 }) })?.inputTokens, 100);
	});

	it('properties: cache counts that are not known are 0', () => {
		const made = properties({ usage: usage({ inputTotal: 5, output: 1 }) });
		assert.deepEqual([made?.cacheWriteTokens, made?.cacheReadTokens], [0, 0]);
	});

	it('properties: cost, completionTime and inferenceProvider are left out when not known', () => {
		const made = properties({ completionTimeMs: null }, null);
		assert.ok(made);
		assert.deepEqual(
			Object.keys(made).filter((key) => ['cost', 'completionTime', 'inferenceProvider'].includes(key)),
			[],
		);
	});

	it('has a cost of 0 for a model that is free', () => {
		assert.equal(properties({}, 0)?.cost, 0);
	});

	for (const [what, counts] of [
		['input', { inputTotal: 1, output: 0 }],
		['output', { inputTotal: 0, output: 1 }],
		['cache-write', { cacheWriteUnknownTtl: 1 }],
		['cache-read', { cacheRead: 1 }],
	] as const) {
		it(`guard: fires when only ${what} tokens are above 0`, () =>
			assert.notEqual(event({ usage: usage(counts) }), null));
	}

	it('guard: does not fire when no count is above 0', () => {
		assert.equal(event({ usage: usage({ inputTotal: 0, cacheRead: 0, output: 0 }) }), null);
		assert.equal(event({ usage: unknownUsage }), null);
		assert.equal(event({ usage: null }), null);
	});

	it('does not fire for history that was imported', () => {
		assert.equal(event({ origin: { source: 'kilo', live: false } }), null);
	});

	it('carries no content', () => {
		assert.doesNotMatch(
			JSON.stringify(event({ completion: 'plum', reasoning: 'plum', error: { message: 'plum' } })),
			/plum/,
		);
	});
});
