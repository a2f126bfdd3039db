import assert from 'node:assert/strict';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { DevBrowser, devThemes, picture, setDevTheme } from '../dev-page/open-dev-page.ts';

let browser: DevBrowser;
let page: Page;

before(async () => {
	browser = await DevBrowser.launch();
});
after(() => browser?.close());
afterEach(() => page?.context().close());

/** What axe finds that keeps people out. */
async function violations(): Promise<string[]> {
	const { violations } = await new AxeBuilder({ page }).analyze();
	return violations
		.filter(({ impact }) => impact === 'serious' || impact === 'critical')
		.flatMap(({ id, nodes }) =>
			nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 120)} ${failureSummary?.slice(0, 200)}`),
		);
}

async function openCall(): Promise<void> {
	await page.locator('.rows .row[aria-rowindex="4"]').click();
	await page.locator('vscode-panels').waitFor();
}

const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

describe('the look of the panel', () => {
	for (const theme of devThemes) {
		describe(`in the theme ${theme}`, () => {
			it('keeps nobody out, wide and with each tab of the details', async () => {
				page = await browser.open({ calls: 300, gapMs: 40 * 60_000, theme });
				await page.locator('.rows .row[data-state]').first().waitFor();
				await page.evaluate(() => window.devHost.begin());
				await page.locator('.rows .row[data-state="pending"]').waitFor();
				await picture(page, `dev-${theme}-wide`);
				assert.deepEqual(await violations(), []);
				await openCall();
				for (const name of ['prompt', 'completion', 'metadata', 'tools']) {
					await page.locator(`#tab-${name}`).click();
					await picture(page, `dev-${theme}-${name}`);
					assert.deepEqual(await violations(), [], name);
				}
			});

			it('keeps nobody out, narrow', async () => {
				page = await browser.open({ calls: 300, gapMs: 40 * 60_000, theme, width: 420 });
				await page.locator('.rows .row[data-state]').first().waitFor();
				await picture(page, `dev-${theme}-narrow`);
				assert.deepEqual(await violations(), []);
				await openCall();
				await picture(page, `dev-${theme}-narrow-call`);
				assert.deepEqual(await violations(), []);
			});

			it('keeps nobody out while it is empty', async () => {
				page = await browser.open({ calls: 0, theme });
				await page.locator('.screen').waitFor();
				await picture(page, `dev-${theme}-empty`);
				assert.deepEqual(await violations(), []);
			});
		});
	}

	it('follows a change of theme, charts included', async () => {
		page = await browser.open({ calls: 300, theme: 'dark' });
		await page.locator('canvas[aria-label*="$"]').first().waitFor();
		/** The colour that most pixels of the first chart's bars have. */
		const barColour = () =>
			page.locator('[data-chart="time"] canvas').evaluate((canvas) => {
				if (!(canvas instanceof HTMLCanvasElement)) return '';
				const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
				const counts = new Map<string, number>();
				for (let at = 0; at < data.length; at += 4) {
					if (data[at + 3] !== 255) continue;
					const colour = `${data[at]} ${data[at + 1]} ${data[at + 2]}`;
					counts.set(colour, (counts.get(colour) ?? 0) + 1);
				}
				return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? '';
			});
		await page.waitForFunction(() => performance.getEntriesByName('callmeter:first-chart').length > 0);
		const dark = await barColour();
		const textBefore = await page
			.locator('.card-value')
			.first()
			.evaluate((element) => getComputedStyle(element).color);
		await setDevTheme(page, 'light');
		await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
		assert.notEqual(
			await page
				.locator('.card-value')
				.first()
				.evaluate((element) => getComputedStyle(element).color),
			textBefore,
		);
		assert.notEqual(await barColour(), dark);
	});

	it('fits from 320 px on, and at 200 %', async () => {
		for (const width of [320, 420, 640, 759, 760, 1280]) {
			page = await browser.open({ calls: 300, width, state: { range: 'all' } });
			await page.locator('.rows .row[data-state]').first().waitFor();
			assert.ok((await overflow()) <= 0, `${width} px`);
			const cut = await page.locator('.rows .row[data-state]').evaluateAll((rows) =>
				rows.flatMap((element) => {
					const row = element.getBoundingClientRect();
					return [...element.querySelectorAll('[role="gridcell"]')]
						.map((cell) => cell.getBoundingClientRect())
						.filter((cell) => cell.right > row.right + 1 || cell.bottom > row.bottom + 1 || cell.top < row.top - 1)
						.map((cell) => `${cell.left} ${cell.top}`);
				}),
			);
			assert.deepEqual(cut, [], `cells outside their rows at ${width} px`);
			await openCall();
			assert.ok((await overflow()) <= 0, `${width} px, details`);
			await picture(page, `dev-width-${width}`);
			await page.context().close();
		}
		// 200 % of a 1280 px window leaves 640 CSS pixels, at twice the density.
		page = await browser.open({ calls: 300, width: 640, height: 400, scale: 2 });
		await page.locator('.rows .row[data-state]').first().waitFor();
		assert.ok((await overflow()) <= 0);
		await picture(page, 'dev-zoom-200');
	});

	it('stands still for those who asked for it', async () => {
		page = await browser.open({ calls: 10, reducedMotion: true });
		await page.locator('.rows .row[data-state]').first().waitFor();
		await page.evaluate(() => window.devHost.begin());
		await page.locator('.rows .row[data-state="pending"]').waitFor();
		const running = await page.evaluate(
			() => document.getAnimations().filter(({ playState }) => playState === 'running').length,
		);
		assert.equal(running, 0);
	});

	it('turns a sign for a running call', async () => {
		page = await browser.open({ calls: 10 });
		await page.locator('.rows .row[data-state]').first().waitFor();
		await page.evaluate(() => window.devHost.begin());
		await page.locator('.rows .row[data-state="pending"]').waitFor();
		assert.ok(await page.evaluate(() => document.getAnimations().length > 0));
	});
});
