import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readCallmeterLog } from '../harness/callmeter-log.ts';
import { openVsCode, type VsCode } from '../harness/open-vscode.ts';
import { packageVsix } from '../harness/package-vsix.ts';
import { ledgerFiles, recordedCalls } from '../harness/recorded-calls.ts';
import { RooStandIn, recordingAt, rooStandIn, wakeCommand } from '../harness/roo-stand-in.ts';
import { root } from '../run/setup.mjs';

/** The installed package beside an agent's extension and one that uses the API, as a user has them. */
describe('the installed package and other extensions', () => {
	let folder: string;
	let vscode: VsCode;
	let agent: RooStandIn;

	before(async () => {
		folder = await mkdtemp(join(tmpdir(), 'callmeter-package-'));
		const home = join(folder, 'home');
		await mkdir(home);
		agent = new RooStandIn(join(folder, 'port'));
		vscode = await openVsCode({
			extension: await packageVsix(join(folder, 'callmeter.vsix')),
			alongside: [rooStandIn, join(root, 'docs/examples/callmeter-consumer')],
			home,
			env: { ROO_STAND_IN: agent.portFile },
			telemetry: true,
			logFiles: true,
			settings: { 'callmeter.telemetry.enabled': true, 'telemetry.telemetryLevel': 'all' },
		});
	});
	after(async () => {
		await vscode?.close();
		await rm(folder, { recursive: true, force: true });
	});

	const completions = () =>
		[...readCallmeterLog(vscode.serverData).matchAll(/Telemetry event: LLM Completion (\{.*\})/g)].map(
			([, properties = '']) => JSON.parse(properties) as { taskId: string; inputTokens: number; outputTokens: number },
		);

	async function completionsWhen(count: number): Promise<ReturnType<typeof completions>> {
		for (const end = Date.now() + 20_000; Date.now() < end; await pause(100)) {
			if (completions().length >= count) break;
		}
		return completions();
	}

	it('makes one LLM Completion of each live call of an agent, and none of what its records tell', async () => {
		await vscode.runCommand('Show LLM Usage');
		await vscode.runCommand(wakeCommand);
		await agent.whenHeard();
		const live = await recordingAt('roo-3.52.1', Date.now() - 60_000, vscode.workspace);
		await agent.emit(live.events);
		assert.equal((await completionsWhen(live.calls.length)).length, live.calls.length);
		const history = await recordingAt('roo-3.52.1-responses-gemini', Date.now() - 120_000, vscode.workspace);
		for (const { files } of [live, history]) for (const [task, texts] of files) await agent.write(task, texts);
		const [file = ''] = ledgerFiles(vscode.serverData);
		for (const end = Date.now() + 20_000; Date.now() < end; ) {
			const calls = await recordedCalls(file);
			const read = calls.filter(({ row: { contentState } }) => contentState === 'full');
			if (read.length === live.calls.length + history.calls.length) break;
		}
		// The last live call, whose event would come after any other.
		const last = await recordingAt('roo-3.52.1-nousage', Date.now() - 30_000, vscode.workspace);
		await agent.emit(last.events);
		const counted = last.calls.filter(({ served }) => served.outcome === 'ok').length;
		const events = await completionsWhen(live.calls.length + counted);
		assert.deepEqual(
			Map.groupBy(events, ({ taskId }) => live.tasks.includes(taskId)).get(true)?.length,
			live.calls.length,
		);
		assert.ok(events.every(({ taskId }) => !history.tasks.includes(taskId)));
		assert.equal(events.length, live.calls.length + counted);
	});

	it('serves an extension that uses the API', async () => {
		await vscode.runCommand('Callmeter Example: Run a Task');
		await vscode.page.locator('[id="example.callmeter-consumer.lastCall"]').getByText('gpt-4o $0.0029').waitFor();
	});
});
