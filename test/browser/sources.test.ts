import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { CallDetail } from '../../src/core/views.ts';
import { openVsCode, type VsCode } from '../harness/open-vscode.ts';
import { countRows, readRows, showPrompts } from '../harness/panel-rows.ts';
import { ledgerFiles, recordedCalls } from '../harness/recorded-calls.ts';
import {
	type AgentEvent,
	type Recording,
	RooStandIn,
	recordingAt,
	rooStandIn,
	wakeCommand,
} from '../harness/roo-stand-in.ts';
import { root } from '../run/setup.mjs';
import { copyRecorded } from '../unit/sources/kilo-db/agent-database.ts';

const folders = 1_000;
/** The extension host's thread may be held up for so long while 1,000 task folders are read, in milliseconds. */
const longestTurnMs = 50;

/**
 * An agent's extension and its records in a real VS Code: a stand-in that says and writes what Roo Code was recorded to.
 * Each test goes on where the one before it ended.
 */
describe('agents in VS Code', () => {
	let folder: string;
	let home: string;
	let vscode: VsCode;
	let agent: RooStandIn;
	let recording: Recording;
	const panel = () => vscode.panel();
	const card = (id: string) => panel().locator(`.source[data-source="${id}"]`);
	const row = (state: string) => panel().locator(`.rows .row[data-state="${state}"]`);
	const picture = (name: string) => vscode.screenshot(join(root, 'out/pictures', `sources-${name}.png`));

	async function showSources(): Promise<void> {
		await panel().locator('.sidebar-page[data-page="sources"]').click();
		await panel().locator('main.sources').waitFor();
	}

	async function showCalls(): Promise<void> {
		await showPrompts(panel());
	}

	/** Every call on disk, oldest first, once `passes` holds for them. */
	async function callsWhen(passes: (calls: CallDetail[]) => boolean): Promise<CallDetail[]> {
		const [file] = ledgerFiles(vscode.serverData);
		assert.ok(file, 'there is no ledger');
		let calls: CallDetail[] = [];
		for (const end = Date.now() + 20_000; Date.now() < end; ) {
			calls = await recordedCalls(file);
			if (passes(calls)) return calls;
		}
		const told = calls.map(({ row: { callId, state, inputTokens, contentState } }) =>
			[callId, state, inputTokens, contentState].join(' '),
		);
		throw new Error(`The ledger holds\n${told.join('\n')}`);
	}

	async function wake(): Promise<void> {
		await rm(agent.portFile, { force: true });
		await vscode.runCommand(wakeCommand);
		for (const end = Date.now() + 20_000; !existsSync(agent.portFile); await pause(20)) {
			if (Date.now() > end) throw new Error('The stand-in does not wake up');
		}
	}

	before(async () => {
		folder = await mkdtemp(join(tmpdir(), 'callmeter-agents-'));
		home = join(folder, 'home');
		await mkdir(home);
		await writeTasks(home, await recordingAt('roo-3.52.1', Date.now() - 3_600_000, '/home/dev/elsewhere'), 1);
		agent = new RooStandIn(join(folder, 'port'));
		vscode = await openVsCode({ home, alongside: [rooStandIn], env: { ROO_STAND_IN: agent.portFile } });
	});
	afterEach(async function () {
		if (this.currentTest?.state === 'failed') await picture('failed');
	});
	after(async () => {
		await vscode?.close();
		await rm(folder, { recursive: true, force: true });
	});

	it('are found, with what was left out of their records and why, and are not activated', async () => {
		const notice = await vscode.notification(/records the LLM calls of coding agents.* stays on this machine/);
		await notice.getByRole('button', { name: 'Choose What Is Recorded' }).click();
		await card('roo-code').getByText('Up to date').waitFor();
		await card('roo-code').getByText('1 record left out').click();
		await card('roo-code').getByText('1 of another workspace.').waitFor();
		await card('roo-code').getByText('Its extension has not started yet.').waitFor();
		await picture('found');
		assert.equal(existsSync(agent.portFile), false, 'the agent was activated');
	});

	it('are listened to once they are active, and their calls appear while they run', async () => {
		await wake();
		assert.equal(await agent.whenHeard(), 1);
		await card('roo-code').getByText('Live: calls appear as they happen.').waitFor();
		await showCalls();
		recording = await recordingAt('roo-3.52.1', Date.now() - 60_000, vscode.workspace);
		const begun = recording.events.findIndex(isRequest) + 1;
		await agent.emit(recording.events.slice(0, begun));
		await row('pending').waitFor();
		const [running] = await readRows(panel());
		assert.deepEqual(
			[running?.model, running?.provider, running?.title],
			['gpt-5', 'openai', 'Read the README and the source, then summarise this project.'],
		);
		await agent.emit(recording.events.slice(begun));
		await row('pending').first().waitFor({ state: 'detached' });
		const rows = await readRows(panel());
		assert.deepEqual(
			rows.map(({ state }) => state),
			recording.calls.map(() => 'ok'),
		);
		await picture('live');
	});

	it('seed 002 §2.1: have the compact summary of a task shown when the agent says that it is done', async () => {
		const ended = panel().getByRole('status').filter({ hasText: 'Task ended: Read the README' });
		await ended.waitFor();
		const taskOf = (callId: string) => callId.split(':')[1];
		const first = recording.calls[0]?.callId ?? '';
		const own = recording.calls.filter(({ callId }) => taskOf(callId) === taskOf(first));
		assert.equal(Number(await ended.locator('dd').first().textContent()), own.length);
	});

	it('are read again from their task folders: prompts and figures are completed, nothing is there twice', async () => {
		for (const [task, files] of recording.files) await agent.write(task, files);
		const calls = await callsWhen((all) => all.every(({ row: { contentState } }) => contentState === 'full'));
		assert.deepEqual(
			calls.map(({ row: { callId } }) => callId).sort(),
			recording.calls.map(({ callId }) => callId).sort(),
		);
		for (const { row: call, messages, usageBound } of calls) {
			const served = recording.calls.find(({ callId }) => callId === call.callId)?.served;
			assert.ok(messages.length > 0, call.callId);
			assert.ok(served);
			const { uncachedInput, cacheRead, cacheWrite5m, cacheWrite1h, output } = served.canonical;
			assert.equal(call.inputTokens, uncachedInput + cacheRead + cacheWrite5m + cacheWrite1h);
			if (usageBound === 'exact') assert.equal(call.outputTokens, output);
		}
		assert.equal(await countRows(panel()), recording.calls.length);
	});

	it('keep a call that the user cancelled and the agent forgot', async () => {
		const cancelled = await recordingAt('roo-3.52.1-abort', Date.now() - 30_000, vscode.workspace);
		await agent.emit(cancelled.events);
		await row('cancelled').first().waitFor();
		for (const [task, files] of cancelled.files) await agent.write(task, files);
		const ids = new Set(cancelled.calls.map(({ callId }) => callId));
		const calls = await callsWhen((all) => {
			const own = all.filter(({ row: { callId } }) => ids.has(callId));
			return own.length === ids.size && own.filter(({ row: each }) => each.contentState === 'full').length >= 2;
		});
		const own = calls.filter(({ row: { callId } }) => ids.has(callId));
		for (const { row: call } of own) {
			const wanted = cancelled.calls.find(({ callId }) => callId === call.callId);
			const isCancelled = wanted?.served.outcome === 'ok_after_cancel';
			assert.deepEqual([call.callId, call.state], [call.callId, isCancelled ? 'cancelled' : 'ok']);
			if (isCancelled) assert.equal(call.inputTokens, null);
		}
		assert.ok(own.some(({ row: { state } }) => state === 'cancelled'));
	});

	it('lose nothing and tell nothing twice when the window is reloaded in the middle of a task', async () => {
		const task = await recordingAt('roo-3.52.1-responses-gemini', Date.now() - 20_000, vscode.workspace);
		const before = await countRows(panel());
		const begun = task.events.findIndex(isRequest) + 1;
		await agent.emit(task.events.slice(0, begun));
		await row('pending').waitFor();
		await vscode.reloadWindow();
		await row('error').waitFor();
		await wake();
		await agent.whenHeard();
		await agent.emit(task.events.slice(begun));
		for (const [id, files] of task.files) await agent.write(id, files);
		const ids = task.calls.map(({ callId }) => callId).sort();
		const calls = await callsWhen((all) => {
			const own = all.filter(({ row: { callId } }) => ids.includes(callId));
			return own.length === ids.length && own.every(({ row: { state } }) => state === 'ok');
		});
		assert.equal(calls.length, before + ids.length);
	});

	it('are left alone while they are switched off, and caught up with when they are switched on', async () => {
		await showSources();
		const toggle = card('roo-code').getByRole('checkbox');
		await toggle.click();
		await card('roo-code').getByText('Off', { exact: true }).waitFor();
		assert.equal(await agent.listeners(), 0);
		const [file = ''] = ledgerFiles(vscode.serverData);
		const before = (await recordedCalls(file)).length;
		const task = await recordingAt('roo-3.52.1-nousage', Date.now() - 60_000, vscode.workspace);
		await agent.emit(task.events);
		for (const [id, files] of task.files) await agent.write(id, files);
		assert.equal((await recordedCalls(file)).length, before);
		await toggle.click();
		await agent.whenHeard();
		const ids = new Set(task.calls.map(({ callId }) => callId));
		const calls = await callsWhen((all) => all.filter(({ row: each }) => ids.has(each.callId)).length === ids.size);
		assert.equal(calls.length, before + ids.size);
	});

	it('have what cannot be read of them counted and shown', async () => {
		await agent.write('damaged', { 'ui_messages.json': '[{"ts":1,"type":"say","say":"te' });
		await card('roo-code').getByText('2 records left out').click();
		await card('roo-code').getByText('1 damaged or half written.').waitFor();
	});

	it('have 1,000 tasks read without holding up the extension host, with progress that can be stopped', async () => {
		const toggle = card('roo-code').getByRole('checkbox');
		await toggle.click();
		await card('roo-code').getByText('Off', { exact: true }).waitFor();
		await writeTasks(home, recording, folders);
		const idle = await agent.memory();
		await agent.watchLoop();
		await toggle.click();
		await panel().locator('.sources .import-strip').getByRole('button', { name: 'Cancel' }).click();
		await card('roo-code').getByText('Stopped', { exact: true }).waitFor();
		await picture('stopped');
		await panel().locator('.sources .import-strip').getByRole('button', { name: 'Go on' }).click();
		await card('roo-code').getByText('Up to date').waitFor({ timeout: 60_000 });
		const { wallMs, cpuMs } = await agent.unwatchLoop();
		const memoryMb = ((await agent.memory()) - idle) / 1024 / 1024;
		console.log(
			`      longest turn ${cpuMs.toFixed(0)} ms of computing, ${wallMs.toFixed(0)} ms on the clock; ${memoryMb.toFixed(0)} MB`,
		);
		assert.ok(cpuMs <= longestTurnMs, `the thread was held up for ${cpuMs} ms`);
		await card('roo-code').getByText('1,008', { exact: true }).waitFor();
		await picture('imported');
	});
});

