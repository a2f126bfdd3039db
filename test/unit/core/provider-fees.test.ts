import assert from 'node:assert/strict';
import { draftOfEvent } from '../../../src/core/outside/event-input.ts';
import { eventsOfLoggedCall, loggedCallSchema } from '../../../src/core/outside/logged-call.ts';
import { Answer } from '../../../src/core/provider-answer.ts';
import type { ProviderApi } from '../../../src/core/provider-api.ts';

/** What an answer tells of fees after it has taken these events. */
function feesAfter(api: ProviderApi, ...events: unknown[]): string[] {
	const answer = new Answer(api);
	for (const event of events) answer.take(event, 1);
	return answer.fees();
}

describe('fees beyond tokens', () => {
	it('are told of searches that Anthropic runs, in a stream and in a whole answer', () => {
		const usage = { input_tokens: 9, output_tokens: 9, server_tool_use: { web_search_requests: 2 } };
		assert.deepEqual(feesAfter('anthropic', { type: 'message', content: [], usage }), ['web search']);
		const stream = [
			{ type: 'message_start', message: { usage: { input_tokens: 9, output_tokens: 1, inference_geo: 'us' } } },
			{ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage },
			{ type: 'message_delta', delta: {}, usage },
		];
		assert.deepEqual(feesAfter('anthropic', ...stream), ['inference in the US only', 'web search']);
	});

	it('are told of tools that OpenAI runs, once each', () => {
		const search = { type: 'web_search_call', id: 'ws_1' };
		const output = [search, search, { type: 'code_interpreter_call' }, { type: 'message', content: [] }];
		const fees = ['web search', 'the code interpreter'];
		assert.deepEqual(feesAfter('responses', { object: 'response', status: 'completed', output }), fees);
		assert.deepEqual(
			feesAfter(
				'responses',
				{ type: 'response.output_item.done', item: search },
				{ type: 'response.completed', response: { status: 'completed', output } },
			),
			fees,
		);
		const annotations = [{ type: 'url_citation', url_citation: { url: 'https://example.com' } }];
		assert.deepEqual(feesAfter('chat', { choices: [{ index: 0, message: { content: 'a', annotations } }] }), [
			'web search',
		]);
	});

	it('are told of grounding with searches by Gemini', () => {
		const grounded = { candidates: [{ groundingMetadata: { webSearchQueries: ['tide tables'] } }] };
		assert.deepEqual(feesAfter('gemini', grounded), ['grounding with Google Search']);
		assert.deepEqual(feesAfter('gemini', [grounded]), ['grounding with Google Search']);
	});

	it('are none of calls that only use the agent’s own tools', () => {
		const zero = { input_tokens: 9, output_tokens: 9, server_tool_use: { web_search_requests: 0 } };
		assert.deepEqual(feesAfter('anthropic', { type: 'message', content: [], usage: zero }), []);
		assert.deepEqual(
			feesAfter('responses', { object: 'response', output: [{ type: 'function_call', call_id: '1', name: 'a' }] }),
			[],
		);
		assert.deepEqual(feesAfter('chat', { choices: [{ message: { content: 'a', annotations: [] } }] }), []);
		assert.deepEqual(feesAfter('gemini', { candidates: [{ content: { parts: [{ text: 'a' }] } }] }), []);
	});

	it('come with a logged call to the Recorder, which then takes its cost for a lower bound; redacted without words', () => {
		const feesOf = (redact: boolean) => {
			const call = loggedCallSchema.parse({
				provider: 'anthropic',
				model: 'claude-sonnet-4-5',
				messages: [{ role: 'user', content: 'When is high water?' }],
				completion: 'At noon.',
				finishReason: 'stop',
				usage: { inputTokens: 9, outputTokens: 9, totalTokens: 18 },
				latencyMs: 9,
				unpricedFees: ['web search for tides'],
				redact,
			});
			const [, response] = eventsOfLoggedCall(call, { callId: 'a', sessionId: 's', agentId: 'b', nowMs: 99 });
			const taken = draftOfEvent(response, { source: 'sdk', nowMs: 99 });
			return 'draft' in taken && taken.draft.eventType === 'llm_response' ? taken.draft.unpricedFees : null;
		};
		assert.deepEqual(feesOf(false), ['web search for tides']);
		assert.deepEqual(feesOf(true), ['a service']);
	});
});
