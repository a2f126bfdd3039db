import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { afterEach, before, beforeEach, describe, it } from 'mocha';
import './vscode/register.ts';
import type { RunDiagnostics } from '../../../src/core/diagnostics.ts';
import type { CallFilter, CallRow, SessionRow } from '../../../src/core/views.ts';
import type * as runsModule from '../../../src/host/diagnosed-runs.ts';
import type * as diagnosticsModule from '../../../src/host/diagnostics.ts';
import type { LedgerNews, ServedBy } from '../../../src/ledger/ledger.ts';
import type { RunLine } from '../../../src/protocol/messages.ts';

const startedAtMs = Date.UTC(2026, 7, 1, 9);

/** A call of the run that was answered from a cache in part. */
function call(callId: string, over: Partial<CallRow> = {}): CallRow {
	return {
		callId,
		sessionId: 'run',
		agentId: 'agent',
		seq: Number(callId),
		kind: 'chat',
		state: 'ok',
		usageMissing: false,
		orphan: false,
		possibleDuplicateOf: null,
		provider: 'openrouter',
		model: 'gpt-4o',
		actualModel: null,
		startedAtMs,
		endedAtMs: startedAtMs + 1200,
		latencyMs: 1200,
		timeToFirstTokenMs: null,
		messageCount: 1,
		inputTokens: 100,
		outputTokens: 20,
		cacheReadTokens: 40,
		cacheWriteTokens: null,
		reasoningTokens: null,
		cost: { nanoUsd: 5_000_000, basis: 'computed', bound: 'exact', diverges: false, billing: 'api' },
		finishReason: 'stop',
		contentState: 'full',
		sessionTitle: null,
		parentSessionId: null,
		source: 'test',
		...over,
	};
}

const pending = (callId: string) => call(callId, { state: 'pending', endedAtMs: null, latencyMs: null, cost: null });

