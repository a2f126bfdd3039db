import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { rangeOf } from '../../../webview/time-range.ts';
import { DevBrowser, picture } from '../dev-page/open-dev-page.ts';

let browser: DevBrowser;
let page: Page;

before(async () => {
	browser = await DevBrowser.launch();
});
after(() => browser?.close());
afterEach(() => page?.context().close());

const day = 86_400_000;
const commands = () =>
	page.evaluate(() =>
		window.devHost.sent.flatMap((message) =>
			message.type === 'request' && message.request.kind === 'run' ? [message.request.command] : [],
		),
	);

describe('the panel', () => {
	it('says what to do when nothing was recorded, and shows the first call as it comes', async () => {
		page = await browser.open({ calls: 0 });
		await page.getByRole('heading', { name: 'No LLM calls recorded yet' }).waitFor();
		await page.getByRole('button', { name: 'What is recorded' }).click();
		await page.getByRole('button', { name: 'Run a sample task' }).click();
		assert.deepEqual(await commands(), ['openWalkthrough', 'runSampleTask']);
		await page.evaluate(() => window.devHost.setState({ sampleRunning: true }));
		await page.locator('.screen').getByText('Sample task running…').waitFor();
		await page.evaluate(() => window.devHost.begin());
		await page.locator('.rows .row[data-state="pending"]').waitFor();
		await page.getByRole('heading', { name: 'No LLM calls recorded yet' }).waitFor({ state: 'detached' });
	});

	it('waits while the ledger opens', async () => {
		page = await browser.open({ host: { ledger: 'starting' } });
		await page.getByText('Opening the ledger…').waitFor();
		await page.evaluate(() => window.devHost.setState({ ledger: 'ready' }));
		await page.locator('.rows .row[data-state]').first().waitFor();
	});

	it('tells what happened when the ledger failed, and recovers', async () => {
		page = await browser.open({
			host: {
				ledger: 'failed',
				readable: false,
				problem: 'The folder of the ledger cannot be read. Change its permissions and reload the window.',
			},
		});
		await page.getByRole('alert').filter({ hasText: 'Change its permissions' }).waitFor();
		assert.equal(await page.getByRole('grid').count(), 0);
		await page.getByRole('button', { name: 'Show log' }).click();
		assert.deepEqual(await commands(), ['showLog']);
		await page.evaluate(() => window.devHost.setState({ ledger: 'ready', readable: true, problem: null }));
		await page.locator('.rows .row[data-state]').first().waitFor();
	});

	it('keeps showing calls when no more can be stored, and says so above them', async () => {
		page = await browser.open({ calls: 40 });
		await page.locator('.rows .row[data-state]').first().waitFor();
		await page.locator('.rows .row[data-state]').first().click();
		await page.evaluate(() => {
			const problem = 'The disk is full. Free some space; recording goes on by itself.';
			window.devHost.setState({ ledger: 'failed', readable: true, problem });
		});
		await page.getByRole('alert').filter({ hasText: 'The disk is full. Free some space' }).waitFor();
		assert.ok((await page.locator('.rows .row[data-state]').count()) > 3);
		assert.ok(await page.locator('vscode-panels').isVisible(), 'the open call stays open');
		await picture(page, 'dev-read-only');
		await page.evaluate(() => window.devHost.setState({ ledger: 'ready', problem: null }));
		await page.getByRole('alert').waitFor({ state: 'detached' });
	});

	it('is marked as English for readers aloud, whatever the language of VS Code', async () => {
		page = await browser.open({ host: { locale: 'de' } });
		await page.locator('.rows .row[data-state]').first().waitFor();
		assert.equal(await page.locator('html').getAttribute('lang'), 'en');
		assert.match((await page.locator('[data-card="cost"] .card-value').textContent()) ?? '', /\d,\d/, 'German figures');
	});

	it('tells of a ledger that was set aside, until that is closed for good', async () => {
		page = await browser.open({ host: { setAside: '/data/ledger.damaged-1.db' } });
		await page.getByText('/data/ledger.damaged-1.db').waitFor();
		await page.getByRole('button', { name: 'Close', exact: true }).click();
		await page.getByText('/data/ledger.damaged-1.db').waitFor({ state: 'detached' });
		await page.evaluate(() => window.devHost.setState({ sampleRunning: true }));
		assert.equal(await page.getByText('/data/ledger.damaged-1.db').count(), 0);
		assert.equal(
			await page.evaluate(() => (window.devHost.kept as { closedNotice: string }).closedNotice),
			'/data/ledger.damaged-1.db',
		);
	});

	it('offers to try again what could not be read', async () => {
		page = await browser.open({ calls: 40 });
		await page.locator('.rows .row[data-state]').first().waitFor();
		await page.evaluate(() => {
			window.devHost.failing.add('calls');
			window.devHost.begin();
		});
		await page.getByRole('alert').getByText('The calls could not be read.').waitFor();
		await page.evaluate(() => window.devHost.failing.clear());
		await page.getByRole('button', { name: 'Try again' }).click();
		await page.locator('.rows .row[data-state="pending"]').waitFor();
		assert.equal(await page.getByRole('alert').count(), 0);
	});

	it('says so when there are calls, but none in the range', async () => {
		page = await browser.open({ calls: 10, nowMs: Date.now() - 60 * day });
		await page.getByRole('heading', { name: 'No calls in this range' }).waitFor();
		await page.getByRole('button', { name: 'Show all calls' }).click();
		await page.locator('[role="grid"][aria-rowcount="11"]').waitFor();
		assert.equal(await page.locator('.range [aria-pressed="true"]').textContent(), 'All');
	});

	it('counts in cards, charts and list the same calls, for each range', async () => {
		page = await browser.open({ calls: 2000, gapMs: day / 20 });
		const starts = await page.evaluate(() => window.devHost.ledger.rows.map(({ startedAtMs }) => startedAtMs));
		for (const [choice, label] of [
			['today', 'Today'],
			['30d', '30 days'],
			['all', 'All'],
			['7d', '7 days'],
		] as const) {
			await page.locator('.range').getByText(label, { exact: true }).click();
			const range = rangeOf(choice, Date.now(), 'Europe/Berlin') ?? { fromMs: 0, toMs: Number.POSITIVE_INFINITY };
			const calls = starts.filter((startMs) => startMs >= range.fromMs && startMs < range.toMs).length;
			await page
				.locator('[data-card="calls"] .card-value')
				.getByText(calls.toLocaleString('en'), { exact: true })
				.waitFor();
			await page.locator(`[role="grid"][aria-rowcount="${calls + 1}"]`).waitFor();
			await page.waitForFunction((calls) => {
				const cells = [...document.querySelectorAll('[data-chart="time"] tbody tr td:nth-child(2)')];
				return cells.reduce((sum, cell) => sum + Number(cell.textContent?.replaceAll(',', '')), 0) === calls;
			}, calls);
		}
	});

	it('marks a sum that leaves out unpriced calls, and subscription cost apart', async () => {
		page = await browser.open({ calls: 400, state: { range: 'all' } });
		const card = page.locator('[data-card="cost"]');
		await card.getByText(/^≥ \$/).waitFor();
		await card.getByText(/\d+ unpriced/).waitFor();
		await card.getByText(/\+ \$[\d.]+ API-equivalent/).waitFor();
	});

	it('draws what is billed, and tells apart what a subscription pays for', async () => {
		page = await browser.open({ calls: 400, state: { range: 'all' } });
		for (const chart of ['time', 'model']) {
			const section = page.locator(`[data-chart="${chart}"]`);
			await section
				.getByText(/\$[\d.]+ API-equivalent, which a subscription pays for, is not in this chart\./)
				.waitFor();
			await section.locator('th', { hasText: 'API-equivalent' }).waitFor({ state: 'attached' });
		}
		const billed = await page.locator('[data-card="cost"] .card-value').textContent();
		const summary = await page.locator('[data-chart="time"] canvas').getAttribute('aria-label');
		assert.ok(summary?.includes(`${billed} in total`), `${billed}: ${summary}`);
		await picture(page, 'dev-subscription-apart');
	});

	it('draws what subscriptions pay for where nothing is billed, and calls it so', async () => {
		page = await browser.open({ calls: 400, state: { range: 'all' } });
		await page.evaluate(() => window.devHost.makeSubscriptions());
		for (const chart of ['time', 'model']) {
			const section = page.locator(`[data-chart="${chart}"]`);
			await section.getByText('API-equivalent: a subscription pays for these calls.').waitFor();
			await section.locator('canvas[aria-label*="$"]').waitFor();
			assert.equal(await section.locator('th', { hasText: /^Cost$/ }).count(), 0);
		}
		await picture(page, 'dev-subscription-alone');
	});

	it('has a table behind each chart, for everyone', async () => {
		page = await browser.open({ calls: 400, state: { range: 'all' } });
		for (const chart of ['time', 'model']) {
			const section = page.locator(`[data-chart="${chart}"]`);
			await section.locator('canvas[aria-label*="$"]').waitFor();
			assert.ok((await section.getByRole('row').count()) > 1);
			await section.getByRole('button', { name: 'Show as table' }).click();
			await section.locator('canvas').waitFor({ state: 'hidden' });
			assert.ok(await section.locator('table').isVisible());
			await section.getByRole('button', { name: 'Show as chart' }).click();
			await section.locator('canvas').waitFor();
		}
	});

	it('comes back after a reload as it was: range, call, tab, place', async () => {
		page = await browser.open({ calls: 2000, state: { range: 'all' } });
		await page.locator('.rows .row[data-state]').first().waitFor();
		await page.locator('.scroller').evaluate((element) => {
			element.scrollTop = 30_000;
		});
		await page.waitForFunction(() => document.querySelectorAll('.rows .row[data-state="ok"]').length > 5);
		await page.locator('.rows .row[data-state="ok"]').nth(8).click();
		await page.locator('vscode-panels').waitFor();
		await page.locator('#tab-metadata').click();
		const place = () =>
			page.evaluate(() => {
				const selected = document.querySelector('.rows .row[aria-selected="true"]');
				return {
					time: selected?.querySelector('time')?.dateTime,
					y: Math.round(selected?.getBoundingClientRect().top ?? -1),
				};
			});
		const before = await place();
		await page.waitForFunction(() => (window.devHost.kept as { scroll: { anchor: unknown } }).scroll.anchor !== null);
		const [state, nowMs] = await page.evaluate(() => [window.devHost.kept, window.devPage.nowMs] as const);
		await page.context().close();
		page = await browser.open({ calls: 2000, nowMs, state, delayMs: 40 });
		await page.locator('.metadata').waitFor();
		await page.waitForFunction(() => document.querySelector('.rows .row[aria-selected="true"]') !== null);
		const after = await place();
		assert.equal(after.time, before.time);
		assert.ok(Math.abs(after.y - before.y) <= 2, `${before.y} → ${after.y}`);
	});

	it('reports no fault and breaks no rule of the content security policy', async () => {
		page = await browser.open({ calls: 50 });
		const said: string[] = [];
		page.on('console', (message) => said.push(message.text()));
		page.on('pageerror', (error) => said.push(String(error)));
		await page.reload();
		await page.locator('.rows .row[data-state]').first().click();
		for (const name of ['prompt', 'completion', 'metadata', 'tools']) await page.locator(`#tab-${name}`).click();
		assert.deepEqual(said, []);
		assert.deepEqual(await page.evaluate(() => window.devHost.sent.filter(({ type }) => type === 'fault')), []);
	});
});
