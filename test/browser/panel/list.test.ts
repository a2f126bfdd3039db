import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { DevBrowser, type DevPageOptions, picture } from '../dev-page/open-dev-page.ts';

let browser: DevBrowser;
let page: Page;

before(async () => {
	browser = await DevBrowser.launch();
});
after(() => browser?.close());
afterEach(() => page?.context().close());

/** Opens the panel with everything of 300 calls in one range. */
async function open(options: DevPageOptions = {}): Promise<void> {
	page = await browser.open({ calls: 300, state: { range: 'all' }, ...options });
	await page.locator('.rows .row[data-state]:not([data-loading])').first().waitFor();
}

const row = (number: number) => page.locator(`.rows .row[aria-rowindex="${number + 1}"]`);
const modelOf = (number: number) => row(number).locator('.call-model').textContent();
const activeIndex = () =>
	page.evaluate(() => {
		const id = document.querySelector('[role="grid"]')?.getAttribute('aria-activedescendant');
		return Number(document.getElementById(id ?? '')?.getAttribute('aria-rowindex')) - 1;
	});
const gridFocused = () => page.evaluate(() => document.activeElement?.getAttribute('role') === 'grid');
const press = async (...keys: string[]) => {
	for (const key of keys) await page.keyboard.press(key);
};
/** The call at the top of the view and how far below the head of the list it is. */
const reading = () =>
	page.evaluate(() => {
		const head = document.querySelector('.list-head')?.getBoundingClientRect().bottom ?? 0;
		const rows = [...document.querySelectorAll('.rows .row[data-state]')].map((element) => ({
			index: Number(element.getAttribute('aria-rowindex')),
			text: element.querySelector('.time-exact')?.getAttribute('datetime') ?? '',
			y: Math.round(element.getBoundingClientRect().top - head),
		}));
		return rows.filter(({ y }) => y >= 0).sort((a, b) => a.y - b.y)[0];
	});

/** Scrolls the page and waits until the rows there are shown. */
async function scrollTo(top: number): Promise<void> {
	await page.evaluate(async (top) => {
		const scroller = document.querySelector('.scroller');
		if (scroller !== null) scroller.scrollTop = top;
		const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
		for (let frames = 0; frames < 3; frames++) await frame();
		while (document.querySelector('.rows .row[data-loading][data-state]') !== null) await frame();
	}, top);
}

