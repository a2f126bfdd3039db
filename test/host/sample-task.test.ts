import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { CallmeterApi, RunDiagnostics } from '../../src/api.ts';
import { callmeter, eventually } from './support.ts';

const sample = (api: CallmeterApi) => api.analytics.calls({ filter: { agentId: 'callmeter' }, sort: 'oldest' });

const panelTabs = () =>
	vscode.window.tabGroups.all
		.flatMap(({ tabs }) => tabs)
		.filter(({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith('callmeter.usage'));

describe('the sample task', () => {
	let api: CallmeterApi;

	before(async () => {
		api = await callmeter();
	});

	it('records its calls, opens the panel, and makes no diagnostics that nobody asked for', async () => {
		const diagnostics: RunDiagnostics[] = [];
		const listener = api.onDidRunDiagnostics((each) => diagnostics.push(each));
		await vscode.commands.executeCommand('callmeter.runSampleTask');
		listener.dispose();
		const { rows } = await sample(api);
		assert.ok(rows.length >= 3, `only ${rows.length} calls`);
		// One request is turned away by a busy provider and sent again.
		assert.deepEqual([...new Set(rows.map(({ state }) => state))].sort(), ['error', 'ok']);
		assert.equal(rows.at(-1)?.state, 'ok');
		assert.deepEqual(
			rows.map(({ seq }) => seq),
			rows.map((_, index) => index + 1),
		);
		assert.ok(rows.every(({ state, cost }) => state === 'error' || (cost?.nanoUsd ?? 0) > 0));
		await eventually('the panel is open', () => panelTabs()[0]);
		assert.deepEqual(diagnostics, []);
	});

	it('is the same in its list and in its sums', async () => {
		const { rows } = await sample(api);
		const totals = await api.analytics.totals({ agentId: 'callmeter' });
		assert.equal(totals.calls, rows.length);
		assert.equal(
			totals.costNanoUsd,
			rows.reduce((sum, { cost }) => sum + (cost?.nanoUsd ?? 0), 0),
		);
	});

	it('makes run.diagnostics for each call and for the run when they are wanted', async () => {
		const configuration = vscode.workspace.getConfiguration('callmeter');
		await configuration.update('diagnostics.enabled', true, vscode.ConfigurationTarget.Workspace);
		const diagnostics: RunDiagnostics[] = [];
		const listener = api.onDidRunDiagnostics((each) => diagnostics.push(each));
		try {
			await vscode.commands.executeCommand('callmeter.runSampleTask');
			const summary = await eventually('a summary', () => diagnostics.find(({ kind }) => kind === 'run_summary'));
			const calls = diagnostics.filter(({ kind, run_id }) => kind === 'llm_call' && run_id === summary.run_id);
			assert.ok(summary.kind === 'run_summary');
			assert.equal(summary.summary.calls, calls.length);
			assert.ok(calls.length >= 3);
		} finally {
			listener.dispose();
			await configuration.update('diagnostics.enabled', undefined, vscode.ConfigurationTarget.Workspace);
		}
	});

	it('keeps one panel, however often it is opened', async () => {
		await vscode.commands.executeCommand('callmeter.showUsage');
		await vscode.commands.executeCommand('callmeter.showUsage');
		assert.equal(panelTabs().length, 1);
	});
});
