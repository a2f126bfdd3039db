import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
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
	const goTo = (page: string) => panel().locator(`.sidebar-page[data-page="${page}"]`).click();
	const picture = (name: string) => vscode.screenshot(join(root, 'out/pictures', `vscode-${name}.png`));
	const ended = () => panel().getByRole('status').filter({ hasText: 'Task ended' });

	before(async () => {
		vscode = await openVsCode();
	});
	after(() => vscode?.close());

	it('opens with the overview and says what to do while nothing was recorded', async () => {
		await vscode.runCommand('Show LLM Usage');
		await panel().getByRole('heading', { name: 'No LLM calls recorded yet' }).waitFor();
		assert.equal(await panel().locator('.sidebar [aria-current]').textContent(), 'Overview');
		await picture('empty');
	});

	it("shows the sample task's calls as they run, newest first, and its summary when it ends", async () => {
		await panel().getByRole('button', { name: 'Run a sample task' }).click();
		await panel().locator('.rows .call[data-state="pending"]').first().waitFor();
		await picture('running');
		await whenSampleIsDone(panel());
		const rows = await readRows(panel());
		assert.ok((await countRows(panel())) >= 3);
		assert.ok(rows.every(({ model, provider, cost }) => model !== '' && provider !== '' && cost !== ''));
		await ended().waitFor();
		const values = await ended().locator('dd').allTextContents();
		assert.equal(Number(values[0]), await countRows(panel()));
		assert.match(values[6] ?? '', /\$\d/);
		await picture('run-ended');
		await ended().getByRole('button', { name: 'Close' }).click();
	});

	it('opens a call by keyboard, shows its prompt, completion and cost, and comes back', async () => {
		await panel().getByRole('treegrid').focus();
		await vscode.page.keyboard.press('Home');
		await vscode.page.keyboard.press('ArrowDown');
		await vscode.page.keyboard.press('Enter');
		await panel().locator('.bubble').first().waitFor();
		await panel().locator('#tab-metadata').click();
		await panel().locator('.cost-total').filter({ hasText: '$' }).waitFor();
		await picture('metadata');
		await vscode.page.keyboard.press('Escape');
		await panel().locator('.detail').waitFor({ state: 'hidden' });
		assert.equal(await panel().locator('[role="treegrid"]:focus').count(), 1);
	});

	it('issue 6, export: writes the report of a task from its row, to the place that the person names', async () => {
		const file = join(vscode.workspace, 'report.md');
		const row = panel().locator('.rows .row.task').first();
		await row.hover();
		await row.getByRole('button', { name: 'Report…' }).click();
		await vscode.pick('as what?', 'Report, Markdown');
		await vscode.pick('with content?', 'with the title of the task');
		await vscode.saveTo('Export What does', file);
		await vscode.notification(file);
		assert.match(await readFile(file, 'utf8'), /^# LLM usage of a task\n\n\*\*`.+`\*\*\n/);
		await vscode.page.keyboard.press('Escape');
	});

	it('seed 002 §6.2: shows the diagnostics of each call once they are switched on', async () => {
		await vscode.runCommand('LLM Usage: Show Diagnostics');
		await panel().getByRole('button', { name: 'Turn on diagnostics' }).click();
		await panel().locator('.run tbody tr[data-call]').first().waitFor();
		const hits = await panel().locator('.run tbody [data-field="hit_state"]').allTextContents();
		assert.ok(hits.length >= 3 && hits.every((hit) => ['hit', 'miss', 'unknown'].includes(hit)), String(hits));
		await picture('diagnostics');
		await panel().getByRole('button', { name: 'Turn off' }).click();
		await panel().getByText('Diagnostics are off').waitFor();
	});

	it('seed 002 §2.1: tells of a task that ends in the status bar while nobody looks at the panel', async () => {
		await vscode.runCommand('LLM Usage: Run Sample Task');
		await vscode.runCommand('New Untitled Text File');
		await vscode.page
			.locator('.statusbar')
			.getByText(/Task ended: \d+ calls · .* tokens in/)
			.waitFor();
		await vscode.runCommand('LLM Usage: Search Prompts');
		await panel().locator('.prompts-bar vscode-text-field').waitFor();
		await whenSampleIsDone(panel());
		assert.equal(await panel().locator('.prompts-bar vscode-text-field:focus').count(), 1);
		// And in the panel, once someone looks at it again, until that is closed.
		await ended().waitFor();
		await vscode.runCommand('New Untitled Text File');
		await vscode.runCommand('LLM Usage: Show LLM Usage');
		await ended().getByRole('button', { name: 'Close' }).click();
		await vscode.runCommand('New Untitled Text File');
		await vscode.runCommand('LLM Usage: Show LLM Usage');
		await whenSampleIsDone(panel());
		assert.equal(await ended().count(), 0);
	});

	it('is as it was after a reload of the window: page, range, call, and what each page was at', async () => {
		await panel().locator('.toolbar .range').getByText('30 days').click();
		await panel().locator('.rows .call[data-state="ok"]').nth(1).click();
		await panel().locator('#tab-completion').click();
		const heading = await panel().locator('.detail-summary time').getAttribute('datetime');
		await vscode.reloadWindow();
		await panel().locator('.completion').waitFor();
		assert.equal(await panel().locator('.detail-summary time').getAttribute('datetime'), heading);
		assert.equal(await panel().locator('.toolbar .range vscode-button[aria-pressed="true"]').textContent(), '30 days');
		await panel().locator('.rows .row[aria-selected="true"]').waitFor();
		await goTo('overview');
		await panel().locator('[data-card="calls"] .card-value').filter({ hasText: /^\d+$/ }).waitFor();
	});

	for (const [at, theme] of (Object.keys(themes) as Theme[]).entries()) {
		it(`follows a change to ${theme}, and keeps nobody out`, async () => {
			await vscode.setTheme(theme);
			await goTo(['overview', 'analytics', 'prompts', 'diagnostics'][at % 4] ?? 'overview');
			const { violations } = await new AxeBuilder({ page: vscode.page })
				.include(['iframe.webview.ready', '#active-frame', 'html'])
				.analyze();
			const serious = violations
				.filter(({ impact }) => impact === 'serious' || impact === 'critical')
				.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
			assert.deepEqual(serious, []);
			await picture(theme.toLowerCase().replaceAll(' ', '-'));
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
