import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type DraftInput, draftSchema } from '../../../src/core/draft.ts';
import type { CallJson, ModelJson, StatsJson } from '../../../src/core/outside/call-json.ts';
import type { Usage } from '../../../src/core/usage.ts';
import { openLedger } from '../../../src/ledger/open-ledger.ts';
import { callDraft, responseDraft, usage } from '../ledger/support.ts';
import { CommandLine, root } from './command-line.ts';

const nowMs = Date.UTC(2026, 10, 22, 12);
const hourMs = 3_600_000;

interface Call {
	/** Also how many hours ago it began. */
	n: number;
	agent?: string;
	model?: string;
	provider?: string;
	folder?: string;
	usage?: Partial<Usage> | null;
}

function drafts(call: Call): DraftInput[] {
	const { n, agent = 'codex', model = 'gpt-5', provider = 'openai', folder = '/p/one', usage: tokens = {} } = call;
	const callId = `test:${n}`;
	const startedAtMs = nowMs - n * hourMs;
	const shared = { sessionId: `s-${agent}`, agentId: agent, provider, model };
	return [
		callDraft(callId, { ...shared, startedAtMs, folder, contentState: 'none' }),
		responseDraft(callId, {
			...shared,
			endedAtMs: startedAtMs + 1500,
			latencyMs: 1500,
			contentState: 'none',
			usage: tokens === null ? null : usage({ inputTotal: 1000, uncachedInput: 1000, output: 100, ...tokens }),
			usageMissing: tokens === null,
		}),
	];
}

