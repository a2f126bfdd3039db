import assert from 'node:assert/strict';
import type { DraftInput, ResponseDraftInput } from '../../../../src/core/draft.ts';
import { usageGraceMs } from '../../../../src/sources/kilo-task/call-outcome.ts';
import { rooCode } from '../../../../src/sources/kilo-task/dialects.ts';
import { LiveTracker } from '../../../../src/sources/kilo-task/live-tracker.ts';
import { rowSchema } from '../../../../src/sources/kilo-task/records.ts';

/** A tracker with one task, and events that each come 10 ms after the `ts` of their row. */
class Scene {
	readonly drafts: DraftInput[] = [];
	readonly tracker = new LiveTracker({ dialect: rooCode, folder: '/p' });
	configuration: unknown = { apiProvider: 'openai-native', apiModelId: 'gpt-5', mode: 'code' };

	constructor() {
		this.tracker.configuredBy(() => this.configuration);
	}

	request(ts: number, info: Record<string, unknown> = { apiProtocol: 'openai' }, atMs = ts + 10): this {
		return this.row({ ts, type: 'say', say: 'api_req_started', text: JSON.stringify(info) }, atMs);
	}

	/** The same row, with its usage. */
	usage(ts: number, atMs: number, tokensIn = 100): this {
		const counts = { tokensIn, tokensOut: 5, cacheWrites: 0, cacheReads: 40, cost: 0.001 };
		return this.request(ts, { apiProtocol: 'openai', ...counts }, atMs);
	}

	row(row: Record<string, unknown>, atMs: number): this {
		return this.take(this.tracker.accept({ kind: 'message', taskId: 't', row: rowSchema.parse(row) }, atMs));
	}

	event(kind: 'created' | 'aborted' | 'completed', atMs: number): this {
		return this.take(this.tracker.accept({ kind, taskId: 't' }, atMs));
	}

	take(drafts: DraftInput[]): this {
		this.drafts.push(...drafts);
		return this;
	}

	get calls(): number[] {
		return this.drafts.flatMap((draft) => (draft.eventType === 'llm_call' ? [draft.startedAtMs] : []));
	}

	get responses(): ResponseDraftInput[] {
		return this.drafts.flatMap((draft) => (draft.eventType === 'llm_response' ? [draft] : []));
	}

	/** `<ts>:<state>`, in the order in which they were said. */
	get ends(): string[] {
		return this.responses.map(({ callId, state }) => `${callId.split(':')[2]}:${state}`);
	}
}