describe("agents' records of all projects", () => {
	let folder: string;
	let vscode: VsCode;
	const card = (id: string) => vscode.panel().locator(`.source[data-source="${id}"]`);

	before(async () => {
		folder = await mkdtemp(join(tmpdir(), 'callmeter-records-'));
		copyRecorded('kilo-7.7.7', folder);
		await writeTasks(folder, await recordingAt('roo-3.52.1', Date.now() - 3_600_000, '/home/dev/elsewhere'), 20);
		vscode = await openVsCode({ home: folder, settings: { 'callmeter.sources.scope': 'allProjects' } });
	});
	after(async () => {
		await vscode?.close();
		await rm(folder, { recursive: true, force: true });
	});

	it('are read when VS Code starts, task folders and databases, into a ledger that all windows share', async () => {
		await vscode.runCommand('LLM Usage: Show Sources');
		await vscode.panel().locator('[aria-pressed="true"]', { hasText: 'All projects' }).waitFor();
		await vscode.runCommand('LLM Usage: Import All History');
		await vscode.panel().getByText('Goes back to the first record').waitFor();
		for (const id of ['kilo-db', 'roo-code']) await card(id).getByText('Up to date').waitFor();
		const [file = '', ...others] = ledgerFiles(vscode.serverData);
		assert.match(file, /globalStorage/);
		assert.deepEqual(others, []);
		const calls = await recordedCalls(file);
		const imported = Map.groupBy(calls, ({ row: { source } }) => source);
		assert.deepEqual([...imported.keys()].sort(), ['kilo-db', 'roo-code']);
		assert.equal(imported.get('roo-code')?.length, 20 * 3);
		assert.ok(calls.every(({ messages }) => messages.length > 0));
		assert.equal(await card('kilo-db').locator('dd').first().textContent(), String(imported.get('kilo-db')?.length));
	});
});

/** Copies of a recorded task, each under an id of its own, where another editor keeps them. */
async function writeTasks(home: string, { files }: Recording, count: number): Promise<void> {
	const storage = join(home, '.config/Code/User/globalStorage/rooveterinaryinc.roo-cline/tasks');
	const [first] = files.values();
	assert.ok(first);
	for (let index = 0; index < count; index++) {
		const task = join(storage, `copied-${index}`);
		await mkdir(task, { recursive: true });
		for (const [name, text] of Object.entries(first)) await writeFile(join(task, name), text);
	}
}

function isRequest({ args }: AgentEvent): boolean {
	return (args[0] as { message?: { say?: string } }).message?.say === 'api_req_started';
}