describe('callmeter llm', () => {
	const shell = new CommandLine();
	const file = join(shell.folder, 'calls.db');
	const on = (...args: string[]) => ['llm', ...args, '--ledger', file];

	before(async () => {
		const ledger = openLedger({ file, workerPath: join(root, 'src/ledger/worker.ts') });
		const calls: Call[] = [
			{ n: 1 },
			{ n: 2, usage: null },
			{ n: 3, model: 'a-model-nobody-prices', provider: 'somewhere' },
			{
				n: 4,
				agent: 'claude-code',
				model: 'claude-sonnet-4-5',
				provider: 'anthropic',
				folder: '/p/two/inner',
				usage: { output: 200 },
			},
			{ n: 30, folder: '/p/two' },
		];
		try {
			await ledger.record(calls.flatMap(drafts).map((draft) => draftSchema.parse(draft)));
		} finally {
			await ledger.close();
		}
	});
	after(() => shell.remove());

	it('story 5.2: stats sums calls, cost and tokens', async () => {
		const stats = await shell.json<StatsJson>(on('stats'));
		assert.deepEqual(
			{
				calls: stats.calls,
				unpriced: stats.unpriced,
				input: stats.inputTokens,
				output: stats.outputTokens,
				bound: stats.costBound,
			},
			{ calls: 5, unpriced: 2, input: 4000, output: 500, bound: 'atLeast' },
		);
		// gpt-5: 1.25 and 10 USD a million tokens; claude-sonnet-4-5: 3 and 15.
		assert.ok(Math.abs((stats.costUsd ?? 0) - (2 * (0.00125 + 0.001) + 0.003 + 0.003)) < 1e-9);
		const { out } = await shell.run(on('stats'));
		assert.match(out, /Calls\s+5 \(1 without usage\)/);
		assert.match(out, /Cost\s+≥ \$0\.0\d+ \(2 unpriced\)/);
	});

	it('story 5.2: models lists each with its cost, the costliest first; unknown is null, never 0', async () => {
		const models = await shell.json<ModelJson[]>(on('models'));
		assert.deepEqual(
			models.map(({ model, calls, unpriced, costUsd }) => [model, calls, unpriced, costUsd]),
			[
				['claude-sonnet-4-5', 1, 0, 0.006],
				['gpt-5', 3, 1, 0.0045],
				['a-model-nobody-prices', 1, 1, null],
			],
		);
		assert.deepEqual(Object.keys(models[0] ?? {}), [
			'provider',
			'model',
			'calls',
			'inputTokens',
			'outputTokens',
			'cacheReadTokens',
			'cacheWriteTokens',
			'costUsd',
			'unpriced',
			'avgLatencyMs',
		]);
	});

	it('story 5.2: recent lists calls newest first, and a filter applies before the limit', async () => {
		const recent = await shell.json<CallJson[]>(on('recent'));
		assert.deepEqual(
			recent.map(({ callId }) => callId),
			['test:1', 'test:2', 'test:3', 'test:4', 'test:30'],
		);
		assert.deepEqual(
			[recent[1]?.inputTokens, recent[1]?.costUsd, recent[1]?.usageMissing, recent[1]?.latencyMs],
			[null, null, true, 1500],
		);
		assert.deepEqual(Object.keys(recent[0] ?? {}), [
			'callId',
			'agentId',
			'sessionId',
			'provider',
			'model',
			'kind',
			'state',
			'usageMissing',
			'inputTokens',
			'outputTokens',
			'cacheReadTokens',
			'cacheWriteTokens',
			'reasoningTokens',
			'costUsd',
			'costBasis',
			'latencyMs',
			'startedAt',
		]);
		const [only] = await shell.json<CallJson[]>(on('recent', '--agent', 'claude-code', '--limit', '1'));
		assert.equal(only?.callId, 'test:4');
	});

	it('story 5.2: filters by --from, --to, --agent, --model, --provider, and by --workspace', async () => {
		const ids = async (...args: string[]) =>
			(await shell.json<CallJson[]>(on('recent', ...args), { nowMs })).map(({ callId }) => callId);
		assert.deepEqual(await ids('--from', '5h', '--to', '150m'), ['test:3', 'test:4']);
		assert.deepEqual(await ids('--model', 'gpt-5', '--from', '24h'), ['test:1', 'test:2']);
		assert.deepEqual(await ids('--provider', 'somewhere'), ['test:3']);
		assert.deepEqual(await ids('--agent', 'claude-code'), ['test:4']);
		assert.deepEqual(await ids('--workspace', '/p/two'), ['test:4', 'test:30']);
		assert.deepEqual(await ids('--workspace', '/p/tw'), []);
		assert.equal((await shell.json<StatsJson>(on('stats', '--workspace', '/nowhere'))).calls, 0);
	});

	it('story 5.2: draws tables that fit the terminal', async () => {
		for (const columns of [200, 80, 40, 20]) {
			const seen = { write: (text: string) => (written += text), columns };
			let written = '';
			await shell.run(on('recent'), { out: seen });
			await shell.run(on('models'), { out: seen });
			if (columns >= 40)
				assert.ok(
					written.split('\n').every((line) => line.length <= columns),
					`${columns}`,
				);
			assert.match(written, /gpt-5/);
		}
	});

	it('says what to do when there is nothing, and when an option is wrong', async () => {
		const empty = join(shell.folder, 'empty');
		mkdirSync(empty);
		const none = await shell.run(['llm', 'stats'], { cwd: empty });
		assert.equal(none.code, 1);
		assert.match(none.err, /callmeter import/);
		for (const [args, complaint] of [
			[on('recent', '--limit', '0'), /whole number/],
			[on('stats', '--from', '2026-02-31'), /is no date/],
			[on('stats', '--from', '2026-02-30T10:00'), /is no date/],
			[on('stats', '--from', 'today', '--to', '2020-01-01'), /not after/],
			[['llm', 'modles'], /models/],
			[['llm', 'recent', '--ledger', 'gone.db'], /There is no ledger/],
		] as const) {
			const { code, err, out } = await shell.run([...args]);
			assert.notEqual(code, 0);
			assert.match(err, complaint);
			assert.equal(out, '');
		}
	});
});
