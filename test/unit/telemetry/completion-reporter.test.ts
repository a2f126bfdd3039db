import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'mocha';
import type { CompletionEvent } from '../../../src/core/completion-event.ts';
import { CompletionReporter } from '../../../src/telemetry/completion-reporter.ts';
import { callDraft, responseDraft } from '../core/drafts.ts';

const standard = {
	appName: 'callmeter.callmeter',
	appVersion: '0.1.0',
	vscodeVersion: '1.125.0',
	platform: 'linux',
	editorName: 'Visual Studio Code',
	language: 'en',
};

const stored = (nanoUsd: number | null, callId = 'call-1') => ({
	callId,
	cost: { nanoUsd, basis: 'computed', bound: 'exact', diverges: false, billing: 'api' } as const,
});

describe('LLM Completion of live calls', () => {
	let events: CompletionEvent[];
	let reporter: CompletionReporter;

	beforeEach(() => {
		events = [];
		reporter = new CompletionReporter(standard, (event) => events.push(event));
	});

	it('has exactly the properties of its specification and the standard context', () => {
		reporter.began(callDraft({ mode: 'ask', parentSessionId: 'task-0' }));
		reporter.ended(responseDraft({ inferenceProvider: 'bedrock' }));
		reporter.stored(stored(4_800_000));
		assert.deepEqual(events, [
			{
				name: 'LLM Completion',
				properties: {
					...standard,
					taskId: 'task-1',
					parentTaskId: 'task-0',
					mode: 'ask',
					modelId: 'claude-sonnet-4-5',
					apiProvider: 'anthropic',
					agentId: 'callmeter',
					inputTokens: 1200,
					outputTokens: 80,
					cacheWriteTokens: 0,
					cacheReadTokens: 0,
					cost: 0.0048,
					completionTime: 905.25,
					inferenceProvider: 'bedrock',
				},
			},
		]);
	});

	it('waits for the ledger to price the call', () => {
		reporter.began(callDraft());
		reporter.ended(responseDraft());
		assert.equal(events.length, 0);
		reporter.stored(stored(1));
		assert.equal(events.length, 1);
	});

	it('has no cost when the call has no known price', () => {
		reporter.ended(responseDraft());
		reporter.stored(stored(null));
		assert.equal(events.length, 1);
		assert.equal(Object.hasOwn(events[0]?.properties ?? {}, 'cost'), false);
	});

	it('fires without a cost when the ledger refuses the call', () => {
		reporter.ended(responseDraft());
		reporter.notStored('call-1');
		assert.equal(events.length, 1);
		assert.equal(Object.hasOwn(events[0]?.properties ?? {}, 'cost'), false);
	});

	it('fires for every call that waits when the ledger fails', () => {
		reporter.ended(responseDraft());
		reporter.ended(responseDraft({ callId: 'call-2' }));
		reporter.noneStored();
		assert.equal(events.length, 2);
	});

	it('fires once a call, also when its response is told again or corrected', () => {
		reporter.ended(responseDraft());
		reporter.stored(stored(1));
		reporter.ended(responseDraft({ latencyMs: 1 }));
		reporter.stored(stored(2));
		reporter.noneStored();
		assert.equal(events.length, 1);
	});

	it('fires once when the usage of a cancelled call comes late', () => {
		reporter.began(callDraft({ mode: 'ask' }));
		for (const usage of [null, responseDraft().usage, responseDraft().usage]) {
			reporter.ended(responseDraft({ state: 'cancelled', usage }));
			reporter.stored(stored(1));
			reporter.settled('call-1');
		}
		assert.deepEqual(
			events.map(({ properties }) => [properties.inputTokens, properties.mode]),
			[[1200, 'ask']],
		);
	});

	it('never fires for imported history', () => {
		const origin = { source: 'claude-code', live: false };
		reporter.began(callDraft({ origin }));
		reporter.ended(responseDraft({ origin }));
		reporter.stored(stored(1));
		assert.deepEqual(events, []);
	});

	it('never fires for a call of another window', () => {
		reporter.stored(stored(1, 'elsewhere'));
		assert.deepEqual(events, []);
	});

	it('tells the model and provider that were asked for, not those of a later switch', () => {
		reporter.began(callDraft({ model: 'asked', provider: 'first' }));
		reporter.ended(responseDraft({ model: 'answered', provider: 'second' }));
		reporter.stored(stored(1));
		assert.equal(events[0]?.properties.modelId, 'asked');
		assert.equal(events[0]?.properties.apiProvider, 'first');
	});

	it('holds no content', () => {
		const secret = 'the-users-own-words';
		reporter.began(
			callDraft({
				title: secret,
				systemPrompt: secret,
				folder: `/${secret}`,
				gitBranch: secret,
				messages: [{ role: 'user', content: secret }],
			}),
		);
		reporter.ended(responseDraft({ completion: secret, reasoning: secret, error: { message: secret } }));
		reporter.stored(stored(1));
		assert.equal(events.length, 1);
		assert.equal(JSON.stringify(events).includes(secret), false);
	});

	it('drops what waits when telemetry is switched off', () => {
		reporter.began(callDraft());
		reporter.ended(responseDraft());
		reporter.forget();
		reporter.stored(stored(1));
		reporter.noneStored();
		assert.deepEqual(events, []);
	});

	it('still reports a call that was under way when telemetry was switched off and on again', () => {
		reporter.began(callDraft());
		reporter.forget();
		reporter.ended(responseDraft());
		reporter.stored(stored(1));
		assert.equal(events.length, 1);
	});
});
