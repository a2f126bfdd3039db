import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';
import type { CallRow } from '../../../src/core/views.ts';
import { Format } from '../../../webview/format.ts';
import { periodBefore } from '../../../webview/overview/period-before.ts';
import { rangeOf } from '../../../webview/time-range.ts';
import { DevBrowser, devThemes, picture, setDevTheme } from '../dev-page/open-dev-page.ts';
import { violations } from './axe.ts';

let browser: DevBrowser;
let page: Page;

before(async () => {
	browser = await DevBrowser.launch();
});
after(() => browser?.close());
afterEach(() => page?.context().close());

const day = 86_400_000;
const zone = 'Europe/Berlin';
const format = new Format('en', zone);

const card = (name: string) => page.locator(`[data-card="${name}"]`);
const value = (name: string, words: string) => card(name).locator('.card-value').getByText(words, { exact: true });
const chart = (name: string) => page.locator(`[data-chart="${name}"]`);
const rows = () => page.evaluate(() => window.devHost.ledger.rows);
const kept = () =>
	page.evaluate(() => window.devHost.kept as { page: string; filter: unknown; selected: string; range: unknown });
const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
const choose = (label: string) => page.locator('.range').getByText(label, { exact: true }).click();
const goTo = (name: string) => page.getByRole('navigation').getByRole('button', { name, exact: true }).click();

/** The sums of some calls, added up here and not where the page gets its own. */
function sumsOf(calls: CallRow[]) {
	const sum = (pick: (row: CallRow) => number | null | undefined) =>
		calls.reduce((total, row) => total + (pick(row) ?? 0), 0);
	const timed = calls.filter(({ latencyMs }) => latencyMs !== null);
	return {
		calls: calls.length,
		input: sum((row) => row.inputTokens),
		output: sum((row) => row.outputTokens),
		cached: sum((row) => row.cacheReadTokens),
		told: sum((row) => (row.cacheReadTokens === null ? 0 : row.inputTokens)),
		costNanoUsd: sum(({ cost }) => (cost?.billing === 'api' ? cost.nanoUsd : 0)),
		unpriced: calls.filter(({ cost }) => cost !== null && cost.nanoUsd === null).length,
		latencyMs: timed.reduce((total, { latencyMs }) => total + (latencyMs ?? 0), 0) / timed.length,
	};
}

async function sumOfColumn(table: Locator, column: number): Promise<number> {
	const cells = await table.locator(`tbody tr td:nth-child(${column})`).allTextContents();
	return cells.reduce((sum, cell) => sum + Number(cell.replaceAll(',', '')), 0);
}