describe('the timeline', () => {
	it('marks the calls of the sample task, in the list, the details and the cost', async () => {
		await open();
		await page.evaluate(() => window.devHost.makeSamples(2));
		await page.locator('.rows .badge.sample:visible').nth(1).waitFor();
		assert.equal(await page.locator('.rows .badge.sample:visible').count(), 2);
		assert.equal(await row(2).locator('.badge.sample').textContent(), 'Sample');
		await row(2).click();
		await page.locator('.detail-summary .badge.sample').waitFor();
		await page.locator('#tab-metadata').click();
		await page.locator('.cost-section').getByText('Scripted: nobody was billed.').waitFor();
		await picture(page, 'dev-sample');
		await row(3).click();
		await page.locator('.detail-summary .badge.sample').waitFor({ state: 'detached' });
	});

	it('shows each call as one row: pair, model, provider, messages, duration, tokens, cost, time', async () => {
		await open();
		const cells = await row(1).getByRole('gridcell').allTextContents();
		assert.equal(cells.length, 7);
		assert.match(cells[0] ?? '', /🧠.*💬/);
		assert.match(cells[1] ?? '', /\w+/);
		assert.match(cells[2] ?? '', /^\d+ msgs?$/);
		assert.match(cells[3] ?? '', /s$/);
		assert.match(cells[4] ?? '', /→/);
		assert.match(cells[5] ?? '', /\$|unpriced/);
		assert.match(cells[6] ?? '', /\d:\d\d/);
	});

	it('is a grid that tells how many rows it has and holds only those in view', async () => {
		await open({ calls: 100_000, warm: true });
		const grid = page.getByRole('grid');
		assert.equal(await grid.getAttribute('aria-rowcount'), '100001');
		assert.ok((await page.locator('.rows .row').count()) < 60);
	});

	it('says unpriced, never $0, for a call without a price', async () => {
		await open();
		const unpriced = await page.evaluate(
			() => window.devHost.ledger.rows.filter(({ cost }) => cost?.nanoUsd === null).length,
		);
		assert.ok(unpriced > 0);
		const texts: string[] = [];
		await page.locator('.calls').focus();
		for (let screen = 0; screen < 40; screen++) {
			texts.push(...(await page.locator('.rows .row .cell-cost').allTextContents()));
			await press('PageDown');
		}
		assert.ok(texts.some((text) => text === 'unpriced'));
		assert.ok(texts.every((text) => !/\$0(\.0+)?$/.test(text)));
	});

	it('tells states apart by text and shape', async () => {
		await open({ calls: 400 });
		await page.evaluate(() => window.devHost.begin());
		await row(1).and(page.locator('[data-state="pending"]')).waitFor();
		const seen = new Map<string, { text: string; shape: string }>();
		await page.locator('.calls').focus();
		for (let screen = 0; screen < 60; screen++) {
			const states = await page.locator('.rows .row[data-state]').evaluateAll((rows) =>
				rows.map((element) => ({
					state: element.getAttribute('data-state') ?? '',
					text: element.querySelector('.cell-pair .sr-only')?.textContent ?? '',
					shape: element.querySelector('.pair-state svg')?.getAttribute('class') ?? '',
				})),
			);
			for (const { state, text, shape } of states) seen.set(state, { text, shape });
			await press('PageDown');
		}
		for (const state of ['pending', 'ok', 'error', 'cancelled', 'usageMissing', 'orphan'])
			assert.ok(seen.has(state), state);
		assert.equal(new Set([...seen.values()].map(({ text }) => text)).size, seen.size);
		assert.equal(new Set([...seen.values()].map(({ shape }) => shape)).size, seen.size);
	});

	describe('by keyboard', () => {
		it('moves with the arrow keys, Page Up and Down, Home and End, and never loses focus', async () => {
			await open();
			await page.locator('.calls').focus();
			await press('ArrowDown');
			assert.equal(await activeIndex(), 1);
			await press('ArrowDown', 'ArrowDown');
			assert.equal(await activeIndex(), 3);
			await press('ArrowUp');
			assert.equal(await activeIndex(), 2);
			await press('PageDown');
			const afterPage = await activeIndex();
			assert.ok(afterPage > 5);
			await press('PageUp');
			assert.equal(await activeIndex(), 2);
			await press('End');
			await page.waitForFunction(
				() => document.querySelector('.rows .row[data-active]')?.getAttribute('aria-rowindex') === '301',
			);
			assert.equal(await activeIndex(), 300);
			assert.ok(await row(300).isVisible());
			await press('Home');
			assert.equal(await activeIndex(), 1);
			assert.ok(await gridFocused());
		});

		it('reaches rows that were not fetched yet', async () => {
			await open({ calls: 100_000, warm: true, delayMs: 30 });
			await page.locator('.calls').focus();
			await press('End');
			await row(100_000).locator('.call-model').filter({ hasText: /\w/ }).waitFor();
			await press('ArrowUp');
			assert.equal(await activeIndex(), 99_999);
		});

		it('opens with Enter, closes with Escape, and comes back to the same row', async () => {
			await open();
			await page.locator('.calls').focus();
			await press('ArrowDown', 'ArrowDown', 'Enter');
			const heading = page.locator('.detail-heading');
			await heading.waitFor();
			assert.equal(await heading.textContent(), await modelOf(2));
			assert.ok(await heading.evaluate((element) => element === document.activeElement));
			await press('Escape');
			await page.locator('.detail').waitFor({ state: 'hidden' });
			assert.ok(await gridFocused());
			assert.equal(await activeIndex(), 2);
		});

		it('takes the details along when they are beside the list', async () => {
			await open();
			await row(1).click();
			await page.locator('vscode-panels').waitFor();
			for (let step = 0; step < 15; step++) await press('ArrowDown');
			const title = await page.evaluate(() => window.devHost.ledger.rows.at(-16)?.callId);
			await page.locator('#tab-metadata').click();
			await page
				.locator('.metadata dd', { hasText: title ?? 'missing' })
				.first()
				.waitFor();
		});

		it('keeps the active row when it scrolls out of the view', async () => {
			await open();
			await page.locator('.calls').focus();
			await press('ArrowDown', 'ArrowDown', 'ArrowDown');
			await scrollTo(9000);
			await row(166).waitFor();
			assert.equal(await activeIndex(), 3);
			await press('ArrowDown');
			assert.equal(await activeIndex(), 4);
			assert.ok(await row(4).isVisible());
		});
	});

	describe('while calls arrive', () => {
		it('shows a new call at its top, running, and then what became of it', async () => {
			await open();
			await page.evaluate(() => window.devHost.begin());
			await row(1).and(page.locator('[data-state="pending"]')).waitFor();
			assert.match((await row(1).locator('.duration-badge').textContent()) ?? '', /…$/);
			await page.evaluate(() => window.devHost.end());
			await row(1).and(page.locator('[data-state="ok"]')).waitFor();
			assert.match((await row(1).locator('.cell-cost').textContent()) ?? '', /\$|unpriced/);
			assert.equal(await page.getByRole('grid').getAttribute('aria-rowcount'), '302');
		});

		it('does not move what is being read, and tells how many are new', async () => {
			await open({ calls: 1000 });
			await scrollTo(7000);
			const before = await reading();
			for (let call = 0; call < 3; call++) await page.evaluate(() => window.devHost.begin());
			const pill = page.locator('.new-pill');
			await pill.filter({ hasText: '3 new calls' }).waitFor();
			const now = await reading();
			assert.equal(now?.text, before?.text);
			assert.equal(now?.y, before?.y);
			assert.equal(now?.index, (before?.index ?? 0) + 3);
			await pill.click();
			await pill.waitFor({ state: 'hidden' });
			assert.ok(await row(1).isVisible());
			assert.ok(await gridFocused());
		});

		it('keeps the place over a thousand new calls', async () => {
			await open({ calls: 5000 });
			await scrollTo(120_000);
			const before = await reading();
			await page.evaluate(() => {
				for (let call = 0; call < 1000; call++) window.devHost.ledger.begin(Date.now());
				window.devHost.begin();
			});
			await page.locator('.new-pill').filter({ hasText: '1,001 new calls' }).waitFor();
			const now = await reading();
			assert.deepEqual([now?.text, now?.y], [before?.text, before?.y]);
		});

		it('writes only the rows that changed', async () => {
			await open();
			await page.evaluate(() => window.devHost.begin());
			await row(1).and(page.locator('[data-state="pending"]')).waitFor();
			await page.evaluate(() => {
				const changed = new Set<string>();
				new MutationObserver((records) => {
					for (const { target } of records) {
						const owner = target instanceof Element ? target.closest('.row') : target.parentElement?.closest('.row');
						if (owner?.parentElement?.matches('.rows'))
							changed.add(owner.querySelector('.time-exact')?.getAttribute('datetime') ?? '');
					}
					document.body.dataset.changedRows = String(changed.size);
				}).observe(document.querySelector('.rows') ?? document.body, {
					subtree: true,
					childList: true,
					characterData: true,
				});
				window.devHost.end();
			});
			await row(1).and(page.locator('[data-state="ok"]')).waitFor();
			assert.equal(await page.locator('body').getAttribute('data-changed-rows'), '1');
		});

		it('waits while the panel is hidden, and is right when it is shown again', async () => {
			await open();
			// The figures are renewed at most every 400 ms: let those of the start be done.
			await page.waitForTimeout(600);
			await page.evaluate(() => {
				Object.defineProperty(document, 'hidden', { value: true, configurable: true });
				window.devHost.sent.length = 0;
				for (let call = 0; call < 20; call++) window.devHost.begin();
			});
			await page.waitForTimeout(600);
			assert.equal(await page.evaluate(() => window.devHost.sent.length), 0);
			await page.evaluate(() => {
				Object.defineProperty(document, 'hidden', { value: false, configurable: true });
				document.dispatchEvent(new Event('visibilitychange'));
			});
			await page.locator('[role="grid"][aria-rowcount="321"]').waitFor();
		});
	});

	describe('that is taller than a browser can lay out', () => {
		it('scrolls to both ends and to every row between', async () => {
			await open({ calls: 300_000, warm: true });
			assert.equal(await page.locator('.rows').evaluate((element) => (element as HTMLElement).offsetHeight), 8_000_000);
			const scroller = page.locator('.scroller');
			await page.locator('.calls').focus();
			await press('End');
			await row(300_000).locator('.call-model').filter({ hasText: /\w/ }).waitFor();
			const left = await scroller.evaluate(
				({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight,
			);
			assert.ok(Math.abs(left) < 2, `${left} px below the last call`);
			await press('ArrowUp', 'PageUp');
			const above = await activeIndex();
			assert.ok(above < 299_999 && above > 299_980);
			assert.ok(await row(above).isVisible());
			await scrollTo(4_000_000);
			const middle = await reading();
			assert.ok(Math.abs((middle?.index ?? 0) - 150_000) < 1000, `${middle?.index}`);
			// The wheel moves by what it says, not by what a pixel of the scrollbar stands for.
			await scrollTo(4_000_104);
			const next = await reading();
			assert.equal(next?.index, (middle?.index ?? 0) + 2);
			await press('Home');
			assert.equal(await activeIndex(), 1);
			assert.ok(await row(1).isVisible());
		});
	});
});
