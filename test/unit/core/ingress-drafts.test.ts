import assert from 'node:assert/strict';
import type { ResponseDraft } from '../../../src/core/draft.ts';
import type { LlmResponsePayload } from '../../../src/core/ingress.ts';
import { draftFromIngress } from '../../../src/core/ingress-drafts.ts';
import { callPayload, responsePayload } from './samples.ts';

const sender = { sessionId: 'task-1', agentId: 'sdk', atMs: 1_700_000_000_000, origin: { source: 'http' } };

function responseFrom(payload: LlmResponsePayload): ResponseDraft {
	const draft = draftFromIngress({ ...sender, eventType: 'llm_response', payload });
	assert.equal(draft.eventType, 'llm_response');
	return draft;
}

const usage = (over: Partial<LlmResponsePayload['usage']>) =>
	responseFrom(responsePayload({ usage: { inputTokens: 100, outputTokens: 20, totalTokens: 120, ...over } }));

describe('draftFromIngress', () => {
	it('takes a request over whole', () => {
		const draft = draftFromIngress({
			...sender,
			eventType: 'llm_call',
			payload: callPayload({ systemPrompt: 'Be brief.', parameters: { temperature: 0 }, tools: [{ name: 't' }] }),
			context: { title: 'Task', folder: '/p' },
		});
		assert.equal(draft.eventType, 'llm_call');
		assert.deepEqual(
			[
				draft.callId,
				draft.sessionId,
				draft.startedAtMs,
				draft.title,
				draft.folder,
				draft.systemPrompt,
				draft.contentState,
			],
			['call-1', 'task-1', sender.atMs, 'Task', '/p', 'Be brief.', 'full'],
		);
		assert.deepEqual([draft.messages, draft.tools], [callPayload().messages, [{ name: 't' }]]);
	});

	it('holds a redacted payload to that', () => {
		const draft = draftFromIngress({ ...sender, eventType: 'llm_call', payload: callPayload({ redacted: true }) });
		assert.equal('contentState' in draft && draft.contentState, 'redacted');
	});

	it('counts the cache into the input and tells it apart', () => {
		const draft = usage({ cacheReadTokens: 60, cacheWriteTokens: 30 });
		assert.deepEqual(
			[draft.usage?.inputTotal, draft.usage?.uncachedInput, draft.usage?.cacheRead, draft.usage?.cacheWriteUnknownTtl],
			[100, 10, 60, 30],
		);
		assert.deepEqual(draft.usageNotes, []);
	});

	it('knows nothing of a cache that was not mentioned', () => {
		const draft = usage({});
		assert.deepEqual(
			[draft.usage?.uncachedInput, draft.usage?.cacheRead, draft.usage?.cacheWriteUnknownTtl],
			[null, null, null],
		);
	});

	it('adds thinking that the total shows to be counted apart', () => {
		assert.deepEqual(usage({ thinkingTokens: 7, totalTokens: 127 }).usage?.output, 27);
		assert.deepEqual(usage({ thinkingTokens: 7 }).usage?.output, 20);
	});

	it('notes a total that does not add up', () => {
		assert.match(usage({ totalTokens: 999 }).usageNotes.join(), /totalTokens is 999/);
	});

	it('takes the cost as the agent reported it', () => {
		const draft = responseFrom(responsePayload());
		assert.deepEqual([draft.reportedCostUsd, draft.reportedBy, draft.latencyMs], [0.0048, 'agent', 912.5]);
	});

	it('reads the state from the finish reason', () => {
		const states = ['stop', 'tool_use', 'error', 'cancelled', 'aborted'].map(
			(finishReason) => responseFrom(responsePayload({ finishReason })).state,
		);
		assert.deepEqual(states, ['ok', 'ok', 'error', 'cancelled', 'cancelled']);
	});

	it('takes over a cost without tokens', () => {
		const draft = draftFromIngress({ ...sender, eventType: 'cost_tracked', payload: { costUsd: 0.5, callId: 'c' } });
		assert.deepEqual([draft.eventType, draft.callId, 'costUsd' in draft && draft.costUsd], ['cost_tracked', 'c', 0.5]);
	});

	it('refuses a time that no calendar has', () => {
		assert.throws(() => draftFromIngress({ ...sender, atMs: 1e18, eventType: 'llm_call', payload: callPayload() }));
	});
});
