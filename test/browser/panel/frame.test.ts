import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { type PanelPage, panelPages } from '../../../src/protocol/pages.ts';
import { DevBrowser, picture } from '../dev-page/open-dev-page.ts';

let browser: DevBrowser;
let page: Page;

before(async () => {
	browser = await DevBrowser.launch();
});
after(() => browser?.close());
afterEach(() => page?.context().close());

const link = (name: string) => page.getByRole('navigation', { name: 'Pages' }).getByRole('button', { name });
const current = () => page.locator('.sidebar [aria-current="page"]').textContent();
const main = (name: PanelPage) => page.locator(`main:is(.${name}, [aria-label="${name}" i])`);
const focused = () => page.evaluate(() => document.activeElement?.closest('main') !== null);
const kept = <T>() => page.evaluate(() => window.devHost.kept) as Promise<T>;

/** Everything asked of the host, by kind. */
const asked = () =>
	page.evaluate(() =>
		window.devHost.sent.flatMap((message) => (message.type === 'request' ? [message.request.kind] : [])),
	);

describe('the frame of the panel', () => {
	it('story 4.4: the sidebar leads to Prompts, and to every other page, by pointer and by keyboard', async () => {
		page = await browser.open({ calls: 40, state: null });
		await main('overview').waitFor();
		assert.deepEqual(await page.locator('.sidebar-page').allTextContents(), [
			'Overview',
			'Prompts',
			'Analytics',
			'Diagnostics',
			'Sources',
		]);
		assert.equal(await current(), 'Overview');
		for (const name of [...panelPages].reverse()) {
			const label = name.replace(/^./, (first) => first.toUpperCase());
			await link(label).focus();
			await page.keyboard.press('Enter');
			await main(name).waitFor();
			assert.equal(await current(), label);
			assert.equal(await page.locator('main').count(), 1, 'the others are out of the document');
			assert.equal(await page.getByRole('heading', { level: 1 }).textContent(), label);
			assert.ok(await focused(), `${name} takes the focus`);
		}
		assert.equal((await kept<{ page: string }>()).page, 'overview');
	});

	it('story 4.4: the overview has calls and cost when there are calls', async () => {
		page = await browser.open({ calls: 40, state: { range: 'all' } });
		await page.locator('[data-card="calls"] .card-value').getByText('40', { exact: true }).waitFor();
		assert.match((await page.locator('[data-card="cost"] .card-value').textContent()) ?? '', /\$\d/);
	});

	it('shows names, icons alone, or a bar above, by the room there is and by a button, and keeps that', async () => {
		page = await browser.open({ calls: 5 });
		const sidebar = page.locator('.sidebar');
		assert.equal(await sidebar.getAttribute('data-form'), 'words');
		await page.getByRole('button', { name: 'Show icons of pages only' }).click();
		assert.equal(await sidebar.getAttribute('data-form'), 'icons');
		assert.equal((await kept<{ sidebar: string }>()).sidebar, 'collapsed');
		assert.equal(await link('Prompts').getAttribute('title'), 'Prompts');
		await page.getByRole('button', { name: 'Show names of pages' }).click();
		await page.setViewportSize({ width: 400, height: 700 });
		await page.locator('.sidebar[data-form="bar"]').waitFor();
		await link('Analytics').click();
		await main('analytics').waitFor();
		await page.setViewportSize({ width: 700, height: 700 });
		await page.locator('.sidebar[data-form="words"]').waitFor();
	});

	it('has a range from one date to another, which all pages share', async () => {
		page = await browser.open({ calls: 400, gapMs: 3_600_000, state: { page: 'overview', range: 'all' } });
		const range = page.locator('.range');
		await page.locator('[data-card="calls"] .card-value').getByText('400').waitFor();
		await range.getByRole('button', { name: 'Dates…' }).click();
		const [from, to] = await page.evaluate(() => {
			const day = (daysAgo: number) =>
				new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/Berlin' }).format(Date.now() - daysAgo * 86_400_000);
			return [day(4), day(2)] as const;
		});
		await page.getByLabel('From', { exact: true }).fill(to);
		await page.getByLabel('To', { exact: true }).fill(from);
		await page.getByRole('button', { name: 'Apply' }).click();
		await page.getByText('The first date must not be after the second.').waitFor();
		await page.getByLabel('From', { exact: true }).fill(from);
		await page.getByLabel('To', { exact: true }).fill(to);
		await page.keyboard.press('Enter');
		await page.locator('[data-card="calls"] .card-value').getByText('72').waitFor();
		assert.equal(await page.getByRole('dialog').count(), 0);
		assert.match((await range.locator('vscode-button[aria-pressed="true"]').textContent()) ?? '', /\d{4}/);
		assert.deepEqual((await kept<{ range: unknown }>()).range, { fromDate: from, toDate: to });
		await link('Prompts').click();
		await page.getByText('72 calls').first().waitFor();
		await page.keyboard.press('Tab');
		await range.getByRole('button').last().click();
		await page.keyboard.press('Escape');
		assert.equal(await page.getByRole('dialog').count(), 0);
	});

	it('seed 002 §2.1: tells on every page of a run that ended, until that is closed, and leads to its calls', async () => {
		page = await browser.open({ calls: 40 });
		const line = page.getByRole('status').filter({ hasText: 'Task ended' });
		const sessionId = await page.evaluate(() => window.devHost.ledger.rows[3]?.sessionId ?? '');
		await page.evaluate((sessionId) => window.devHost.endRun(sessionId), sessionId);
		await line.waitFor();
		const figures = await line.locator('dt').allTextContents();
		assert.deepEqual(figures, ['Calls', 'Tokens in', 'Tokens out', 'Total tokens', 'Cached', 'Cache creation', 'Cost']);
		const { summary, cost } = await page.evaluate(async (sessionId) => {
			const run = await window.devHost.runs.run(sessionId);
			return { summary: run?.summary, cost: run?.cost };
		}, sessionId);
		const values = await line.locator('dd').allTextContents();
		assert.deepEqual(
			values.slice(0, 4),
			[summary?.calls, summary?.input_tokens, summary?.output_tokens, summary?.total_tokens].map((count) =>
				count?.toLocaleString('en'),
			),
		);
		assert.match(values[6] ?? '', cost?.costNanoUsd || cost?.subscriptionNanoUsd ? /\$/ : /unpriced/);
		for (const name of ['Prompts', 'Analytics', 'Diagnostics', 'Sources']) {
			await link(name).click();
			assert.ok(await line.isVisible(), name);
		}
		await picture(page, 'dev-run-ended');
		await line.getByRole('button', { name: 'Close' }).click();
		assert.equal(await line.count(), 0);
		// What was closed is not told of again; the run that goes on, and ends with another call, is.
		await page.evaluate((sessionId) => window.devHost.endRun(sessionId, true), sessionId);
		await page.waitForTimeout(300);
		assert.equal(await line.count(), 0);
		await page.evaluate((sessionId) => window.devHost.endDiagnosed(sessionId), sessionId);
		await page.evaluate((sessionId) => window.devHost.endRun(sessionId, true), sessionId);
		await line.waitFor();
		await line.getByRole('button', { name: 'Close' }).click();
		await page.evaluate((sessionId) => window.devHost.endRun(sessionId), sessionId);
		await line.getByRole('button', { name: 'Show its calls' }).click();
		await main('prompts').waitFor();
		assert.equal((await kept<{ filter: { sessionId: string } }>()).filter.sessionId, sessionId);
		assert.equal(await line.count(), 0);
	});

	it('is opened by commands at a page, and at the search of the calls', async () => {
		page = await browser.open({ calls: 40 });
		await page.evaluate(() => window.devHost.showPage('analytics'));
		await main('analytics').waitFor();
		await page.evaluate(() => window.devHost.showPage('prompts', 'search'));
		await main('prompts').waitFor();
		await page.locator('.prompts-bar input:focus').waitFor();
	});

	it('asks for nothing while it is hidden, and every page is right when it is shown again', async () => {
		page = await browser.open({ calls: 40, host: { diagnostics: true }, state: { range: 'all' } });
		const hide = (hidden: boolean) =>
			page.evaluate((hidden) => {
				Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
				document.dispatchEvent(new Event('visibilitychange'));
			}, hidden);
		let calls = 40;
		for (const name of ['Overview', 'Prompts', 'Analytics', 'Diagnostics']) {
			await link(name).click();
			await page.evaluate(() => window.devHost.setState({}));
			// What was begun before may end: figures are renewed at most every 400 ms.
			await page.waitForTimeout(700);
			await hide(true);
			await page.evaluate(() => {
				window.devHost.sent.length = 0;
				for (let call = 0; call < 20; call++) window.devHost.begin();
			});
			await page.waitForTimeout(600);
			assert.deepEqual(await asked(), [], `${name} while it is hidden`);
			await hide(false);
			await page.waitForFunction(() => window.devHost.sent.length > 0);
			calls += 20;
		}
		// A page that was out of sight meanwhile is right as well, and was not renewed for nothing.
		await link('Overview').click();
		await page.locator('[data-card="calls"] .card-value').getByText(String(calls), { exact: true }).waitFor();
	});
});
