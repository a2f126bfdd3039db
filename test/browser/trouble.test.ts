import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCallmeterLog } from '../harness/callmeter-log.ts';
import { openVsCode, type VsCode } from '../harness/open-vscode.ts';

describe('a ledger that cannot be', () => {
	let folder: string;
	let vscode: VsCode | undefined;

	before(async () => {
		folder = await mkdtemp(join(tmpdir(), 'callmeter-trouble-'));
		await writeFile(join(folder, 'file'), 'in the way');
	});

	afterEach(async () => {
		await vscode?.close();
		vscode = undefined;
	});

	after(() => rm(folder, { recursive: true, force: true }));

	it('is a warning in the status bar, words that say what to do, and nothing to the agent', async () => {
		const words = /The ledger file could not be read or written/;
		vscode = await openVsCode({ machineSettings: { 'callmeter.ledger.directory': join(folder, 'file', 'ledger') } });
		await vscode.statusItem('cost').locator('.codicon-warning').waitFor();
		await vscode.notification(words);
		await vscode.runCommand('LLM Usage: Run Sample Task');
		await vscode.panel().getByText(words).first().waitFor();
		const progress = vscode.page.locator('.notification-list-item', { hasText: 'Sample task' }).first();
		await progress.waitFor();
		await progress.waitFor({ state: 'detached' });
		assert.equal(/task failed/i.test(readCallmeterLog(vscode.serverData)), false);
		const unhandled = vscode.remarks().filter((line) => /unhandled|rejected promise/i.test(line));
		assert.deepEqual(unhandled, []);
	});

	it('is said in words also when its path is not absolute', async () => {
		vscode = await openVsCode({ machineSettings: { 'callmeter.ledger.directory': 'somewhere' } });
		await vscode.statusItem('cost').locator('.codicon-warning').waitFor();
		await vscode.notification(/must be an absolute path, and is "somewhere"/);
	});
});
