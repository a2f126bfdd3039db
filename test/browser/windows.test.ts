import assert from 'node:assert/strict';
import { openVsCode, type VsCode } from '../harness/open-vscode.ts';
import { ledgerFiles } from '../harness/recorded-calls.ts';
import type { Workbench } from '../harness/workbench.ts';

const cost = /^[≥≈≤]? ?\$\d+\.\d+$/;

describe('two windows on one folder', () => {
	let first: VsCode;
	let second: Workbench;

	before(async () => {
		first = await openVsCode();
	});

	after(() => first?.close());

	/** What a person reads in the status bar, once it is as wanted. */
	async function ticker(window: Workbench, wanted: RegExp): Promise<string> {
		const item = window.statusItem('cost').filter({ hasText: wanted });
		await item.waitFor();
		return ((await item.textContent()) ?? '').trim();
	}

	/** What both status bars say, once they say the same: while a task runs, one is ahead of the other. */
	async function agreed(wanted: RegExp): Promise<string> {
		const giveUpAt = performance.now() + 30_000;
		for (;;) {
			const [one, other] = [await ticker(first, wanted), await ticker(second, wanted)];
			if (one === other) return one;
			assert.ok(performance.now() < giveUpAt, `One window says ${one}, the other one ${other}`);
			await new Promise((resolve) => setTimeout(resolve, 100));
		}
	}

	it('says in the status bar that nothing was recorded yet', async () => {
		await ticker(first, /^\s*LLM\s*$/);
		const label = await first.statusItem('cost').locator('[aria-label]').first().getAttribute('aria-label');
		assert.match(label ?? '', /no calls recorded yet/);
	});

	it('shows the cost of the day in the status bar after a task, with a label for a screen reader', async () => {
		await first.runCommand('LLM Usage: Run Sample Task');
		const text = await ticker(first, /\$\d/);
		assert.match(text, cost);
		const label = await first.statusItem('cost').locator('[aria-label]').first().getAttribute('aria-label');
		assert.match(label ?? '', /LLM cost today: .*\$/);
	});

	it('shows the same in a second window, from the same ledger', async () => {
		await first.panel().locator('.toolbar .running').waitFor({ state: 'hidden' });
		second = await first.openWindow();
		await agreed(/\$\d/);
		assert.equal(ledgerFiles(first.serverData).length, 1);
	});

	it('shows in one window what the other one records', async () => {
		const before = await ticker(first, /\$\d/);
		await second.runCommand('LLM Usage: Run Sample Task');
		await second.panel().locator('.toolbar .running').waitFor();
		await first.statusItem('cost').filter({ hasNotText: before }).waitFor();
		await second.panel().locator('.toolbar .running').waitFor({ state: 'hidden' });
		assert.notEqual(await agreed(/\$\d/), before);
	});

	it('opens the panel with a click on the status bar', async () => {
		await first.runCommand('View: Close All Editors');
		await first.panelElement().waitFor({ state: 'detached' });
		await first.statusItem('cost').click();
		await first.panel().getByRole('heading').first().waitFor();
	});

	it('erases everything after asking, and the other window knows', async () => {
		await first.runCommand('LLM Usage: Erase Prompt Content');
		await first.pick('What should be erased?', 'Everything');
		await first.page.locator('.monaco-dialog-box').getByRole('button', { name: 'Erase' }).click();
		await first.notification(/Erased/);
		await ticker(first, /^\s*LLM\s*$/);
		await ticker(second, /^\s*LLM\s*$/);
	});

	it('warns about nothing and fails nowhere', () => {
		const complaints = first.remarks().filter((line) => /error|failed|unhandled/i.test(line));
		assert.deepEqual(complaints, []);
	});
});
