import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { panelStrings, pseudoLanguage } from '../../run/l10n-strings.ts';
import { DevBrowser, picture } from '../dev-page/open-dev-page.ts';

let browser: DevBrowser;
let page: Page;

before(async () => {
	browser = await DevBrowser.launch();
});
after(() => browser?.close());
afterEach(() => page?.context().close());

/** The panel in a language in which every letter is marked, with dates and numbers that have no Latin letters. */
async function open(name: string, selected: string | null = null): Promise<void> {
	const language = { language: 'ja', texts: pseudoLanguage(panelStrings()) };
	page = await browser.open({
		calls: 300,
		language,
		host: { locale: 'ja', diagnostics: true },
		state: { page: name, range: 'all', selected },
	});
	await page.locator(`.sidebar [data-page="${name}"][aria-current]`).waitFor();
}

/**
 * Words on the page, and in what readers aloud are told, that are neither marked nor come from the host: what was not
 * handed to the translator.
 */
function leftInEnglish(): Promise<string[]> {
	return page.evaluate(async () => {
		const { ledger, sources, runs } = window.devHost;
		const details = ledger.rows.slice(-3).map(({ callId }) => window.devHost.detail(callId));
		const foreign = JSON.stringify([
			ledger.rows,
			sources,
			details,
			await runs.page(0, 20),
			'inference_provider',
			'fireworks',
		]).toLowerCase();
		const found = new Set<string>();
		const check = (text: string | null) => {
			// Units, code points and formats are no words.
			for (const [word] of (text ?? '').matchAll(/\b[a-z]{4,}\b/gi)) {
				if (!foreign.includes(word.toLowerCase())) found.add(`${word}: ${(text ?? '').slice(0, 60)}`);
			}
		};
		const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
		for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
			if (!(node instanceof Element ? node : node.parentElement)?.checkVisibility()) continue;
			if (node instanceof Text) {
				if (node.parentElement?.closest('script, style') === null) check(node.data);
			} else if (node instanceof Element) {
				for (const name of ['aria-label', 'title', 'placeholder', 'alt', 'aria-description', 'aria-roledescription']) {
					check(node.getAttribute(name));
				}
			}
		}
		return [...found];
	});
}

describe('the panel in another language', () => {
	it('leaves nothing in English on the pages of figures, in what is told of a run, and in Sources', async () => {
		await open('overview');
		await page.locator('[data-card="calls"] .card-value').getByText('300').waitFor();
		await page.locator('.range').getByRole('button').last().click();
		await page.evaluate(() => window.devHost.endRun(window.devHost.ledger.rows.at(-1)?.sessionId ?? ''));
		await page.locator('.run-ended dt').first().waitFor();
		assert.deepEqual(await leftInEnglish(), [], 'Overview');
		await picture(page, 'dev-pseudo-overview');
		assert.equal(await page.locator('html').getAttribute('lang'), 'ja');
		for (const name of ['analytics', 'diagnostics', 'sources']) {
			await page.locator(`.sidebar [data-page="${name}"]`).click();
			await page.locator(`main.${name}`).waitFor();
			await page.waitForTimeout(500);
			if (name === 'diagnostics') await page.locator('.diagnostics-expand').first().click();
			assert.deepEqual(await leftInEnglish(), [], name);
			await picture(page, `dev-pseudo-${name}`);
		}
	});

	it('leaves nothing in English in the list, its filters, and each tab of the details', async () => {
		await open('prompts');
		await page.locator('.rows [data-call], .rows .row[data-state]').first().waitFor();
		await page.locator('.prompts-bar vscode-button, .prompts-bar button').last().click();
		assert.deepEqual(await leftInEnglish(), [], 'the list and its filters');
		await page.context().close();
		await open('prompts', 'call-299');
		await page.locator('vscode-panels').waitFor();
		for (const name of ['prompt', 'completion', 'metadata', 'tools']) {
			await page.locator(`#tab-${name}`).click();
			await page.waitForTimeout(200);
			assert.deepEqual(await leftInEnglish(), [], name);
		}
		await picture(page, 'dev-pseudo-details');
	});

	it('leaves nothing in English on the screens that stand in place of calls', async () => {
		await open('overview');
		await page.evaluate(() => window.devHost.setState({ ledger: 'starting' }));
		await page.locator('.screen').waitFor();
		assert.deepEqual(await leftInEnglish(), [], 'while the ledger opens');
		await page.evaluate(() => window.devHost.setState({ ledger: 'failed', readable: false, problem: null }));
		await page.getByRole('alert').waitFor();
		assert.deepEqual(await leftInEnglish(), [], 'when it failed');
		await page.evaluate(() => {
			window.devHost.setState({ readable: true, problem: null, setAside: '/x' });
			window.devHost.ledger.rows.length = 0;
			window.devHost.ledger.revision++;
			window.devHost.setState({ ledger: 'ready' });
		});
		await page.locator('.screen h2').waitFor();
		assert.deepEqual(await leftInEnglish(), [], 'when nothing was recorded');
	});

	it('is written from right to left where the language is', async () => {
		page = await browser.open({ calls: 40, language: { language: 'he', texts: {} }, state: { page: 'overview' } });
		await page.locator('main.overview').waitFor();
		assert.equal(await page.locator('html').getAttribute('dir'), 'rtl');
		const [sidebar, main] = await Promise.all([
			page.locator('.sidebar').boundingBox(),
			page.locator('main.overview').boundingBox(),
		]);
		assert.ok((sidebar?.x ?? 0) > (main?.x ?? 0), 'the sidebar is on the right');
		assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth));
		await picture(page, 'dev-rtl');
	});
});
