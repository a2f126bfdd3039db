import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import {
	type CompletionContext,
	type CompletionEvent,
	completionEvent,
	completionEventSchema,
} from '../../../src/core/completion-event.ts';
import { builtInPrices } from '../../../src/core/pricing/built-in-prices.ts';
import { priceCall } from '../../../src/core/pricing/compute-cost.ts';
import type { UsageChunk } from '../../../src/task/api-handler.ts';
import { wrapApiHandler } from '../../../src/task/hook/wrap-api-handler.ts';
import { type Act, FakeHandler, readAll, text } from './hook/fake-handler.ts';
import { RecordingSink } from './hook/recording-sink.ts';

const context: CompletionContext = {
	taskId: 'task-1',
	modelId: 'gpt-4o',
	apiProvider: 'openai',
	appVersion: '0.1.0',
	vscodeVersion: '1.125.0',
	platform: 'linux',
};

/** The telemetry events of one hooked call, made as the host makes them: one for each response draft. */
async function eventsOf(acts: Act[], costFrom: 'provider' | 'agent' = 'agent'): Promise<CompletionEvent[]> {
	const handler = new FakeHandler(...acts);
	handler.model = { id: 'gpt-4o', provider: 'openai', protocol: 'openai' };
	const sink = new RecordingSink();
	const wrapped = wrapApiHandler(handler, { sink, agentId: 'callmeter', taskId: 'task-1', costFrom });
	await readAll(wrapped.createMessage('', [])).catch(() => undefined);
	return sink.responses.flatMap((response) => {
		const cost = priceCall({ ...response, atMs: Date.now() }, builtInPrices());
		return completionEvent(response, cost, context) ?? [];
	});
}

const counted = (counts: Partial<UsageChunk>): UsageChunk => ({
	type: 'usage',
	inputTokens: 0,
	outputTokens: 0,
	...counts,
});

describe('LLM Completion event: of a hooked call', () => {
	it('fires once, after the stream, with the usage of all its chunks', async () => {
		const events = await eventsOf([
			counted({ inputTokens: 1000, outputTokens: 1, cacheReadTokens: 500 }),
			text('a'),
			counted({ inputTokens: 1000, outputTokens: 100, cacheReadTokens: 500 }),
		]);
		assert.equal(events.length, 1);
		const [event] = events;
		assert.ok(event !== undefined);
		completionEventSchema.parse(event);
		assert.equal(event.name, 'LLM Completion');
		const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, cost, completionTime } = event.properties;
		assert.deepEqual(
			{ inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, cost },
			{ inputTokens: 1000, outputTokens: 100, cacheReadTokens: 500, cacheWriteTokens: 0, cost: 0.002875 },
		);
		assert.ok(completionTime !== undefined && completionTime >= 0);
	});

	for (const key of ['inputTokens', 'outputTokens', 'cacheWriteTokens', 'cacheReadTokens'] as const) {
		it(`guard: fires when only ${key} is above 0`, async () => {
			assert.equal((await eventsOf([counted({ [key]: 1 })])).length, 1);
		});
	}

	it('guard: does not fire when all four are 0', async () => {
		assert.deepEqual(await eventsOf([text('a'), counted({ cacheWriteTokens: 0, cacheReadTokens: 0 })]), []);
	});

	it('guard: does not fire without usage', async () => {
		assert.deepEqual(await eventsOf([text('a')]), []);
	});

	it('fires for a call that failed after its usage was known', async () => {
		const events = await eventsOf([counted({ inputTokens: 7 }), () => Promise.reject(new Error('cut'))]);
		assert.equal(events.length, 1);
	});

	it('completionTime is measured from request start to the usage, not to the first delta or the end', async () => {
		const wait = (ms: number) => (): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
		const [event] = await eventsOf([text('a'), wait(40), counted({ inputTokens: 7 }), wait(400)]);
		const time = event?.properties.completionTime ?? 0;
		assert.ok(time >= 38 && time < 400, `${time} ms`);
	});

	it('cost: what the provider reports, else what is computed', async () => {
		const chunk = counted({ inputTokens: 1000, totalCost: 0.5 });
		assert.equal((await eventsOf([chunk], 'provider'))[0]?.properties.cost, 0.5);
		assert.equal((await eventsOf([chunk], 'agent'))[0]?.properties.cost, 0.0025);
	});

	it('inferenceProvider: who served it, and absent when not told', async () => {
		const [told] = await eventsOf([counted({ inputTokens: 7, inferenceProvider: 'groq' })]);
		assert.equal(told?.properties.inferenceProvider, 'groq');
		const [untold] = await eventsOf([counted({ inputTokens: 7 })]);
		assert.ok(untold !== undefined && !('inferenceProvider' in untold.properties));
	});
});
