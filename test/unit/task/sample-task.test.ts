import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { builtInPrices } from '../../../src/core/pricing/built-in-prices.ts';
import { priceCall } from '../../../src/core/pricing/compute-cost.ts';
import { samplePrompt } from '../../../src/task/handlers/sample-script.ts';
import { ScriptedHandler } from '../../../src/task/handlers/scripted.ts';
import { startTask } from '../../../src/task/start-task.ts';
import type { TaskResult } from '../../../src/task/task.ts';
import { RecordingSink } from './hook/recording-sink.ts';

const sampleWorkspace = join(import.meta.dirname, '../../fixtures/sample-workspace');

async function runSample(workspaceRoot: string, delayScale = 0): Promise<{ sink: RecordingSink; result: TaskResult }> {
	const sink = new RecordingSink();
	const result = await startTask({
		handler: new ScriptedHandler({ delayScale }),
		sink,
		workspaceRoot,
		prompt: samplePrompt,
		source: 'sample',
		retryDelayMs: 1,
	}).done;
	return { sink, result };
}

describe('the sample task', () => {
	it('makes at least six calls, one of them turned away and tried again, and completes', async () => {
		const { sink, result } = await runSample(sampleWorkspace);
		assert.equal(result.state, 'completed');
		assert.ok(sink.calls.length >= 6);
		const states = sink.responses.map(({ state }) => state);
		assert.deepEqual(
			states.filter((state) => state !== 'ok'),
			['error'],
		);
		assert.equal(sink.responses.find(({ state }) => state === 'error')?.error?.status, 529);
	});

	it('tells what is really in the folder', async () => {
		const { result } = await runSample(sampleWorkspace);
		assert.ok(result.state === 'completed');
		assert.match(result.result, /## Tidepool\n\nA tiny library/);
		assert.match(result.result, /`src\/forecast\.js`, line 4: the moon's phase/);
	});

	it('works in an empty folder as well', async () => {
		const folder = mkdtempSync(join(tmpdir(), 'callmeter-empty-'));
		try {
			assert.equal((await runSample(folder)).result.state, 'completed');
		} finally {
			rmSync(folder, { recursive: true });
		}
	});

	it('has reasoning, a cache that fills, tool calls, and a price for each call that was served', async () => {
		const { sink } = await runSample(sampleWorkspace);
		const served = sink.responses.filter(({ state }) => state === 'ok');
		assert.ok(served.some(({ reasoning, usage }) => reasoning !== null && (usage?.reasoning ?? 0) > 0));
		assert.ok(served.every(({ toolCalls }) => toolCalls.length > 0));
		assert.ok(served.some(({ usage }) => (usage?.cacheWrite5m ?? 0) > 0));
		assert.ok((served.at(-1)?.usage?.cacheRead ?? 0) > 1000);
		for (const response of served) {
			const cost = priceCall({ ...response, atMs: Date.now() }, builtInPrices());
			assert.equal(cost.basis, 'computed');
			assert.equal(cost.bound, 'exact');
		}
	});

	it('each call reads from the cache what the one before left there', async () => {
		const { sink } = await runSample(sampleWorkspace);
		let cached = 0;
		for (const { usage } of sink.responses.filter(({ state }) => state === 'ok')) {
			assert.equal(usage?.cacheRead, cached);
			cached = (usage?.cacheRead ?? 0) + (usage?.cacheWrite5m ?? 0);
		}
	});

	it('is marked as scripted', async () => {
		const { sink } = await runSample(sampleWorkspace);
		for (const call of sink.calls) {
			assert.equal(call.agentId, 'callmeter');
			assert.equal(call.origin.source, 'sample');
			assert.equal(call.parameters.scripted, true);
			assert.equal(call.title, samplePrompt);
		}
	});

	it('streams at the pace that is asked for, and stops when it is cancelled', async () => {
		const aborter = new AbortController();
		const sink = new RecordingSink();
		const task = startTask({
			handler: new ScriptedHandler({ delayScale: 1 }),
			sink,
			workspaceRoot: sampleWorkspace,
			prompt: samplePrompt,
			signal: aborter.signal,
			onEvent: ({ type }) => type === 'text' && aborter.abort(),
		});
		assert.deepEqual(await task.done, { state: 'cancelled' });
		assert.equal(sink.response.state, 'cancelled');
		assert.ok((sink.response.timeToFirstTokenMs ?? 0) >= 400);
	});
});
