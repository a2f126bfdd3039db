import assert from 'node:assert/strict';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { openVsCode, type VsCode } from '../../harness/open-vscode.ts';
import { countRows, readRows, whenSampleIsDone } from '../../harness/panel-rows.ts';
import { type Theme, themes } from '../../harness/workbench.ts';
import { root } from '../../run/setup.mjs';

/** The panel in a real VS Code, filled by the sample task. Each test goes on where the one before it ended. */
describe('the panel in VS Code', () => {
	let vscode: VsCode;
	const panel = () => vscode.panel();
	const picture = (name: string) => vscode.screenshot(join(root, 'out/pictures', `vscode-${name}.png`));
	const focusedRole = () =>
		panel()
			.locator('body')
			.evaluate(() => document.activeElement?.getAttribute('role') ?? '');

	before(async () => {
		vscode = await openVsCode();
	});
	after(() => vscode?.close());

	it('opens empty and says what to do', async () => {
		await vscode.runCommand('Show LLM Usage');
		await panel().getByRole('heading', { name: 'No LLM calls recorded yet' }).waitFor();
		await picture('empty');
	});

	it("shows the sample task's calls as they run, newest first", async () => {
		await panel().getByRole('button', { name: 'Run a sample task' }).click();
		await panel().locator('.rows [data-state="pending"]').first().waitFor();
		await picture('running');
		await whenSampleIsDone(panel());
		const rows = await readRows(panel());
		assert.ok((await countRows(panel())) >= 3);
		assert.ok(rows.every(({ model, provider, cost }) => model !== '' && provider !== '' && cost !== ''));
		const messages = rows.map((row) => Number.parseInt(row.messages, 10));
		assert.deepEqual(
			messages,
			[...messages].sort((a, b) => b - a),
		);
		const calls = await panel().locator('[data-card="calls"] .card-value').textContent();
		assert.equal(Number(calls), await countRows(panel()));
	});

	it('opens a call by keyboard, shows its prompt, completion and cost, and comes back', async () => {
		await panel().locator('.calls').focus();
		await vscode.page.keyboard.press('ArrowDown');
		await vscode.page.keyboard.press('Enter');
		await panel().locator('.bubble').first().waitFor();
		await panel().locator('#tab-completion').click();
		await panel().locator('.completion-text, .completion .tool-call').first().waitFor();
		await panel().locator('#tab-metadata').click();
		await panel().locator('.cost-total').filter({ hasText: '$' }).waitFor();
		await panel().locator('.cost-section tbody tr').first().waitFor();
		await picture('metadata');
		await vscode.page.keyboard.press('Escape');
		await panel().locator('.detail').waitFor({ state: 'hidden' });
		assert.equal(await focusedRole(), 'grid');
	});

	it('marks what a call added to the one before', async () => {
		await vscode.page.keyboard.press('Enter');
		await panel().locator('#tab-prompt').click();
		await panel()
			.locator('.shared-messages summary')
			.filter({ hasText: /\d+ earlier messages?, same as the previous call/ })
			.waitFor();
		assert.ok((await panel().locator('.bubbles.added .bubble').count()) > 0);
		await picture('prompt');
	});

	it('is as it was after a reload of the window', async () => {
		const heading = await panel().locator('.detail-summary time').getAttribute('datetime');
		await panel().locator('.range').getByText('30 days').click();
		await panel().locator('.range [aria-pressed="true"]').filter({ hasText: '30 days' }).waitFor();
		await vscode.reloadWindow();
		await panel().locator('.bubble').first().waitFor();
		assert.equal(await panel().locator('.detail-summary time').getAttribute('datetime'), heading);
		assert.equal(await panel().locator('.range [aria-pressed="true"]').textContent(), '30 days');
		await panel().locator('.rows .row[aria-selected="true"]').waitFor();
	});

	for (const theme of Object.keys(themes) as Theme[]) {
		it(`follows a change to ${theme}, and keeps nobody out`, async () => {
			await vscode.setTheme(theme);
			const name = theme.toLowerCase().replaceAll(' ', '-');
			const { violations } = await new AxeBuilder({ page: vscode.page })
				.include(['iframe.webview.ready', '#active-frame', 'html'])
				.analyze();
			const serious = violations
				.filter(({ impact }) => impact === 'serious' || impact === 'critical')
				.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
			assert.deepEqual(serious, []);
			await picture(`${name}-wide`);
			await vscode.page.setViewportSize({ width: 760, height: 800 });
			await panel().locator('.usage[data-detail="over"]').waitFor();
			await picture(`${name}-narrow-call`);
			await panel().getByRole('button', { name: 'Back to the calls' }).click();
			await panel().locator('.calls').waitFor();
			await picture(`${name}-narrow`);
			await vscode.page.keyboard.press('Enter');
			await panel().locator('vscode-panels').waitFor();
			await vscode.page.setViewportSize({ width: 1280, height: 800 });
			await panel().locator('.usage[data-detail]').waitFor();
		});
	}

	it('reports no fault and breaks no rule of its content security policy', () => {
		const bad = vscode.logs.filter(
			(line) =>
				/panel reported a fault|something odd|Content Security Policy/.test(line) && !/chrome-extension/.test(line),
		);
		assert.deepEqual(bad, []);
	});
});
