import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { panelPages } from '../../../src/protocol/pages.ts';
import { DevBrowser, picture } from '../dev-page/open-dev-page.ts';

let browser: DevBrowser;
let page: Page;

before(async () => {
	browser = await DevBrowser.launch();
});
after(() => browser?.close());
afterEach(() => page?.context().close());

const commands = () =>
	page.evaluate(() =>
		window.devHost.sent.flatMap((message) =>
			message.type === 'request' && message.request.kind === 'run' ? [message.request.command] : [],
		),
	);
const calls = () => page.locator('[data-card="calls"] .card-value');
const kept = () => page.evaluate(() => window.devHost.kept as Record<string, unknown>);

describe('the panel', () => {
	it('waits while the ledger opens, tells what happened when that failed, and recovers', async () => {
		page = await browser.open({ calls: 40, host: { ledger: 'starting' }, state: { range: 'all' } });
		await page.getByText('Opening the ledger…').waitFor();
		await page.evaluate(() => window.devHost.setState({ ledger: 'ready' }));
		await calls().getByText('40').waitFor();
		const problem = 'The folder of the ledger cannot be read. Change its permissions and reload the window.';
		const fail = (problem: string) => window.devHost.setState({ ledger: 'failed', readable: false, problem });
		await page.evaluate(fail, problem);
		await page.getByRole('alert').filter({ hasText: 'Change its permissions' }).waitFor();
		assert.equal(await page.locator('main').count(), 0);
		await page.getByRole('button', { name: 'Show log' }).click();
		assert.deepEqual(await commands(), ['showLog']);
		await page.getByRole('button', { name: 'Sources' }).click();
		await page.locator('.source').first().waitFor();
		await page.getByRole('button', { name: 'Prompts' }).click();
		await page.getByRole('alert').filter({ hasText: 'Change its permissions' }).waitFor();
		await page.evaluate(() => window.devHost.setState({ ledger: 'ready', readable: true, problem: null }));
		await page.locator('.rows .row[data-state]').first().waitFor();
	});

	it('keeps showing calls when no more can be stored, and says so above them', async () => {
		page = await browser.open({ calls: 40, state: { page: 'prompts', range: 'all', selected: 'call-39' } });
		await page.locator('vscode-panels').waitFor();
		await page.evaluate(() => {
			const problem = 'The disk is full. Free some space; recording goes on by itself.';
			window.devHost.setState({ ledger: 'failed', readable: true, problem });
		});
		await page.getByRole('alert').filter({ hasText: 'The disk is full. Free some space' }).waitFor();
		assert.ok((await page.locator('.rows .row').count()) > 3);
		assert.ok(await page.locator('vscode-panels').isVisible(), 'the open call stays open');
		await picture(page, 'dev-read-only');
		await page.evaluate(() => window.devHost.setState({ ledger: 'ready', problem: null }));
		await page.getByRole('alert').waitFor({ state: 'detached' });
	});

	it('tells of a ledger that was set aside, until that is closed for good', async () => {
		page = await browser.open({ host: { setAside: '/data/ledger.damaged-1.db' } });
		await page.getByText('/data/ledger.damaged-1.db').waitFor();
		await page.getByRole('button', { name: 'Close', exact: true }).click();
		await page.getByText('/data/ledger.damaged-1.db').waitFor({ state: 'detached' });
		await page.evaluate(() => window.devHost.setState({ sampleRunning: true }));
		assert.equal(await page.getByText('/data/ledger.damaged-1.db').count(), 0);
		assert.equal((await kept()).closedNotice, '/data/ledger.damaged-1.db');
	});

	it('is marked as English where it is, with figures as the language of VS Code writes them', async () => {
		page = await browser.open({ calls: 40, host: { locale: 'de' }, state: { range: 'all' } });
		await calls().getByText('40').waitFor();
		assert.equal(await page.locator('html').getAttribute('lang'), 'en');
		assert.match((await page.locator('[data-card="cost"] .card-value').textContent()) ?? '', /\d,\d/, 'German figures');
	});

	it('comes back after a reload as it was: page, dates, sidebar, open runs, and how far down each page was', async () => {
		page = await browser.open({ calls: 400, host: { diagnostics: true }, state: { range: 'all' }, height: 500 });
		const scroll = (page: Page) => page.evaluate(() => document.querySelector('.diagnostics')?.scrollTop ?? -1);
		await calls().getByText('400').waitFor();
		await page.locator('.overview .scroller').evaluate((element) => {
			element.scrollTop = 120;
		});
		await page.waitForFunction(() => (window.devHost.kept as { tops?: { overview?: number } })?.tops?.overview === 120);
		await page.getByRole('button', { name: 'Show icons of pages only' }).click();
		await page.getByRole('button', { name: 'Diagnostics' }).click();
		await page
			.locator('.run')
			.nth(5)
			.getByRole('button', { name: /^Show calls of/ })
			.click();
		await page.locator('.run').nth(5).locator('tr[data-call]').first().waitFor();
		await page.locator('.diagnostics').evaluate((element) => {
			element.scrollTop = 400;
		});
		await page.waitForFunction(
			() => (window.devHost.kept as { tops?: { diagnostics?: number } })?.tops?.diagnostics === 400,
		);
		const state = await kept();
		const nowMs = await page.evaluate(() => window.devPage.nowMs);
		await page.context().close();
		page = await browser.open({ calls: 400, host: { diagnostics: true }, nowMs, state, height: 500, delayMs: 40 });
		await page.locator('.run').nth(5).locator('tr[data-call]').first().waitFor();
		await page.waitForFunction(() => document.querySelector('.diagnostics')?.scrollTop === 400);
		assert.equal(await scroll(page), 400);
		assert.equal(await page.locator('.sidebar').getAttribute('data-form'), 'icons');
		await page.getByRole('button', { name: 'Overview' }).click();
		await page.waitForFunction(() => document.querySelector('.overview .scroller')?.scrollTop === 120);
		assert.equal(await page.locator('.toolbar .range vscode-button[aria-pressed="true"]').textContent(), 'All');
	});

	it('takes what an older version kept', async () => {
		page = await browser.open({
			calls: 40,
			state: { page: 'usage', range: '30d', selected: 'call-39', tab: 'metadata' },
		});
		await page.locator('.metadata').waitFor();
		assert.equal(await page.locator('.sidebar [aria-current]').textContent(), 'Prompts');
		assert.equal(await page.locator('.toolbar .range vscode-button[aria-pressed="true"]').textContent(), '30 days');
	});

	it('reports no fault and breaks no rule of the content security policy, on any page', async () => {
		page = await browser.open({ calls: 50, host: { diagnostics: true }, state: { selected: 'call-49' } });
		const said: string[] = [];
		page.on('console', (message) => said.push(message.text()));
		page.on('pageerror', (error) => said.push(String(error)));
		await page.reload();
		for (const name of panelPages) {
			await page.locator(`.sidebar [data-page="${name}"]`).click();
			await page.locator('main').waitFor();
			await page.evaluate(() => window.devHost.begin());
			await page.waitForTimeout(500);
			await page.evaluate(() => window.devHost.end());
		}
		await page.locator('.sidebar [data-page="prompts"]').click();
		for (const name of ['prompt', 'completion', 'metadata', 'tools']) await page.locator(`#tab-${name}`).click();
		assert.deepEqual(said, []);
		assert.deepEqual(await page.evaluate(() => window.devHost.sent.filter(({ type }) => type === 'fault')), []);
	});
});
