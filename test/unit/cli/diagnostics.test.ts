import assert from 'node:assert/strict';
import { callDiagnostics, type LlmCallDiagnostics } from '../../../src/core/diagnostics.ts';
import type { RunDiagnosticsJson, RunJson } from '../../../src/core/outside/diagnostics-json.ts';
import { callDraft, openStore, responseDraft, T0, usage } from '../ledger/support.ts';
import { CommandLine } from './command-line.ts';

const minuteMs = 60_000;

describe('callmeter diagnostics', () => {
	const shell = new CommandLine();
	let file: string;
	before(() => {
		file = shell.ledger('runs.db', [
			callDraft('hit', { sessionId: 'run-1', title: 'Mend \u001b[31mit' }),
			responseDraft('hit', {
				sessionId: 'run-1',
				finishReason: 'tool_use',
				usage: usage({ inputTotal: 1_000, uncachedInput: 150, cacheRead: 800, cacheWrite5m: 50, output: 40 }),
			}),
			callDraft('miss', { sessionId: 'run-1', startedAtMs: T0 + minuteMs }),
			responseDraft('miss', {
				sessionId: 'run-1',
				endedAtMs: T0 + minuteMs + 1_500,
				latencyMs: 1_500,
				finishReason: 'end_turn',
				usage: usage({ inputTotal: 200, uncachedInput: 200 }),
			}),
			callDraft('silent', { sessionId: 'run-1', startedAtMs: T0 + 2 * minuteMs }),
			responseDraft('silent', {
				sessionId: 'run-1',
				endedAtMs: T0 + 2 * minuteMs + 10,
				state: 'error',
				usage: null,
				usageMissing: true,
			}),
			callDraft('running', { sessionId: 'run-1', startedAtMs: T0 + 3 * minuteMs }),
			callDraft('later', { sessionId: 'run-2', agentId: 'codex', startedAtMs: T0 + 9 * minuteMs }),
		]);
	});
	after(() => shell.remove());

	const on = (...args: string[]) => ['diagnostics', ...args, '--ledger', file];

	it('seed 002 §6.2: shows each call that has ended: seq, model, latency, tokens, cached, cache create, hit, cost, stop reason', async () => {
		const { out } = await shell.run(on('run-1'));
		const [head = '', , ...rows] = out.split('\n');
		assert.deepEqual(head.trim().split(/ {2,}/), [
			'Seq',
			'Model',
			'Latency',
			'Input',
			'Output',
			'Total',
			'Cached',
			'Cache create',
			'Cache hit',
			'Cost',
			'Stop reason',
		]);
		const cells = rows.slice(0, 3).map((row) => row.trim().split(/ {2,}/));
		assert.deepEqual(
			cells.map((row) => [...row.slice(0, 9), ...row.slice(10)]),
			[
				['1', 'claude-sonnet-4-5', '2s', '1,000', '40', '1,040', '800', '50', 'hit', 'tool_use'],
				['2', 'claude-sonnet-4-5', '1.5s', '200', '20', '220', '0', '0', 'miss', 'end_turn'],
				['3', 'claude-sonnet-4-5', '2s', '—', '—', '—', '—', '—', 'unknown', '—'],
			],
		);
		assert.deepEqual(
			cells.map((row) => row[9]),
			['$0.0015', '$0.0009', '—'],
		);
	});

	it('shows the cost of a call that may have been more as such, in the table as in the sum', async () => {
		const cut = shell.ledger('cut.db', [
			callDraft('cut', { sessionId: 'run' }),
			responseDraft('cut', {
				sessionId: 'run',
				usage: usage({ inputTotal: 1_000, uncachedInput: 1_000, output: 40 }),
				usageBound: 'atLeast',
			}),
		]);
		const { out } = await shell.run(['diagnostics', 'run', '--ledger', cut]);
		assert.equal(out.match(/≥ \$0\.0036/g)?.length, 2, out);
		const run = await shell.json<RunDiagnosticsJson>(['diagnostics', 'run', '--ledger', cut]);
		assert.equal(run.cost_bound, 'atLeast');
	});

	it('seed 002 §2.1: ends with the summary of the run: calls, tokens, cached, cache creation, cost', async () => {
		const { out } = await shell.run(on('run-1'));
		const summary = out.slice(out.indexOf('\nRun '));
		for (const line of [
			/^Calls +4 \(1 running, 1 without usage\)$/m,
			/^Input tokens +1,200$/m,
			/^ {2}cached +800$/m,
			/^ {2}cache creation +50$/m,
			/^Output tokens +60$/m,
			/^Total tokens +1,260$/m,
			/^Cost +≥ \$0\.0023 \(1 unpriced\)$/m,
		]) {
			assert.match(summary, line);
		}
	});

	it('seed 002 §3: gives the records of the calls as JSON, field by field what the core derives', async () => {
		const run = await shell.json<RunDiagnosticsJson>(on('run-1'));
		const store = openStore(file, { readOnly: true });
		const expected = ['hit', 'miss', 'silent'].map((id): LlmCallDiagnostics | null => {
			const call = store.call(id);
			return call && callDiagnostics({ ...call, cost: call.cost });
		});
		store.close();
		assert.deepEqual(run.calls, JSON.parse(JSON.stringify(expected)));
		assert.deepEqual([run.run_id, run.pending_calls, run.summary.calls, run.parent_run_id], ['run-1', 1, 4, null]);
		assert.deepEqual(run.calls[0]?.cache, {
			hit_state: 'hit',
			cache_read_tokens: 800,
			cache_creation_tokens: 50,
			cache_read_ratio: 0.8,
		});
	});

	it('seed 002 §6.2: unfolds rows on a narrow terminal, every field with its name', async () => {
		let written = '';
		await shell.run(on('run-1'), { out: { write: (text) => (written += text), columns: 40 } });
		assert.match(
			written,
			/^1 {2}claude-sonnet-4-5\n {2}Latency +2s\n {2}Input +1,000\n {2}Output +40\n {2}Total +1,040\n {2}Cached +800\n {2}Cache create +50\n {2}Cache hit +hit\n {2}Cost +\$0\.0015\n {2}Stop reason +tool_use\n\n2 /,
		);
		const rows = written.slice(0, written.indexOf('\nRun '));
		assert.ok(rows.split('\n').every((line) => line.length <= 40));
	});

	it('lists the latest runs to choose from, takes the last one, and knows no run that is none', async () => {
		const runs = await shell.json<RunJson[]>(on());
		assert.deepEqual(
			runs.map(({ run_id, agent_id, pending_calls }) => [run_id, agent_id, pending_calls]),
			[
				['run-2', 'codex', 1],
				['run-1', 'agent-1', 1],
			],
		);
		assert.equal((await shell.json<RunJson[]>(on('--limit', '1'))).length, 1);
		const { out } = await shell.run(on());
		assert.match(out, /run-1 .*Mend it$/m);
		assert.equal((await shell.json<RunDiagnosticsJson>(on('--last'))).run_id, 'run-2');
		assert.match((await shell.run(on('nobody'))).err, /There is no run "nobody"/);
		assert.equal((await shell.run(on('run-1', '--last'))).code, 2);
	});
});