describe('run diagnostics of this window', () => {
	let Diagnostics: typeof diagnosticsModule.Diagnostics;
	let DiagnosedRuns: typeof runsModule.DiagnosedRuns;
	let diagnostics: diagnosticsModule.Diagnostics;
	let enabled: boolean;
	let rows: CallRow[];
	let served: ServedBy[];
	let parents: Map<string, string>;
	let listeners: Set<(news: LedgerNews) => void>;
	let notifications: RunDiagnostics[];
	let ended: RunLine[];
	let warnings: string[];
	let memory: Map<string, unknown>;

	const select = ({ sessionId, state }: CallFilter) =>
		rows.filter((row) => row.sessionId === sessionId && (state === undefined || row.state === state));
	const news = (...completed: CallRow[]) => {
		for (const listener of listeners) listener({ revision: 1, started: [], completed });
	};
	/** Until all that was begun is done. */
	const soon = async () => {
		for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
	};

	before(async () => {
		({ Diagnostics } = await import('../../../src/host/diagnostics.ts'));
		({ DiagnosedRuns } = await import('../../../src/host/diagnosed-runs.ts'));
	});

	beforeEach(() => {
		mock.timers.enable({ apis: ['setTimeout'] });
		enabled = true;
		[rows, served, notifications, ended, warnings] = [[call('1'), call('2')], [], [], [], []];
		parents = new Map();
		listeners = new Set();
		memory = new Map();
		const session = (sessionId: string) => {
			const calls = select({ sessionId });
			return {
				sessionId,
				agentId: 'agent',
				title: 'A task',
				startedAtMs,
				parentSessionId: parents.get(sessionId) ?? null,
				calls: calls.length,
				pending: calls.filter(({ state }) => state === 'pending').length,
				costNanoUsd: 0,
				subscriptionNanoUsd: 0,
				unpriced: 0,
				bound: 'exact',
			} as SessionRow;
		};
		const ledger = {
			async calls({ filter, offset, limit }: { filter: CallFilter; offset: number; limit: number }) {
				const found = select(filter);
				return { rows: found.slice(offset, offset + limit), total: found.length, revision: 1 };
			},
			sessions: async ({ filter }: { filter: CallFilter }) => ({
				rows: [session(filter.sessionId ?? 'run')],
				total: 1,
			}),
			servedBy: async (callIds: string[]) => served.filter(({ callId }) => callIds.includes(callId)),
		};
		const parts = {
			ledger: {
				ledger: Promise.resolve(ledger),
				onNews(listener: (news: LedgerNews) => void) {
					listeners.add(listener);
					return { dispose: () => listeners.delete(listener) };
				},
			},
			recording: { settled: async () => undefined },
			settings: {
				get diagnosticsEnabled() {
					return enabled;
				},
			},
			diagnosed: new DiagnosedRuns({
				get: (key: string) => memory.get(key),
				update: async (key: string, value: unknown) => void memory.set(key, value),
				keys: () => [...memory.keys()],
			} as unknown as ConstructorParameters<typeof DiagnosedRuns>[0]),
			log: { warn: (text: string) => warnings.push(text) },
		};
		diagnostics = new Diagnostics(parts as unknown as diagnosticsModule.DiagnosticsParts);
		diagnostics.onDidRun((each) => notifications.push(each));
		diagnostics.onDidEndRun((run) => ended.push(run));
	});

	afterEach(() => {
		diagnostics.dispose();
		mock.timers.reset();
	});

	it('seed 002 §5: run.diagnostics comes for each call that ends, and then for the run', async () => {
		news(call('1'));
		news(call('2'));
		diagnostics.runEnded('run');
		await soon();
		assert.deepEqual(
			notifications.map((each) => [
				each.run_id,
				each.kind,
				each.kind === 'llm_call' ? each.call.seq : each.summary.calls,
			]),
			[
				['run', 'llm_call', 1],
				['run', 'llm_call', 2],
				['run', 'run_summary', 2],
			],
		);
		const [first] = notifications;
		assert.deepEqual(first?.kind === 'llm_call' && first.call.cache, {
			hit_state: 'hit',
			cache_read_tokens: 40,
			cache_creation_tokens: 0,
			cache_read_ratio: 0.4,
		});
	});

	it('seed 002 §4.1: none is emitted while diagnostics are off; the compact summary is told all the same', async () => {
		enabled = false;
		news(call('1'));
		diagnostics.runEnded('run');
		await soon();
		assert.deepEqual(notifications, []);
		assert.deepEqual(
			ended.map(({ runId, summary }) => [runId, summary.calls, summary.input_tokens, summary.input_cached_tokens]),
			[['run', 2, 200, 80]],
		);
	});

	it('seed 002 §9: are emitted for one run that they were switched on for, and stop when that is taken back', async () => {
		enabled = false;
		let switched = 0;
		diagnostics.onDidSwitch(() => switched++);
		await diagnostics.diagnose('run', true);
		news(call('1'), call('7', { sessionId: 'other' }));
		await soon();
		assert.deepEqual(
			notifications.map(({ run_id }) => run_id),
			['run'],
		);
		assert.equal((await diagnostics.runs.page(0, 10)).runs[0]?.diagnosed, true);
		await diagnostics.diagnose('run', false);
		news(call('2'));
		await soon();
		assert.deepEqual([notifications.length, switched], [1, 2]);
	});

	it('seed 002 §4: a failure to build diagnostics fails nothing: the next call and the run are told of', async () => {
		const odd = call('1', { startedAtMs: Number.NaN });
		assert.doesNotThrow(() => news(odd));
		news(call('2'));
		diagnostics.runEnded('run');
		await soon();
		assert.deepEqual(
			notifications.map(({ kind }) => kind),
			['llm_call', 'run_summary'],
		);
		assert.equal(warnings.length, 1);
	});

	it('seed 002 §3: name who answered and on which tier, as far as that was told', async () => {
		served = [
			{ callId: '1', inferenceProvider: 'Fireworks', serviceTier: 'priority' },
			{ callId: '2', inferenceProvider: null, serviceTier: null },
		];
		const { lines, total } = await diagnostics.runs.calls('run', 0, 10);
		assert.deepEqual(
			[total, ...lines.map(({ callId, call }) => [callId, call.provider_meta_summary])],
			[2, ['1', 'inference_provider=Fireworks, service_tier=priority'], ['2', null]],
		);
	});

	it('wait for the calls of a run that have not ended, and not for ever', async () => {
		rows = [call('1'), pending('2')];
		diagnostics.runEnded('run');
		await soon();
		assert.equal(ended.length, 0);
		rows = [call('1'), call('2')];
		news(call('2'));
		await soon();
		assert.deepEqual(
			ended.map(({ summary, pending }) => [summary.calls, summary.output_tokens, pending]),
			[[2, 40, 0]],
		);
		rows = [call('1'), call('2'), pending('3')];
		diagnostics.runEnded('run');
		await soon();
		mock.timers.tick(10_000);
		await soon();
		assert.deepEqual(
			ended.map(({ summary, pending }) => [summary.calls, pending]),
			[
				[2, 0],
				[3, 1],
			],
		);
	});

	it('tell of a run once that its agent calls done twice, of none without calls, and of a subagent with its task', async () => {
		diagnostics.runEnded('run');
		await soon();
		diagnostics.runEnded('run');
		diagnostics.runEnded('empty');
		parents.set('child', 'run');
		rows.push(call('9', { sessionId: 'child' }));
		diagnostics.runEnded('child');
		await soon();
		assert.deepEqual(
			ended.map(({ runId }) => runId),
			['run'],
		);
		assert.deepEqual(
			notifications.map(({ run_id }) => run_id),
			['run', 'child'],
		);
	});
});
