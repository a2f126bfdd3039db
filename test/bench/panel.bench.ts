/** The panel with 100,000 calls, in a plain page with a stand-in for the host: its own cost, without the ledger's. */
import type { Page } from 'playwright-core';
import type { PanelPage } from '../../src/protocol/pages.ts';
import { DevBrowser } from '../browser/dev-page/open-dev-page.ts';

export const name = 'panel';

const calls = 100_000;
const openBudgetMs = 500;
const frameBudgetMs = 50;
/** Opened this often; the median counts. */
const openings = 5;
/** Scrolled through this often; the smoothest counts, since another program can hold up any frame. */
const passes = 3;

export async function run(): Promise<{ figure: string; measured: string; budget: string; ok: boolean }[]> {
	const browser = await DevBrowser.launch();
	try {
		const chartMs = await medianOpening(browser, 'overview', 'callmeter:first-chart');
		const callsMs = await medianOpening(browser, 'prompts', 'callmeter:first-calls');
		const page = await open(browser, 'prompts');
		const wheel = await bestOf(passes, () => longestFrame(page, 'wheel'));
		const jumps = await bestOf(passes, () => longestFrame(page, 'jump'));
		return [
			openFigure('script start to first chart', chartMs),
			openFigure('script start to first calls, below their tasks', callsMs),
			frameFigure('scrolling by wheel, longest frame', wheel),
			frameFigure('dragging the scrollbar, longest frame', jumps),
		];
	} finally {
		await browser.close();
	}
}

async function bestOf(times: number, measure: () => Promise<number>): Promise<number> {
	let best = Number.POSITIVE_INFINITY;
	for (let time = 0; time < times; time++) best = Math.min(best, await measure());
	return best;
}

async function medianOpening(browser: DevBrowser, shown: PanelPage, mark: string): Promise<number> {
	const openMs: number[] = [];
	for (let opening = 0; opening < openings; opening++) {
		const page = await open(browser, shown);
		openMs.push(await markedMs(page, mark));
		await page.context().close();
	}
	return openMs.sort((a, b) => a - b)[Math.floor(openings / 2)] ?? Number.NaN;
}

function openFigure(what: string, ms: number) {
	return {
		figure: `panel, ${calls.toLocaleString('en')} calls: ${what}`,
		measured: `${ms.toFixed(0)} ms`,
		budget: `≤ ${openBudgetMs} ms`,
		ok: ms <= openBudgetMs,
	};
}

function frameFigure(what: string, longest: number) {
	return {
		figure: `panel, ${calls.toLocaleString('en')} calls: ${what}`,
		measured: `${longest.toFixed(0)} ms`,
		budget: `≤ ${frameBudgetMs} ms`,
		ok: longest <= frameBudgetMs,
	};
}

function open(browser: DevBrowser, shown: PanelPage): Promise<Page> {
	// 100,000 calls over 300 days: the range that shows all of them.
	const state = { range: 'all', page: shown };
	return browser.open({ calls, gapMs: 260_000, state, warm: true });
}

/** From the moment when the stand-in for the host was ready, to a mark that the panel sets once something is drawn. */
async function markedMs(page: Page, mark: string): Promise<number> {
	await page.waitForFunction((mark) => performance.getEntriesByName(mark).length > 0, mark);
	return page.evaluate((mark) => {
		const at = (name: string) => performance.getEntriesByName(name)[0]?.startTime ?? Number.NaN;
		return at(mark) - at('dev:host-ready');
	}, mark);
}

/** The longest time between two frames in which the main thread was busy, ms, over 120 frames of scrolling. */
async function longestFrame(page: Page, how: 'wheel' | 'jump'): Promise<number> {
	await page.locator('.rows .row').nth(5).waitFor();
	return page.evaluate(async (how) => {
		const scroller = document.querySelector('.scroller');
		if (scroller === null) throw new Error('no list');
		scroller.scrollTop = 0;
		const frame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve));
		let longest = 0;
		const observer = new PerformanceObserver((list) => {
			for (const { duration } of list.getEntries()) longest = Math.max(longest, duration);
		});
		observer.observe({ type: 'longtask' });
		let previous = await frame();
		for (let step = 1; step <= 120; step++) {
			if (how === 'wheel') scroller.scrollTop += 240;
			else scroller.scrollTop = ((step * 37) % 100) * (scroller.scrollHeight / 100);
			const at = await frame();
			longest = Math.max(longest, at - previous);
			previous = at;
		}
		observer.disconnect();
		return longest;
	}, how);
}
