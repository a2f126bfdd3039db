import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { bucketsIn } from '../../../src/core/time-buckets.ts';
import type { CallRow } from '../../../src/core/views.ts';
import type { Request } from '../../../src/protocol/messages.ts';
import { Format } from '../../../webview/format.ts';
import { type RangeChoice, rangeOf } from '../../../webview/time-range.ts';
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
const charts = ['time', 'calls', 'latency', 'histogram', 'tokens'] as const;

const card = (name: string, words: string) =>
	page.locator(`[data-card="${name}"] .card-value`).getByText(words, { exact: true });
const chart = (name: (typeof charts)[number]) => page.locator(`[data-chart="analytics-${name}"]`);
const table = (name: string) => page.locator(`[data-table="${name}"]`);
const kept = () =>
	page.evaluate(() => window.devHost.kept as { page: string; filter: Record<string, string>; range: RangeChoice });
const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
const announced = (words: string | RegExp) => page.locator('.sr-only[role="status"]').getByText(words).waitFor();
const goTo = (name: string) => page.getByRole('navigation').getByRole('button', { name, exact: true }).click();

/** Opens the page with its charts drawn. */
async function open(state: object = {}, options: Parameters<DevBrowser['open']>[0] = {}): Promise<void> {
	page = await browser.open({ calls: 1200, gapMs: day / 60, state: { page: 'analytics', ...state }, ...options });
	await page.locator('.cards:not([data-loading])').waitFor();
}