describe('LiveTracker', () => {
	it('says a call when it begins and its response when its usage is known', () => {
		const scene = new Scene().request(1000).usage(1000, 1500);
		assert.deepEqual(scene.calls, [1000]);
		const [response] = scene.responses;
		assert.equal(response?.callId, 'roo-code:t:1000');
		assert.equal(response.latencyMs, 500);
		assert.deepEqual([response.usage?.inputTotal, response.usage?.cacheRead, response.usage?.output], [100, 40, 5]);
		assert.equal(response.origin.live, true);
	});

	it('matches usage by the call it belongs to, when the next one has begun', () => {
		const scene = new Scene().request(1000).request(2000).usage(1000, 2050, 111).usage(2000, 2500, 222);
		assert.deepEqual(scene.ends, ['1000:ok', '2000:ok']);
		assert.deepEqual(
			scene.responses.map(({ usage }) => usage?.inputTotal),
			[111, 222],
		);
	});

	it('takes usage that comes after the task was done', () => {
		const scene = new Scene().request(1000).event('completed', 1400).usage(1000, 1500).event('aborted', 3000);
		assert.deepEqual(scene.ends, ['1000:ok']);
	});

	it('keeps a call that was cancelled in mid-stream, with unknown tokens', () => {
		const scene = new Scene().request(1000).event('aborted', 1300).event('created', 1400);
		assert.deepEqual(scene.ends, ['1000:cancelled']);
		assert.equal(scene.responses[0]?.usage, null);
		assert.equal(scene.responses[0]?.latencyMs, null);
	});

	it('does not take the closing of a finished task for a cancel', () => {
		const scene = new Scene().request(1000).usage(1000, 1500).event('aborted', 9000);
		assert.deepEqual(scene.ends, ['1000:ok']);
	});

	it('does not take the closing of a task for a cancel when its last call had no usage', () => {
		const scene = new Scene().request(1000);
		scene.row({ ts: 1400, type: 'ask', ask: 'completion_result', text: '' }, 1410).event('aborted', 2000);
		assert.deepEqual(scene.ends, []);
		scene.take(scene.tracker.tick(1410 + usageGraceMs));
		assert.deepEqual(scene.ends, ['1000:ok']);
		assert.equal(scene.responses[0]?.usageMissing, true);
	});

	it('waits for late usage before it says that there is none', () => {
		const scene = new Scene().request(1000).request(2000);
		assert.equal(scene.tracker.waiting, true);
		scene.take(scene.tracker.tick(2010 + usageGraceMs - 1));
		assert.deepEqual(scene.ends, []);
		scene.take(scene.tracker.tick(2010 + usageGraceMs)).usage(1000, 2010 + usageGraceMs + 5);
		assert.deepEqual(scene.ends, ['1000:ok', '1000:ok']);
		assert.deepEqual(
			scene.responses.map(({ usageMissing }) => usageMissing),
			[true, false],
		);
	});

	it('takes a stream that broke for an error once the agent asks again', () => {
		const scene = new Scene().request(1000);
		const retry = { ts: 1200, type: 'say', say: 'api_req_retry_delayed', partial: true };
		scene.row({ ...retry, text: 'terminated\n<retry_timer>5</retry_timer>' }, 1210);
		assert.deepEqual(scene.ends, []);
		scene.request(6000);
		assert.deepEqual(scene.ends, ['1000:error']);
		assert.equal(scene.responses[0]?.error?.message, 'terminated');
	});

	it('takes a retry within the same row for the same call', () => {
		const scene = new Scene().request(1000);
		scene.row({ ts: 1200, type: 'say', say: 'api_req_retry_delayed', text: '429' }, 1210).usage(1000, 4000);
		assert.deepEqual(scene.calls, [1000]);
		assert.deepEqual(scene.ends, ['1000:ok']);
	});

	it('corrects a request that failed when the user repeats it', () => {
		const scene = new Scene().request(1000);
		scene.row({ ts: 1200, type: 'ask', ask: 'api_req_failed', text: '401' }, 1210).usage(1000, 4000);
		assert.deepEqual(scene.ends, ['1000:error', '1000:ok']);
		assert.equal(scene.responses[1]?.error, null);
	});

	it('says nothing twice', () => {
		const scene = new Scene().request(1000).request(1000).usage(1000, 1500).usage(1000, 1600);
		assert.deepEqual(scene.calls, [1000]);
		assert.deepEqual(scene.ends, ['1000:ok']);
	});

	it('says a call of which it saw only the end', () => {
		const scene = new Scene().usage(1000, 1500);
		assert.deepEqual([scene.calls, scene.ends], [[1000], ['1000:ok']]);
	});

	it('keeps the provider and model of a call when the user switches during it', () => {
		const scene = new Scene().request(1000);
		scene.configuration = { apiProvider: 'anthropic', apiModelId: 'claude-sonnet-4-5' };
		scene.usage(1000, 1500).request(2000).usage(2000, 2500);
		assert.deepEqual(
			scene.responses.map(({ model }) => model),
			['gpt-5', 'claude-sonnet-4-5'],
		);
	});

	it('goes on when the settings cannot be read', () => {
		const scene = new Scene();
		scene.tracker.configuredBy(() => {
			throw new Error('disposed');
		});
		scene.request(1000);
		assert.deepEqual(scene.calls, [1000]);
	});

	it('closes running calls when the extension goes, and takes the task up again after', () => {
		const scene = new Scene().request(1000);
		scene.take(scene.tracker.interrupt(1500)).event('created', 3000).request(4000).usage(4000, 4500);
		assert.deepEqual(scene.ends, ['1000:error', '4000:ok']);
	});

	it('concludes nothing of a call that was read from disk, and says what its row tells', () => {
		const scene = new Scene().request(1000).request(2000);
		scene.tracker.readFromDisk(['roo-code:t:1000', 'roo-code:t:2000']);
		scene.tracker.newFacts();
		scene.take(scene.tracker.tick(2010 + usageGraceMs));
		assert.deepEqual([scene.ends, Object.keys(scene.tracker.newFacts())], [[], ['roo-code:t:1000']]);
		scene.usage(2000, 2500);
		assert.deepEqual(scene.ends, ['2000:ok']);
	});

	it('nests a subtask under its parent', () => {
		const scene = new Scene();
		scene.take(scene.tracker.accept({ kind: 'spawned', parentId: 'p', childId: 't' }, 900)).request(1000);
		const [call] = scene.drafts;
		assert.ok(call?.eventType === 'llm_call');
		assert.deepEqual([call.kind, call.parentSessionId], ['subagent', 'p']);
	});

	it('takes the first words of a task for its title, but not those of one that it did not see begin', () => {
		const words = { ts: 900, type: 'say', say: 'text', text: ' Fix the tests ' };
		const titles = [true, false].map((seen) => {
			const scene = new Scene();
			if (seen) scene.event('created', 800);
			const [call] = scene
				.row(words, 910)
				.row({ ...words, ts: 950, text: 'On it.' }, 960)
				.request(1000).drafts;
			return call?.eventType === 'llm_call' ? call.title : undefined;
		});
		assert.deepEqual(titles, ['Fix the tests', null]);
	});

	it('takes a condensation for a call of its own, with its cost and no tokens', () => {
		const scene = new Scene();
		const row = { ts: 1000, type: 'say', say: 'condense_context' };
		scene.row({ ...row, partial: true }, 1010).row({ ...row, contextCondense: { cost: 0.02 } }, 1500);
		const [call, response] = scene.drafts;
		assert.ok(call?.eventType === 'llm_call' && response?.eventType === 'llm_response');
		assert.deepEqual([call.kind, response.usage, response.reportedCostUsd], ['condense', null, 0.02]);
	});

	it('tells what it saw, for reading the records', () => {
		const scene = new Scene().request(1000).usage(1000, 1500).request(2000);
		assert.deepEqual(
			Object.entries(scene.tracker.facts()).map(([id, { provider, state, endedAtMs }]) => [
				id,
				provider,
				state,
				endedAtMs,
			]),
			[
				['roo-code:t:1000', 'openai-native', 'ok', 1500],
				['roo-code:t:2000', 'openai-native', 'pending', null],
			],
		);
	});

	it('forgets finished tasks, not running ones', () => {
		const scene = new Scene().request(1000);
		for (let index = 0; index < 2000; index++) {
			scene.tracker.accept({ kind: 'created', taskId: `other ${index}` }, 2000);
		}
		scene.event('aborted', 3000);
		assert.deepEqual(scene.ends, ['1000:cancelled']);
	});
});
