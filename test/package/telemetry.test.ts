import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { type FakeProvider, startFakeProvider } from '../fixtures/providers/fake-provider.ts';
import { readCallmeterLog } from '../harness/callmeter-log.ts';
import { openVsCode } from '../harness/open-vscode.ts';
import { packageVsix } from '../harness/package-vsix.ts';
import { whenSampleIsDone } from '../harness/panel-rows.ts';
import { ledgerFiles, recordedCalls } from '../harness/recorded-calls.ts';

/** VS Code's logger sends nothing for an extension under test or under development: only the package tells. */
describe('telemetry of the installed package', () => {
	/** A name that VS Code would blank out as a path if it were not told to trust it. */
	const model = 'anthropic/claude-sonnet-4-6';
	const words = 'Which-words-the-user-wrote';
	let folder: string;
	let vsix: string;
	let provider: FakeProvider;

	before(async () => {
		folder = await mkdtemp(join(tmpdir(), 'callmeter-package-'));
		vsix = await packageVsix(join(folder, 'callmeter.vsix'));
	});

	beforeEach(async () => {
		provider = await startFakeProvider('openai-chat', model, [
			{
				text: 'Words-of-the-model',
				tools: [{ id: 't1', name: 'attempt_completion', arguments: { result: 'Done' } }],
				usage: { uncachedInput: 900, cacheRead: 100, cacheWrite5m: 0, cacheWrite1h: 0, output: 20, reasoning: 5 },
			},
		]);
	});

	afterEach(() => provider?.close());
	after(() => rm(folder, { recursive: true, force: true }));

	/** Runs a task against a provider, and the sample if wanted; gives the log, its events, and the calls in the ledger. */
	async function runTasks(settings: Record<string, unknown>, { sample = false } = {}) {
		const machineSettings = {
			'callmeter.task.openai.baseUrl': provider.baseUrl,
			'callmeter.task.openai.model': model,
		};
		const vscode = await openVsCode({ extension: vsix, telemetry: true, logFiles: true, settings, machineSettings });
		try {
			if (sample) {
				await vscode.runCommand('LLM Usage: Run Sample Task');
				await whenSampleIsDone(vscode.panel());
			}
			await vscode.runCommand('LLM Usage: Run Task');
			await vscode.pick('Which provider?', 'OpenAI or compatible');
			await vscode.answer('API key for OpenAI or compatible', 'sk-test-secret');
			await vscode.answer('What should the task do?', words);
			await whenShown(vscode.panel(), model);
			const [file = ''] = ledgerFiles(vscode.serverData);
			const calls = await recordedCalls(file);
			const log = readCallmeterLog(vscode.serverData);
			assert.match(log, /Ledger folder/, 'There is no log to read events from');
			return { calls, log, events: eventsIn(log) };
		} finally {
			await vscode.close();
		}
	}

	it('makes one LLM Completion of each call with usage, with the properties of its specification', async () => {
		const { calls, events, log } = await runTasks(
			{ 'callmeter.telemetry.enabled': true, 'telemetry.telemetryLevel': 'all' },
			{ sample: true },
		);
		const counted = calls.filter(({ usage }) => usage !== null);
		assert.ok(calls.length > counted.length, 'The sample task has a call without usage, which makes no event');
		assert.deepEqual(
			events.map(({ name }) => name),
			counted.map(() => 'LLM Completion'),
		);
		for (const [index, { properties }] of events.entries()) {
			const call = counted[index];
			assert.ok(call);
			const { appVersion, vscodeVersion, completionTime, ...rest } = properties;
			assert.match(String(appVersion), /^\d+\.\d+\.\d+$/);
			assert.match(String(vscodeVersion), /^\d+\.\d+\.\d+/);
			assert.ok(typeof completionTime === 'number' && completionTime > 0);
			assert.deepEqual(rest, {
				appName: 'callmeter.callmeter',
				platform: process.platform,
				editorName: rest.editorName,
				language: 'en',
				taskId: call.row.sessionId,
				mode: 'ask',
				modelId: call.row.model,
				apiProvider: call.row.provider,
				agentId: 'callmeter',
				inputTokens: call.row.inputTokens,
				outputTokens: call.row.outputTokens,
				cacheReadTokens: call.row.cacheReadTokens ?? 0,
				cacheWriteTokens: call.row.cacheWriteTokens ?? 0,
				...(call.cost?.shownNanoUsd != null && { cost: call.cost.shownNanoUsd / 1e9 }),
			});
		}
		assert.equal(events.at(-1)?.properties.modelId, model);
		for (const content of [words, 'Words-of-the-model', 'sk-test-secret', 'README']) {
			assert.equal(log.includes(content), false, content);
		}
	});

	it("makes none when the user has not switched Callmeter's on, which is the default", async () => {
		const { calls, events } = await runTasks({ 'telemetry.telemetryLevel': 'all' });
		assert.equal(calls.length, 1);
		assert.deepEqual(events, []);
	});

	it("makes none when VS Code's telemetry level forbids it", async () => {
		const settings = { 'callmeter.telemetry.enabled': true, 'telemetry.telemetryLevel': 'error' };
		const { calls, events } = await runTasks(settings);
		assert.equal(calls.length, 1);
		assert.deepEqual(events, []);
	});
});

/** Resolves when the panel shows the call as ended: whatever the news of it set off has happened by then. */
async function whenShown(panel: FrameLocator, text: string): Promise<void> {
	const row = panel.locator('[role="row"][data-state="ok"]', { hasText: text });
	await row.first().waitFor();
}

/** The events in Callmeter's log. */
function eventsIn(log: string): { name: string; properties: Record<string, unknown> }[] {
	return [...log.matchAll(/Telemetry event: (.+?) (\{.*\})$/gm)].map(([, name = '', json = '{}']) => ({
		name,
		properties: JSON.parse(json) as Record<string, unknown>,
	}));
}
