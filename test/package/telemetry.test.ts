import assert from 'node:assert/strict';
import { existsSync, globSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { FrameLocator } from 'playwright-core';
import type { CallDetail } from '../../src/core/views.ts';
import { type FakeProvider, startFakeProvider } from '../fixtures/providers/fake-provider.ts';
import { readCallmeterLog } from '../harness/callmeter-log.ts';
import { openVsCode, type VsCode } from '../harness/open-vscode.ts';
import { OtlpEndpoint } from '../harness/otlp-endpoint.ts';
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
	let receiver: OtlpEndpoint;
	let vscode: VsCode | undefined;

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
		receiver = await OtlpEndpoint.start();
	});

	afterEach(async () => {
		await vscode?.close();
		vscode = undefined;
		await Promise.all([provider?.close(), receiver?.close()]);
	});
	after(() => rm(folder, { recursive: true, force: true }));

	/** Opens VS Code with a telemetry receiver, whatever the switches, and runs a task against a provider. */
	async function openAndRun(settings: Record<string, unknown>, { sample = false } = {}): Promise<VsCode> {
		const machineSettings = {
			'callmeter.task.openai.baseUrl': provider.baseUrl,
			'callmeter.task.openai.model': model,
		};
		const all = { 'callmeter.telemetry.endpoint': receiver.url, ...settings };
		vscode = await openVsCode({ extension: vsix, telemetry: true, logFiles: true, settings: all, machineSettings });
		if (sample) {
			await vscode.runCommand('LLM Usage: Run Sample Task');
			await whenSampleIsDone(vscode.panel());
		}
		await vscode.runCommand('LLM Usage: Run Task');
		await vscode.pick('Which provider?', 'OpenAI or compatible');
		await vscode.answer('API key for OpenAI or compatible', 'sk-test-secret');
		await vscode.answer('What should the task do?', words);
		await whenShown(vscode.panel(), model);
		return vscode;
	}

	/** The calls in the ledger, and the events in the log. */
	async function outcome({ serverData }: VsCode) {
		const [file = ''] = ledgerFiles(serverData);
		const log = readCallmeterLog(serverData);
		assert.match(log, /Ledger folder/, 'There is no log to read events from');
		return { calls: await recordedCalls(file), log, events: eventsIn(log) };
	}

	const queueOf = ({ serverData }: VsCode) => join(serverData, 'data/User/globalStorage/callmeter.callmeter/telemetry');
	const waitingIn = (window: VsCode) => globSync('*.json', { cwd: queueOf(window) });

	it('makes one LLM Completion of each call with usage, with the properties of its specification', async () => {
		const window = await openAndRun(
			{ 'callmeter.telemetry.enabled': true, 'telemetry.telemetryLevel': 'all' },
			{ sample: true },
		);
		const { calls, events, log } = await outcome(window);
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

		await receiver.when(() => receiver.records.length >= events.length, 20_000);
		const sent = receiver.records.map(({ 'log.record.uid': _uid, ...properties }) => properties);
		assert.deepEqual(
			sent,
			events.map(({ properties }) => properties),
			'What is sent is what the log shows, once, in order',
		);
		assert.ok(receiver.arrived.every(({ path }) => path === '/v1/logs'));
		const texts = calls.flatMap(contentOf);
		assert.ok(texts.length > 50 && texts.includes(words));
		for (const text of [...texts, 'sk-test-secret']) {
			assert.equal(receiver.raw.includes(JSON.stringify(text).slice(1, -1)), false, text);
		}
		for (const end = Date.now() + 5_000; waitingIn(window).length > 0; await pause(50)) assert.ok(Date.now() < end);
	});

	it("makes, queues and sends none when the user has not switched Callmeter's on, which is the default", async () => {
		const window = await openAndRun({ 'telemetry.telemetryLevel': 'all' });
		const { calls, events } = await outcome(window);
		assert.equal(calls.length, 1);
		assert.deepEqual(events, []);
		assert.equal(existsSync(queueOf(window)), false);
		assert.deepEqual(receiver.arrived, []);
	});

	it("makes none when VS Code's telemetry level forbids it, and deletes what waited", async () => {
		receiver.answers.push({ status: 503, headers: { 'retry-after': '3600' } });
		const settings = { 'callmeter.telemetry.enabled': true, 'telemetry.telemetryLevel': 'all' };
		const window = await openAndRun(settings);
		await receiver.when(() => receiver.arrived.length === 1, 20_000);
		assert.equal(waitingIn(window).length, 1);

		const file = join(window.serverData, 'data/User/settings.json');
		const written = JSON.parse(await readFile(file, 'utf8'));
		await writeFile(file, JSON.stringify({ ...written, 'telemetry.telemetryLevel': 'error' }));
		await window.reloadWindow();
		await window.runCommand('LLM Usage: Run Sample Task');
		await whenSampleIsDone(window.panel());
		const { calls, events } = await outcome(window);
		assert.ok(calls.length > 1);
		assert.equal(events.length, 1, 'The event of before, and none since');
		assert.equal(existsSync(queueOf(window)), false);
		assert.equal(receiver.arrived.length, 1);
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

/** Each line of a call's content, and where it was made: what no telemetry may hold. Short ones could be part of a name. */
function contentOf(call: CallDetail): string[] {
	const { systemPrompt, messages, tools, completion, reasoning, toolCalls, error, folder } = call;
	const texts: string[] = [];
	JSON.stringify([systemPrompt, messages, tools, completion, reasoning, toolCalls, error, folder], (_key, value) => {
		if (typeof value === 'string') texts.push(...value.split('\n'));
		return value;
	});
	return [...new Set(texts.map((text) => text.trim()).filter((text) => text.length >= 12))];
}
