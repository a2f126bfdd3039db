import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { FromPanel } from '../../../src/protocol/messages.ts';
import { DevBrowser, type DevPageOptions, picture } from '../dev-page/open-dev-page.ts';

let browser: DevBrowser;
let page: Page;

before(async () => {
	browser = await DevBrowser.launch();
});
after(() => browser?.close());
afterEach(() => page?.context().close());

async function open(options: DevPageOptions = {}): Promise<void> {
	page = await browser.open({ calls: 60, state: { page: 'diagnostics' }, ...options });
	await page.locator('.run').first().waitFor();
}

function asked(kind: string): Promise<unknown[]> {
	return page.evaluate(
		(wanted) =>
			window.devHost.sent.flatMap((message: FromPanel) =>
				message.type === 'request' && message.request.kind === wanted ? [message.request] : [],
			),
		kind,
	);
}

const run = (number: number) => page.locator('.run').nth(number);
const cell = (name: string) => run(0).locator(`tbody tr[data-call] [data-field="${name}"]`).first();

describe('the Diagnostics page', () => {
	it('seed 002 §6.2: has a row for each call with the columns of the record, and the summary of its run', async () => {
		await open({ host: { diagnostics: true }, width: 1800 });
		await run(0).locator('tbody tr[data-call]').first().waitFor();
		const columns = await run(0)
			.locator('thead th')
			.evaluateAll((heads) =>
				heads.filter((head) => head.getClientRects().length > 0).map((head) => head.textContent ?? ''),
			);
		assert.deepEqual(columns, [
			'#',
			'Model',
			'Provider',
			'Request',
			'Response',
			'Latency',
			'Input',
			'Output',
			'Total',
			'Cached',
			'Cache creation',
			'Cache hit',
			'Cached share',
			'Cost',
			'Stop reason',
			'Provider details',
		]);
		const row = await page.evaluate(async () => {
			const { sessionId } = window.devHost.ledger.rows.at(-1) ?? { sessionId: '' };
			const { lines, run } = await window.devHost.runs.calls(sessionId, 0, 1);
			return { line: lines[0], summary: run?.summary, calls: window.devHost.ledger.select({ sessionId }).length };
		});
		assert.equal(row.summary?.calls, row.calls);
		assert.equal(await run(0).locator('tbody tr[data-call]').count(), row.calls);
		const call = row.line?.call;
		assert.equal(await cell('model').textContent(), call?.model);
		assert.equal(
			await cell('latency_ms').textContent(),
			`${Math.round(call?.latency_ms ?? 0).toLocaleString('en')} ms`,
		);
		assert.equal(await cell('input_tokens').textContent(), call?.usage?.input_tokens.toLocaleString('en'));
		assert.equal(await cell('hit_state').textContent(), call?.cache.hit_state);
		assert.equal(await cell('request_ts').locator('time').getAttribute('datetime'), call?.request_ts);
		assert.equal(await cell('provider_meta_summary').textContent(), 'inference_provider=Fireworks');
		const figures = await run(0).locator('.run-figures').textContent();
		const total = row.summary?.total_tokens.toLocaleString('en');
		assert.match(figures ?? '', new RegExp(`Calls${row.calls}Tokens in.*Total tokens${total}Cached.*Cost`));
		await picture(page, 'dev-diagnostics-wide');
	});

	it('seed 002 §6.2: keeps every field in reach where it is narrow: a row unfolds into all of them', async () => {
		await open({ host: { diagnostics: true }, width: 380 });
		await run(0).locator('tbody tr[data-call]').first().waitFor();
		assert.equal(await cell('stop_reason').isVisible(), false);
		assert.equal(
			await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
			0,
		);
		await page.getByRole('button', { name: 'Show all fields of call 1' }).first().focus();
		await page.keyboard.press('Enter');
		const fields = await run(0).locator('.diagnostics-fields dt').allTextContents();
		assert.equal(fields.length, 14);
		assert.ok(await run(0).locator('.diagnostics-fields [data-field="stop_reason"] dd').isVisible());
		await picture(page, 'dev-diagnostics-narrow');
		await page.getByRole('button', { name: 'Copy this call as JSON' }).click();
		const [copied] = (await asked('copy')) as { text: string }[];
		const record = JSON.parse(copied?.text ?? '{}');
		assert.deepEqual(Object.keys(record).slice(0, 4), ['run_id', 'seq', 'provider', 'model']);
		assert.ok('hit_state' in record.cache);
	});

	it('seed 002 §2.2: says what it is while it is off, and is switched on for all or for one run', async () => {
		await open();
		assert.equal(await page.locator('.diagnostics-state').textContent(), 'Diagnostics are off');
		assert.equal(await page.locator('tr[data-call]').count(), 0);
		assert.deepEqual(await asked('diagnostics'), [], 'nothing is asked for while it is off');
		await run(1).getByRole('checkbox', { name: 'Diagnose this task' }).click();
		await run(1).locator('tbody tr[data-call]').first().waitFor();
		assert.equal(await run(0).locator('tr[data-call]').count(), 0);
		await page.getByRole('button', { name: 'Turn on diagnostics' }).click();
		await page.getByText('Diagnostics are on').waitFor();
		await run(0)
			.getByRole('button', { name: /^Show calls of/ })
			.click();
		await run(0).locator('tbody tr[data-call]').first().waitFor();
		assert.deepEqual(await asked('setDiagnostics'), [{ kind: 'setDiagnostics', on: true }]);
		await page.getByRole('button', { name: 'Turn off' }).click();
		await page.getByText('Diagnostics are off').waitFor();
		await run(0).locator('.run-body').waitFor({ state: 'hidden' });
	});

	it('seed 002 §5: shows a call when run.diagnostics tells that it ended, and leaves unfolded rows and focus alone', async () => {
		await open({ host: { diagnostics: true } });
		await run(0).locator('tbody tr[data-call]').first().waitFor();
		await page.getByRole('button', { name: 'Show all fields of call 1' }).first().click();
		const before = await page.locator('tbody tr[data-call]').count();
		const runId = (await run(0).getAttribute('data-run')) ?? '';
		await page.evaluate((runId) => window.devHost.endDiagnosed(runId), runId);
		await page.waitForFunction((count) => document.querySelectorAll('tbody tr[data-call]').length > count, before);
		assert.equal(await page.locator('.diagnostics-unfolded').count(), 1);
		assert.equal(
			await page.evaluate(() => document.activeElement?.getAttribute('aria-label')),
			'Show all fields of call 1',
		);
	});

	it('pages through a run of thousands of calls, and copies all of it', async () => {
		await open({ calls: 10, host: { diagnostics: true } });
		await page.evaluate(() => {
			const { ledger } = window.devHost;
			const [first] = ledger.rows;
			if (first === undefined) return;
			for (let seq = 1; seq <= 2340; seq++) {
				ledger.rows.push({
					...first,
					callId: `long-${seq}`,
					sessionId: 'long',
					seq,
					startedAtMs: Date.now() + seq,
					endedAtMs: Date.now() + seq + 5,
				});
			}
			window.devHost.begin();
			window.devHost.end();
		});
		const long = page.locator('.run[data-run="long"]');
		await long.waitFor();
		const toggle = long.getByRole('button', { name: /^Show calls of/ });
		if ((await toggle.getAttribute('aria-expanded')) === 'false') await toggle.click();
		await long.getByText('Calls 1 to 100 of 2,340').waitFor();
		assert.equal(await long.locator('tbody tr').count(), 100);
		await long.getByRole('button', { name: 'Next calls' }).click();
		await long.getByText('Calls 101 to 200 of 2,340').waitFor();
		assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('aria-label')), 'Next calls');
		await page.evaluate(() => {
			window.devHost.sent.length = 0;
		});
		await long.getByRole('button', { name: 'Copy as JSON' }).click();
		await long.getByText('Copied').waitFor();
		const [copied] = (await asked('copy')) as { text: string }[];
		const { run_id, summary, calls } = JSON.parse(copied?.text ?? '{}');
		assert.deepEqual([run_id, summary.calls, calls.length, calls[2339].seq], ['long', 2340, 2340, 2340]);
	});

	it('leads from a row to the details of its call, and offers to try again what could not be read', async () => {
		await open({ host: { diagnostics: true } });
		await run(0).locator('tbody tr[data-call]').first().waitFor();
		const callId = await run(0).locator('tbody tr').first().getAttribute('data-call');
		await page.evaluate(() => {
			window.devHost.failing.add('runs');
			window.devHost.begin();
		});
		await page.getByRole('alert').getByText('The diagnostics could not be read.').waitFor();
		await page.evaluate(() => window.devHost.failing.clear());
		await page.getByRole('button', { name: 'Try again' }).click();
		await page.getByRole('alert').waitFor({ state: 'detached' });
		await page.locator(`tr[data-call="${callId}"]`).getByTitle('Open the call').click();
		await page.locator('vscode-panels').waitFor();
		const kept = await page.evaluate(() => window.devHost.kept as { page: string; selected: string });
		assert.deepEqual([kept.page, kept.selected], ['prompts', callId]);
	});

	it('says so when no task was recorded', async () => {
		page = await browser.open({ calls: 0, state: { page: 'diagnostics' } });
		await page.getByText('No task has been recorded yet.').waitFor();
	});
});
