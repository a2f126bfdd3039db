import assert from 'node:assert/strict';
import { openVsCode, type VsCode } from '../harness/open-vscode.ts';
import { countRows, whenSampleIsDone } from '../harness/panel-rows.ts';
import { ledgerFiles, recordedCalls } from '../harness/recorded-calls.ts';

describe('the panel while it is out of sight', () => {
	let vscode: VsCode;

	before(async () => {
		vscode = await openVsCode();
	});

	after(() => vscode?.close());

	it('does not exist as a page, and is right when it is shown again', async () => {
		await vscode.runCommand('LLM Usage: Run Sample Task');
		await vscode.panel().locator('[role="row"][data-state]').first().waitFor();
		// Another tab covers it while the task goes on.
		await vscode.runCommand('New Untitled Text File');
		await vscode.panelElement().waitFor({ state: 'detached' });
		await vscode.page.locator('.notification-list-item', { hasText: 'Sample task' }).waitFor({ state: 'detached' });
		await vscode.runCommand('LLM Usage: Show LLM Usage');
		await whenSampleIsDone(vscode.panel());
		const [file = ''] = ledgerFiles(vscode.serverData);
		const recorded = await recordedCalls(file);
		assert.ok(recorded.length > 1);
		assert.equal(await countRows(vscode.panel()), recorded.length);
		assert.equal(await vscode.panelElement().count(), 1);
	});

	it('says that the ledger is intact when it is asked to verify it', async () => {
		await vscode.runCommand('LLM Usage: Verify Ledger');
		const message = await vscode.notification('The ledger is intact');
		const [file = ''] = ledgerFiles(vscode.serverData);
		const events = (await recordedCalls(file)).length * 2;
		assert.match((await message.textContent()) ?? '', new RegExp(`${events} events in 1 tasks`));
	});

	it('opens settings, walkthrough and log from the command palette', async () => {
		await vscode.runCommand('LLM Usage: Open Settings');
		await vscode.page.locator('.settings-editor').getByText('callmeter', { exact: false }).first().waitFor();
		await vscode.runCommand('LLM Usage: Open Walkthrough');
		await vscode.page.getByText('Get started with Callmeter').first().waitFor();
		await vscode.runCommand('LLM Usage: Show Log');
		await vscode.page.waitForFunction(() =>
			[...document.querySelectorAll<HTMLSelectElement>('.part.panel select')].some(
				({ value }) => value === 'Callmeter',
			),
		);
	});
});