/** The calls of a choice that have such parts. */
async function callsOf(choice: RangeChoice, parts: Partial<CallRow> = {}): Promise<CallRow[]> {
	const range = rangeOf(choice, Date.now(), zone) ?? { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
	const rows = await page.evaluate(() => window.devHost.ledger.rows);
	return rows.filter(
		(row) =>
			row.startedAtMs >= range.fromMs &&
			row.startedAtMs < range.toMs &&
			Object.entries(parts).every(([name, value]) => row[name as keyof CallRow] === value),
	);
}

/** What the cards must say of these calls. */
async function showsSumsOf(calls: CallRow[]): Promise<void> {
	const sum = (pick: (row: CallRow) => number | null | undefined) =>
		calls.reduce((total, row) => total + (pick(row) ?? 0), 0);
	const timed = calls.filter(({ latencyMs }) => latencyMs !== null);
	const unpriced = calls.some(({ cost }) => cost !== null && cost.nanoUsd === null);
	const cost = sum(({ cost }) => (cost?.billing === 'api' ? cost.nanoUsd : 0));
	await card('calls', format.count(calls.length)).waitFor();
	await card('cost', format.money(cost, unpriced ? 'atLeast' : 'exact')).waitFor();
	await card('latency', format.duration(sum(({ latencyMs }) => latencyMs) / timed.length)).waitFor();
	await card('tokens', format.compact(sum((row) => row.inputTokens) + sum((row) => row.outputTokens))).waitFor();
}

async function pick(label: string, option: RegExp): Promise<void> {
	await page.locator(`vscode-dropdown[aria-label="${label}"]`).click();
	await page.locator(`vscode-dropdown[aria-label="${label}"]`).getByRole('option', { name: option }).click();
}

/** The request to save a file that came last. */
async function saved(): Promise<Extract<Request, { kind: 'save' }>> {
	const request = await page.evaluate(() =>
		window.devHost.sent.findLast((message) => message.type === 'request' && message.request.kind === 'save'),
	);
	assert.ok(request?.type === 'request' && request.request.kind === 'save');
	return request.request;
}

describe('Analytics', () => {
	it('shows the day of the price table, issue 5', async () => {
		await open();
		await page.locator('main.analytics').getByText('Costs are computed with the prices of Nov 1, 2026').waitFor();
	});

	it('story 4.2: is reached by the sidebar, and its cards and filters count the right calls', async () => {
		page = await browser.open({ calls: 1200, gapMs: day / 60 });
		await goTo('Analytics');
		await page.locator('main.analytics').waitFor();
		await showsSumsOf(await callsOf('7d'));
		await page.locator('.range').getByText('30 days', { exact: true }).click();
		await showsSumsOf(await callsOf('30d'));
		await pick('Agent', /^kilo-code/);
		await showsSumsOf(await callsOf('30d', { agentId: 'kilo-code' }));
		await pick('Provider', /^openai/);
		await showsSumsOf(await callsOf('30d', { agentId: 'kilo-code', provider: 'openai' }));
		await pick('Model', /^gpt-4o-mini/);
		await showsSumsOf(await callsOf('30d', { agentId: 'kilo-code', provider: 'openai', model: 'gpt-4o-mini' }));
		// A page that is opened again shows the same.
		const [state, nowMs] = await page.evaluate(() => [window.devHost.kept, window.devPage.nowMs] as const);
		await page.context().close();
		page = await browser.open({ calls: 1200, gapMs: day / 60, nowMs, state });
		await showsSumsOf(await callsOf('30d', { agentId: 'kilo-code', provider: 'openai', model: 'gpt-4o-mini' }));
		await page.getByRole('button', { name: 'Clear filters' }).click();
		await showsSumsOf(await callsOf('30d'));
		await page.getByRole('button', { name: 'Clear filters' }).waitFor({ state: 'hidden' });
		// From one date to another.
		const range = { fromDate: dateBefore(6), toDate: dateBefore(2) };
		await page.getByRole('button', { name: 'Dates…' }).click();
		await page.getByRole('textbox', { name: 'From' }).fill(range.fromDate);
		await page.getByRole('textbox', { name: 'To', exact: true }).fill(range.toDate);
		await page.getByRole('button', { name: 'Apply' }).click();
		await showsSumsOf(await callsOf(range));
	});

	it('story 4.2: draws real data: each chart’s table adds up to the calls, by hour, day and week', async () => {
		await open({ range: '30d', tables: charts.map((name) => `analytics-${name}`) }, { height: 3000 });
		const calls = await callsOf('30d');
		const range = rangeOf('30d', Date.now(), zone);
		assert.ok(range !== null);
		for (const granularity of ['Day', 'Week', 'Hour'] as const) {
			await pick('Group by', new RegExp(`^${granularity}$`));
			const key = granularity.toLowerCase() as 'hour' | 'day' | 'week';
			const busy = bucketsIn(range, key, zone).filter(({ startMs, endMs }) =>
				calls.some(({ startedAtMs }) => startedAtMs >= startMs && startedAtMs < endMs),
			).length;
			for (const name of ['time', 'calls', 'latency', 'tokens'] as const) {
				await page.waitForFunction(
					([name, count]) =>
						document.querySelectorAll(`[data-chart="analytics-${name}"] tbody tr`).length === Number(count),
					[name, busy] as const,
				);
				const counts = await chart(name).locator('tbody td:nth-child(2)').allTextContents();
				assert.equal(
					counts.reduce((sum, count) => sum + Number(count.replaceAll(',', '')), 0),
					calls.length,
					`${name} by ${granularity}`,
				);
			}
		}
		for (const cell of await chart('latency')
			.locator('tbody tr')
			.first()
			.locator('td:nth-child(n+4)')
			.allTextContents())
			assert.match(cell, /^≈ /);
		const bars = await chart('histogram').locator('tbody td:nth-child(3)').allTextContents();
		assert.equal(
			bars.reduce((sum, count) => sum + Number(count.replaceAll(',', '')), 0),
			calls.filter(({ latencyMs }) => latencyMs !== null).length,
		);
		// The figures are drawn too, and not only told.
		for (const name of charts) {
			await chart(name).getByRole('button', { name: 'Show as chart' }).click();
			await chart(name).locator('.plot canvas').scrollIntoViewIfNeeded();
			await page.waitForFunction((name) => {
				const canvas = document.querySelector(`[data-chart="analytics-${name}"] .plot canvas`);
				if (!(canvas instanceof HTMLCanvasElement)) return false;
				return canvas
					.getContext('2d')
					?.getImageData(0, 0, canvas.width, canvas.height)
					.data.some((byte) => byte > 0);
			}, name);
		}
	});

	it('story 4.2: compares models in a table that every column sorts', async () => {
		await open({ range: '30d' });
		const calls = await callsOf('30d');
		const models = table('models');
		await models.locator('tbody tr').first().waitFor();
		assert.deepEqual(
			await models
				.locator('thead th')
				.evaluateAll((heads) => heads.map((head) => head.textContent?.replace(/[▲▼]/, ''))),
			[
				'Provider',
				'Model',
				'Calls',
				'Tokens',
				'Cost',
				'API-equivalent',
				'Avg latency',
				'p90',
				'Cache hit',
				'$ per 1K output',
			],
		);
		const column = async (index: number) => models.locator(`tbody tr > :nth-child(${index})`).allTextContents();
		assert.equal(await models.locator('th').filter({ hasText: 'Cost' }).getAttribute('aria-sort'), 'descending');
		for (const [index, name] of ['Provider', 'Model', 'Calls', 'Tokens', 'Avg latency', 'p90', 'Cache hit'].entries()) {
			const head = models.getByRole('columnheader', { name });
			await head.getByRole('button').click();
			const first = await head.getAttribute('aria-sort');
			assert.equal(first, index < 2 ? 'ascending' : 'descending', name);
			assert.equal(await models.locator('[aria-sort]:not([aria-sort="none"])').count(), 1);
			const before = await models.locator('tbody').textContent();
			await head.getByRole('button').press('Enter');
			assert.equal(await head.getAttribute('aria-sort'), first === 'ascending' ? 'descending' : 'ascending');
			assert.notEqual(await models.locator('tbody').textContent(), before, name);
		}
		await models.getByRole('columnheader', { name: 'Calls' }).getByRole('button').click();
		const counted = Map.groupBy(calls, ({ provider, model }) => `${provider} ${model}`);
		assert.deepEqual(
			(await column(3)).map((text) => Number(text.replaceAll(',', ''))),
			[...counted.values()].map(({ length }) => length).sort((a, b) => b - a),
		);
		for (const name of ['agents', 'folders']) {
			const counts = await table(name).locator('tbody td:nth-child(2)').allTextContents();
			assert.equal(
				counts.reduce((sum, count) => sum + Number(count.replaceAll(',', '')), 0),
				calls.length,
				name,
			);
		}
		await table('folders').getByRole('button', { name: '/home/dev/notes' }).click();
		await page.locator('.prompts').waitFor();
		assert.deepEqual((await kept()).filter, { folder: '/home/dev/notes' });
	});

	it('leads from a bar, a row and the key to the calls behind them, among those that it is about', async () => {
		await open({ range: '7d', analytics: { filter: { agentId: 'kilo-code' } } });
		const plot = await chart('time').locator('.plot canvas').boundingBox();
		assert.ok(plot !== null);
		// The fourth of seven days, at the foot of its bar.
		await page.mouse.click(plot.x + plot.width * 0.53, plot.y + plot.height - 32);
		await page.locator('.prompts').waitFor();
		const date = dateBefore(3);
		const chosen = await kept();
		assert.deepEqual(chosen.range, { fromDate: date, toDate: date });
		assert.equal(chosen.filter.agentId, 'kilo-code');
		assert.ok(chosen.filter.model !== undefined && chosen.filter.provider !== undefined, 'the model whose bar it was');

		await goTo('Analytics');
		await page.locator('.range').getByText('Today', { exact: true }).click();
		await page.locator('vscode-option[title="Automatic (hour)"]').waitFor({ state: 'attached' });
		await chart('calls').getByRole('button', { name: 'Show as table' }).click();
		const row = chart('calls').locator('tbody tr').first();
		const count = Number(await row.locator('td').first().textContent());
		await row.getByRole('button').click();
		await page.locator('.prompts').waitFor();
		const { range } = await kept();
		assert.ok(
			typeof range === 'object' && 'fromMs' in range && range.toMs - range.fromMs === day / 24,
			JSON.stringify(range),
		);
		assert.equal((await callsOf(range, { agentId: 'kilo-code' })).length, count);

		await goTo('Analytics');
		await page.locator('.range').getByText('All', { exact: true }).click();
		await page.getByRole('button', { name: 'Clear filters' }).click();
		await chart('time')
			.locator('.legend')
			.getByRole('button', { name: /claude-sonnet-4-5/ })
			.click();
		await page.locator('.prompts').waitFor();
		assert.deepEqual((await kept()).filter, { provider: 'anthropic', model: 'claude-sonnet-4-5' });
		assert.equal((await kept()).range, 'all');
	});

	it('is walked through by keyboard, bucket by bucket, with each value said', async () => {
		await open({ range: '7d' });
		await chart('time').locator('.plot').focus();
		await page.keyboard.press('Home');
		await announced(/^\w+, \w+ \d+, Total: .*Calls: \d+/);
		const said = await page.locator('.sr-only[role="status"]').textContent();
		await page.keyboard.press('ArrowRight');
		await page.waitForFunction((said) => document.querySelector('.sr-only[role="status"]')?.textContent !== said, said);
		await page.keyboard.press('ArrowUp');
		await announced(/claude-sonnet-4-5: (≥ )?\$/);
		await page.keyboard.press('Enter');
		await page.locator('.prompts').waitFor();
		const date = dateBefore(5);
		assert.deepEqual((await kept()).range, { fromDate: date, toDate: date });
		assert.equal((await kept()).filter.model, 'claude-sonnet-4-5');
	});

	it('saves each chart as a picture with its heading and background, and its figures as a file', async () => {
		await open({ range: '7d' }, { theme: 'light' });
		await chart('time').getByRole('button', { name: 'Save as CSV' }).click();
		await announced('Saved to /home/dev/callmeter-analytics-time.csv');
		const csv = await saved();
		const [head = '', ...lines] = csv.data.split('\r\n');
		assert.match(head, /^start,end,calls,unpriced_calls,cost_usd,bound,api_equivalent_usd,usd: claude-sonnet-4-5,/);
		assert.equal(lines.pop(), '');
		assert.equal(
			lines.reduce((sum, line) => sum + Number(line.split(',')[2]), 0),
			(await callsOf('7d')).length,
		);
		assert.match(lines[0] ?? '', /^\d{4}-\d\d-\d\dT00:00:00\+0[12]:00,/);
		for (const name of charts) {
			await chart(name).getByRole('button', { name: 'Save as PNG' }).click();
			await announced(`Saved to /home/dev/callmeter-analytics-${name}.png`);
			const png = Buffer.from((await saved()).data, 'base64');
			assert.equal(png.subarray(1, 4).toString(), 'PNG');
			assert.equal(png.readUInt32BE(16), 2 * (960 + 48), 'twice as many pixels as it is wide');
			assert.deepEqual(await cornerOf(png), [0xfa, 0xfa, 0xfd, 255], name);
		}
		await table('models').getByRole('button', { name: 'Save as CSV' }).click();
		await announced('Saved to /home/dev/callmeter-models.csv');
		assert.match((await saved()).data, /^provider,model,calls,tokens,input_tokens,output_tokens,cost_usd,bound,/);
		await page.evaluate(() => window.devHost.failing.add('save'));
		await table('models').getByRole('button', { name: 'Save as CSV' }).click();
		await announced('The file could not be saved.');
	});

	it('says so when no call passes, or nothing can be read', async () => {
		page = await browser.open({ calls: 50, state: { page: 'analytics', analytics: { filter: { model: 'nobody' } } } });
		await page.getByRole('heading', { name: 'No calls pass these filters in this range.' }).waitFor();
		await page.locator('.screen').getByRole('button', { name: 'Clear filters' }).click();
		await card('calls', '50').waitFor();
		await page.evaluate(() => {
			window.devHost.failing.add('analytics');
			window.devHost.begin();
		});
		await page.getByRole('alert').getByText('The figures could not be read.').waitFor();
		await page.evaluate(() => window.devHost.failing.clear());
		await page.getByRole('button', { name: 'Try again' }).click();
		await card('calls', '51').waitFor();
		await page.locator('.range').getByText('Dates…').click();
		await page.getByRole('textbox', { name: 'From' }).fill('2020-01-01');
		await page.getByRole('textbox', { name: 'To', exact: true }).fill('2020-01-02');
		await page.getByRole('button', { name: 'Apply' }).click();
		await page.getByRole('heading', { name: 'No calls in this range' }).waitFor();
		await page.getByRole('button', { name: 'Show all calls' }).click();
		await card('calls', '51').waitFor();
		await page.context().close();

		page = await browser.open({ calls: 0, state: { page: 'analytics' } });
		await page.getByRole('heading', { name: 'No LLM calls recorded yet' }).waitFor();
		await page.evaluate(() => window.devHost.begin());
		await card('calls', '1').waitFor();
	});

	it('story 4.2: keeps nobody out in any theme, fits from 320 px on, and follows a change of theme', async () => {
		await open({ range: '7d' }, { height: 2400 });
		const drawn = () =>
			chart('time')
				.locator('.plot canvas')
				.evaluate((canvas) => (canvas instanceof HTMLCanvasElement ? canvas.toDataURL() : ''));
		const pictures = new Set<string>();
		for (const theme of devThemes) {
			await setDevTheme(page, theme);
			await page.setViewportSize({ width: 1280, height: 2400 });
			await picture(page, `dev-analytics-${theme}`);
			assert.deepEqual(await violations(page, 'main'), [], theme);
			pictures.add(await drawn());
		}
		assert.equal(pictures.size, devThemes.length, 'each theme has its own colours on the canvas');
		for (const width of [760, 640, 420, 320]) {
			await page.setViewportSize({ width, height: 2400 });
			assert.ok((await overflow()) <= 0, `${width} px`);
		}
		await picture(page, 'dev-analytics-320');
		assert.deepEqual(await violations(page, 'main'), [], 'narrow');
	});
});

/** The colour of a picture near its corner: red, green, blue, opacity. */
function cornerOf(png: Buffer): Promise<number[]> {
	return page.evaluate(async (data) => {
		const bytes = Uint8Array.from(atob(data), (char) => char.charCodeAt(0));
		const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
		const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
		context?.drawImage(bitmap, 0, 0);
		return [...(context?.getImageData(2, 2, 1, 1).data ?? [])];
	}, png.toString('base64'));
}

/** The date so many days ago in the zone of the page. */
function dateBefore(days: number): string {
	return new Intl.DateTimeFormat('sv-SE', { timeZone: zone }).format(Date.now() - days * day);
}