describe('the Overview', () => {
	it('story 4.4: shows count, cost, tokens, latency and cache hits of the calls in each range, against the time before', async () => {
		page = await browser.open({ calls: 2000, gapMs: day / 20, height: 1000 });
		const all = await rows();
		const between = (range: { fromMs: number; toMs: number } | null) =>
			range === null ? all : all.filter(({ startedAtMs }) => startedAtMs >= range.fromMs && startedAtMs < range.toMs);
		await chart('time').getByRole('button', { name: 'Show as table' }).click();
		for (const [choice, label] of [
			['today', 'Today'],
			['30d', '30 days'],
			['all', 'All'],
			['7d', '7 days'],
		] as const) {
			await choose(label);
			const nowMs = Date.now();
			const sums = sumsOf(between(rangeOf(choice, nowMs, zone)));
			await value('calls', format.count(sums.calls)).waitFor();
			await value('cost', format.money(sums.costNanoUsd, sums.unpriced > 0 ? 'atLeast' : 'exact')).waitFor();
			await value('input', format.compact(sums.input)).waitFor();
			await value('output', format.compact(sums.output)).waitFor();
			await value('cached', format.compact(sums.cached)).waitFor();
			await value('latency', format.duration(sums.latencyMs)).waitFor();
			await value('cacheHit', format.percent(sums.cached / sums.told)).waitFor();
			assert.equal(await sumOfColumn(chart('time'), 2), sums.calls, `the chart of ${label}`);
			const before = periodBefore(choice, nowMs, zone);
			if (before === null) {
				assert.equal(await page.locator('.change').count(), 0);
				continue;
			}
			const earlier = sumsOf(between(before)).calls;
			const change = card('calls').locator('.change');
			if (sums.calls === earlier) await change.getByText('no change').waitFor();
			else {
				const direction = sums.calls > earlier ? 'up' : 'down';
				await change.getByText(format.percent(Math.abs(sums.calls - earlier) / earlier)).waitFor();
				assert.equal(await change.getAttribute('data-direction'), direction);
			}
			assert.ok(await page.getByText(/^Changes are against /).isVisible());
			assert.match((await card('calls').getAttribute('title')) ?? '', /Compared with \w+ \d/);
		}
		await page.locator('.range [aria-pressed="true"]').getByText('7 days').waitFor();
	});

	it('names the costliest calls and tasks first, and leads to them', async () => {
		page = await browser.open({ calls: 600, gapMs: day / 100, height: 800 });
		const calls = page.locator('.costliest[data-of="calls"] li');
		await calls.nth(4).waitFor();
		const range = rangeOf('7d', Date.now(), zone);
		const costs = (await rows())
			.filter(({ startedAtMs }) => startedAtMs >= (range?.fromMs ?? 0))
			.map(({ cost }) => cost?.nanoUsd ?? 0)
			.sort((a, b) => b - a)
			.slice(0, 5);
		assert.deepEqual(
			(await calls.locator('strong').allTextContents()).map((text) => text.replace(/^[≥≤≈] /, '')),
			costs.map((nanoUsd) => format.money(nanoUsd)),
		);
		// The look that answers “where did the money go?” needs no scrolling.
		const box = await calls.first().boundingBox();
		assert.ok(box !== null && box.y + box.height < 500, `the costliest call is ${box?.y} px down`);
		for (const fact of [/in → .* out/, /\d+% cached/, /\d+(\.\d+)?s|m /])
			assert.match((await calls.first().textContent()) ?? '', fact);
		await picture(page, 'dev-overview');
		const dearest = (await rows())
			.filter(({ startedAtMs }) => startedAtMs >= (range?.fromMs ?? 0))
			.reduce((best, row) => ((row.cost?.nanoUsd ?? 0) > (best.cost?.nanoUsd ?? 0) ? row : best));
		await calls.first().getByRole('button').click();
		await page.locator('vscode-panels').waitFor();
		assert.equal((await kept()).selected, dearest.callId);
		assert.equal((await kept()).page, 'prompts');

		await goTo('Overview');
		const task = page.locator('.costliest[data-of="tasks"] li').first();
		await task.getByRole('button').press('Enter');
		await page.locator('.prompts').waitFor();
		const { filter } = await kept();
		assert.match((filter as { sessionId: string }).sessionId, /^session-\d+$/);

		await goTo('Overview');
		await page.getByRole('button', { name: 'Manage sources' }).click();
		await page.locator('.source').first().waitFor();
	});

	it('says of a task that began before the range that its figures are of all of it', async () => {
		page = await browser.open({ calls: 60, gapMs: 3_600_000, state: { range: 'today' } });
		await page.evaluate(() => {
			const { ledger } = window.devHost;
			const last = ledger.rows.at(-1);
			for (const row of ledger.rows) if (row.agentId === last?.agentId) row.sessionId = last.sessionId;
			window.devHost.begin();
		});
		const tasks = page.locator('.costliest[data-of="tasks"] li');
		const whole = tasks.filter({ hasText: /the whole task, since / }).first();
		await whole.waitFor();
		assert.equal(await whole.locator('.sr-only').count(), 0, 'no share of a sum that it is no part of');
		await page.locator('.range').getByText('All', { exact: true }).click();
		await whole.waitFor({ state: 'detached' });
		await tasks.first().waitFor();
	});

	it('tells where calls come from and what each source left out', async () => {
		page = await browser.open({ calls: 20 });
		const line = (id: string) => page.locator(`.source-line[data-source="${id}"]`);
		await line('roo-code').getByText('3,120 calls').waitFor();
		await line('roo-code').getByText('193 records left out').waitFor();
		await line('roo-code').getByText('180 of other workspaces. 12 too old. 1 damaged or half written.').waitFor();
		await line('cline').getByText('Its records cannot be read: EACCES').waitFor();
		assert.equal(await line('zoo-code').count(), 0, 'what is not there takes no room');
		// Told again while another page is in sight.
		await goTo('Prompts');
		await page.evaluate(() => {
			const sources = window.devHost.sources.sources.map((source) => ({ ...source, calls: source.calls + 1 }));
			window.devHost.setSources({ sources });
		});
		await goTo('Overview');
		await line('roo-code').getByText('3,121 calls').waitFor();
	});

	it('marks a sum that leaves calls out, keeps subscription cost apart, and leads from a bar to its calls', async () => {
		page = await browser.open({ calls: 400, gapMs: day / 20, state: { range: 'all' } });
		await card('cost').getByText(/^≥ \$/).waitFor();
		await card('cost')
			.getByText(/\d+ unpriced/)
			.waitFor();
		await card('cost')
			.getByText(/\+ \$[\d.]+ API-equivalent/)
			.waitFor();
		for (const name of ['time', 'model']) {
			await chart(name)
				.getByText(/\$[\d.]+ API-equivalent, which a subscription pays for, is not in this chart\./)
				.waitFor();
			await chart(name).getByRole('button', { name: 'Show as table' }).click();
			await chart(name).locator('.plot').waitFor({ state: 'hidden' });
			await chart(name).locator('th', { hasText: 'API-equivalent' }).waitFor();
			await chart(name).getByRole('button', { name: 'Show as chart' }).click();
			await chart(name).locator('.plot').waitFor();
		}
		const billed = await card('cost').locator('.card-value').textContent();
		const summary = await chart('time').locator('.plot canvas').getAttribute('aria-label');
		assert.ok(summary?.includes(`${billed} in total`), `${billed}: ${summary}`);

		// A press on a bar of the model chart, near its beginning.
		const plot = await chart('model').locator('.plot canvas').boundingBox();
		assert.ok(plot !== null);
		await page.mouse.click(plot.x + plot.width * 0.55, plot.y + 15);
		await page.locator('.prompts').waitFor();
		assert.deepEqual((await kept()).filter, { provider: 'anthropic', model: 'claude-sonnet-4-5' });

		await goTo('Overview');
		await page.evaluate(() => window.devHost.makeSubscriptions());
		for (const name of ['time', 'model']) {
			await chart(name).getByText('API-equivalent: a subscription pays for these calls.').waitFor();
			await chart(name).locator('.plot canvas[aria-label*="$"]').waitFor();
		}
	});

	it('says what to do when there is nothing, nothing in the range, or nothing to be read', async () => {
		page = await browser.open({ calls: 0 });
		await page.getByRole('heading', { name: 'No LLM calls recorded yet' }).waitFor();
		await page.evaluate(() => window.devHost.begin());
		await value('calls', '1').waitFor();
		await card('calls').getByText('1 running').waitFor();
		await page.getByRole('heading', { name: 'No LLM calls recorded yet' }).waitFor({ state: 'detached' });
		await page.getByText('No priced calls in this range.').first().waitFor();
		await page.getByText('No call was recorded in the time before').waitFor();
		assert.equal(await page.locator('.change').count(), 0, 'from nothing, nothing can be told');
		await page.evaluate(() => {
			window.devHost.failing.add('overview');
			window.devHost.begin();
		});
		await page.getByRole('alert').getByText('The figures could not be read.').waitFor();
		await page.evaluate(() => window.devHost.failing.clear());
		await page.getByRole('button', { name: 'Try again' }).click();
		await value('calls', '2').waitFor();
		assert.equal(await page.getByRole('alert').count(), 0);
		await page.context().close();

		page = await browser.open({ calls: 10, nowMs: Date.now() - 60 * day });
		await page.getByRole('heading', { name: 'No calls in this range' }).waitFor();
		await page.getByRole('button', { name: 'Show all calls' }).click();
		await value('calls', '10').waitFor();
		await page.locator('.range [aria-pressed="true"]').getByText('All').waitFor();
	});

	it('keeps nobody out in any theme, and fits from 320 px on', async () => {
		page = await browser.open({ calls: 300, gapMs: 40 * 60_000, height: 1200 });
		await page.locator('.costliest li').first().waitFor();
		await page.waitForFunction(() => performance.getEntriesByName('callmeter:first-chart').length > 0);
		for (const theme of devThemes) {
			await setDevTheme(page, theme);
			await page.setViewportSize({ width: 1280, height: 1200 });
			await picture(page, `dev-overview-${theme}`);
			assert.deepEqual(await violations(page, 'main'), [], theme);
		}
		for (const width of [760, 640, 420, 320]) {
			await page.setViewportSize({ width, height: 1200 });
			assert.ok((await overflow()) <= 0, `${width} px`);
		}
		await picture(page, 'dev-overview-320');
		assert.deepEqual(await violations(page, 'main'), [], 'narrow');
	});
});
