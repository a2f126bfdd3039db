import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { DevBrowser, devThemes, picture } from '../dev-page/open-dev-page.ts';
import { violations } from './axe.ts';

let browser: DevBrowser;
let page: Page;

before(async () => {
	browser = await DevBrowser.launch();
});
after(() => browser?.close());
afterEach(() => page?.context().close());

const goTo = (name: string) => page.locator(`.sidebar [data-page="${name}"]`).click();

/** Overview and Analytics have tests of their own: they are looked at there. */
describe('the look of the panel', () => {
	for (const theme of devThemes) {
		it(`keeps nobody out in the theme ${theme}`, async () => {
			page = await browser.open({
				calls: 300,
				gapMs: 40 * 60_000,
				theme,
				host: { diagnostics: true },
				state: { page: 'prompts', range: 'all' },
			});
			await page.locator('.rows .row[data-state]').first().waitFor();
			await page.evaluate(() => window.devHost.begin());
			await page.locator('.rows .row[data-state="pending"]').first().waitFor();
			assert.deepEqual(await violations(page), [], 'the list');
			await page.locator('.rows .row[data-state="ok"]').first().click();
			for (const name of ['prompt', 'completion', 'metadata', 'tools']) {
				await page.locator(`#tab-${name}`).click();
				assert.deepEqual(await violations(page, '.detail'), [], name);
			}
			await picture(page, `dev-${theme}-call`);
			await goTo('diagnostics');
			await page.locator('.diagnostics-expand').first().click();
			await page.evaluate(() => window.devHost.endRun(window.devHost.ledger.rows[0]?.sessionId ?? ''));
			await page.locator('.run-ended dl').waitFor();
			assert.deepEqual(await violations(page), [], 'diagnostics, and a run that ended');
			await picture(page, `dev-${theme}-diagnostics`);
			await goTo('sources');
			await page.evaluate(() => window.devHost.setSources({ progress: { done: 120, total: 1_000 } }));
			await page.locator('.source[data-source="roo-code"] details > summary').first().click();
			await page.locator('.source-missing > summary').click();
			assert.deepEqual(await violations(page), [], 'sources');
			await picture(page, `dev-${theme}-sources`);
			await page.setViewportSize({ width: 420, height: 800 });
			await goTo('prompts');
			await page.locator('vscode-panels').waitFor();
			assert.deepEqual(await violations(page), [], 'narrow');
			await picture(page, `dev-${theme}-narrow`);
			await page.evaluate(() => {
				const problem = 'The folder cannot be read.';
				window.devHost.setState({ ledger: 'failed', readable: false, problem });
			});
			await page.getByRole('alert').waitFor();
			assert.deepEqual(await violations(page), [], 'what stands in place of a page');
		});
	}

	it('fits from 320 px on, and at 200 %', async () => {
		page = await browser.open({
			calls: 300,
			host: { diagnostics: true },
			state: { page: 'diagnostics', range: 'all' },
		});
		await page.locator('.diagnostics-table tbody tr').first().waitFor();
		await page.evaluate(() => window.devHost.endRun(window.devHost.ledger.rows[0]?.sessionId ?? ''));
		// 200 % of a 1280 px window leaves 640 × 400 CSS pixels.
		for (const [width, height] of [
			[320, 700],
			[520, 700],
			[640, 400],
			[760, 700],
			[1280, 800],
		] as const) {
			await page.setViewportSize({ width, height });
			for (const name of ['diagnostics', 'sources']) {
				await goTo(name);
				const overflow = await page.evaluate((name) => {
					const main = document.querySelector(`main.${name}`) ?? document.body;
					const root = document.documentElement;
					return [root.scrollWidth - root.clientWidth, main.scrollWidth - main.clientWidth];
				}, name);
				assert.deepEqual(overflow, [0, 0], `${name} at ${width} px`);
			}
			assert.ok((await page.locator('main').boundingBox())?.height ?? 0 > 100, `room for the page at ${width} px`);
		}
		await page.setViewportSize({ width: 640, height: 400 });
		await goTo('diagnostics');
		await picture(page, 'dev-zoom-200');
	});

	it('turns a sign for a running call, and stands still for those who asked for it', async () => {
		page = await browser.open({ calls: 10, state: { page: 'prompts' } });
		await page.locator('.rows .row[data-state]').first().waitFor();
		await page.evaluate(() => window.devHost.begin());
		await page.locator('.rows .row[data-state="pending"]').first().waitFor();
		const running = () =>
			page.evaluate(() => document.getAnimations().filter(({ playState }) => playState === 'running').length);
		assert.ok((await running()) > 0);
		await page.emulateMedia({ reducedMotion: 'reduce' });
		assert.equal(await running(), 0);
	});
});
