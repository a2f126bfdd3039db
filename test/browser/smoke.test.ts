import assert from 'node:assert/strict';
import { openVsCode, type VsCode } from '../harness/open-vscode.ts';

describe('the window', () => {
	let vscode: VsCode;

	before(async () => {
		vscode = await openVsCode();
	});

	after(() => vscode?.close());

	it('opens the panel from the command palette', async () => {
		await vscode.runCommand('Show LLM Usage');
		await vscode.panel().getByRole('heading').first().waitFor();
		assert.equal(await vscode.panelElement().count(), 1);
	});

	it('shows the panel again after a reload of the window', async () => {
		await vscode.reloadWindow();
		await vscode.panel().getByRole('heading').first().waitFor();
	});
});
