import assert from 'node:assert/strict';
import { DevBrowser, devThemes, picture, setDevTheme } from '../dev-page/open-dev-page.ts';
import { violations } from './axe.ts';
import { PromptsDriver, type PromptsOptions } from './prompts-driver.ts';

let browser: DevBrowser;
let prompts: PromptsDriver;

before(async () => {
	browser = await DevBrowser.launch();
});
after(() => browser?.close());

/** Opens the page once for the tests of a group: each goes on where the one before it ended. */
function opened(options: PromptsOptions = {}): void {
	before(async () => {
		prompts = await PromptsDriver.open(browser, options);
	});
	after(() => prompts.close());
}

const chip = (field: string) => prompts.page.locator(`.chip[data-field="${field}"]`);
const filters = () => prompts.page.getByRole('dialog', { name: 'Filters' });
const dropdown = (label: string) => filters().locator(`vscode-dropdown[aria-label="${label}"]`);

async function openFilters(): Promise<void> {
	await prompts.page.locator('.filters-open').click();
	await filters().waitFor();
	await dropdown('Agent').locator('vscode-option').nth(1).waitFor({ state: 'attached' });
}

/** Chooses an option whose label begins with a word. */
async function choose(label: string, option: RegExp): Promise<void> {
	await dropdown(label).click();
	await dropdown(label).locator('vscode-option', { hasText: option }).click();
}

describe('the Prompts page', () => {
	describe('filters', () => {
		opened({ calls: 600 });

		it('offer what there is, with how many calls each would list', async () => {
			await openFilters();
			const agents = await dropdown('Agent').locator('vscode-option').allTextContents();
			assert.equal(agents[0], 'Any');
			const kilo = await prompts.countOf({ agentId: 'kilo-code' });
			assert.ok(agents.includes(`kilo-code (${kilo})`), agents.join());
			await picture(prompts.page, 'dev-filters');
		});

		it('story 4.4: calls can be filtered by llm_call, llm_response, and both paired', async () => {
			for (const [event, option] of [
				['llm_call', /^🧠 llm_call/],
				['llm_response', /^💬 llm_response/],
				['paired', /paired/],
			] as const) {
				await choose('Event', option);
				await chip('event').waitFor();
				await prompts.shows(await prompts.countOf({ event }));
			}
			assert.ok((await prompts.countOf({ event: 'paired' })) < 600);
			await choose('Event', /^Any/);
			await chip('event').waitFor({ state: 'detached' });
		});

		it('narrow the list together: agent, model, provider, kind, state', async () => {
			await choose('Agent', /^kilo-code/);
			await prompts.shows(await prompts.countOf({ agentId: 'kilo-code' }));
			await choose('Provider', /^anthropic/);
			await choose('Model', /^claude-sonnet-4-5/);
			await choose('Kind', /^Subagent/);
			const filter = {
				agentId: 'kilo-code',
				provider: 'anthropic',
				model: 'claude-sonnet-4-5',
				kind: 'subagent',
			} as const;
			await prompts.shows(await prompts.countOf(filter));
			await choose('State', /^Completed/);
			await prompts.shows(await prompts.countOf({ ...filter, state: 'ok' }));
			assert.deepEqual((await prompts.kept()).filter, { ...filter, state: 'ok' });
			assert.equal(await prompts.page.locator('.filters-open').textContent(), '5 filters');
		});

		it('are chips, each of which is taken off with a press, and all at once', async () => {
			await prompts.press('Escape');
			await filters().waitFor({ state: 'hidden' });
			assert.deepEqual(await prompts.page.locator('.chip').allTextContents(), [
				'Agentkilo-code',
				'Provideranthropic',
				'Modelclaude-sonnet-4-5',
				'KindSubagent',
				'StateCompleted',
			]);
			await prompts.page.getByRole('button', { name: 'Remove filter: Kind Subagent' }).click();
			await chip('kind').waitFor({ state: 'detached' });
			const left = { agentId: 'kilo-code', provider: 'anthropic', model: 'claude-sonnet-4-5', state: 'ok' } as const;
			await prompts.shows(await prompts.countOf(left));
			assert.match(
				await prompts.page.evaluate(() => document.activeElement?.className ?? ''),
				/chip/,
				'the focus goes to the next chip',
			);
			await prompts.page.getByRole('button', { name: 'Clear all' }).click();
			await prompts.shows(600);
			assert.equal(await prompts.page.locator('.chip').count(), 0);
		});

		it('find what is remarkable: no usage, orphan responses, unpriced calls', async () => {
			await openFilters();
			for (const [option, filter] of [
				[/^No usage/, { usageMissing: true }],
				[/^Orphan response/, { orphan: true }],
				[/^Unpriced/, { unpriced: true }],
			] as const) {
				await choose('State', option);
				await prompts.shows(await prompts.countOf(filter));
				assert.deepEqual((await prompts.kept()).filter, filter);
			}
			await filters().getByRole('button', { name: 'Clear all' }).click();
			await prompts.shows(600);
		});

		it('find the expensive and the slow: cost and latency over a limit', async () => {
			const field = (label: string) => filters().locator(`vscode-text-field[aria-label="${label}"] input`);
			await field('Cost over, $').fill('0.05');
			await prompts.press('Enter');
			await prompts.shows(await prompts.countOf({ minCostNanoUsd: 50_000_000 }));
			await field('Latency over, s').fill('20');
			await prompts.press('Enter');
			await prompts.shows(await prompts.countOf({ minCostNanoUsd: 50_000_000, minLatencyMs: 20_000 }));
			assert.equal(await chip('minCostNanoUsd').textContent(), 'Costover $0.05');
			await field('Cost over, $').fill('lots');
			await prompts.press('Enter');
			await filters().getByText('Give a number, such as 0.05.').waitFor();
			assert.equal((await prompts.kept()).filter.minCostNanoUsd, 50_000_000, 'what is no number changes nothing');
			await filters().getByRole('button', { name: 'Clear all' }).click();
			await prompts.shows(600);
			await prompts.press('Escape');
		});

		it('show one task alone, by its title', async () => {
			const title = await prompts.line(1).locator('.task-title').textContent();
			const lines = await prompts.line(1).locator('.task-calls').textContent();
			await prompts.line(1).hover();
			await prompts.line(1).getByRole('button', { name: 'Only this task' }).click();
			await chip('sessionId')
				.filter({ hasText: title ?? '' })
				.waitFor();
			await prompts.shows(Number.parseInt(lines ?? '', 10));
			assert.ok(await prompts.listFocused());
		});

		it('say when nothing passes them, and how to go on', async () => {
			await openFilters();
			await filters().locator('vscode-text-field[aria-label="Cost over, $"] input').fill('999');
			await prompts.press('Enter', 'Escape');
			await prompts.page.getByRole('heading', { name: 'No call passes these filters' }).waitFor();
			await prompts.page.getByRole('button', { name: 'Clear filters' }).click();
			await prompts.shows(600);
			assert.ok(await prompts.listFocused(), 'what was pressed is gone');
		});

		it('work by keyboard: open, choose, close', async () => {
			await prompts.page.locator('.filters-open').focus();
			await prompts.press('Enter');
			await filters().waitFor();
			await dropdown('Agent').locator('vscode-option').nth(1).waitFor({ state: 'attached' });
			assert.equal(await prompts.page.evaluate(() => document.activeElement?.getAttribute('aria-label')), 'Event');
			await prompts.press('Enter', 'ArrowDown', 'Enter');
			await chip('event').waitFor();
			await prompts.press('Escape');
			await filters().waitFor({ state: 'hidden' });
			assert.match(await prompts.page.evaluate(() => document.activeElement?.className ?? ''), /filters-open/);
		});
	});

	describe('order', () => {
		opened({ calls: 300 });
		const first = () => prompts.idOf(prompts.line(1));
		const best = (figure: 'cost' | 'latency' | 'tokens') =>
			prompts.page.evaluate(
				(sort) => window.devHost.ledger.calls({ kind: 'calls', filter: {}, sort, offset: 0, limit: 1 }).rows[0]?.callId,
				figure,
			);

		it('is by time, cost, latency and tokens, by the head of each column', async () => {
			for (const [column, sort] of [
				['Cost', 'cost'],
				['Duration', 'latency'],
				['Tokens in → out', 'tokens'],
			] as const) {
				const head = prompts.page.getByRole('columnheader', { name: column });
				await head.getByRole('button').click();
				await head.and(prompts.page.locator('[aria-sort="descending"]')).waitFor();
				assert.equal(await first(), await best(sort));
				assert.equal(await prompts.page.locator('[aria-sort]').count(), 1);
				assert.equal(await prompts.tasks.count(), 0, 'calls stand alone in this order');
			}
		});

		it('by time is one way or the other, and brings the tasks back', async () => {
			const head = prompts.page.getByRole('columnheader', { name: 'Started' });
			await head.getByRole('button').click();
			await head.and(prompts.page.locator('[aria-sort="descending"]')).waitFor();
			await prompts.tasks.first().waitFor();
			await head.getByRole('button').click();
			await head.and(prompts.page.locator('[aria-sort="ascending"]')).waitFor();
			assert.equal(await prompts.idOf(prompts.line(2)), 'call-0');
		});

		it('is chosen by a control too, and by task or without', async () => {
			await prompts.page.locator('vscode-dropdown.sort').click();
			await prompts.page.locator('vscode-dropdown.sort vscode-option', { hasText: 'Highest cost' }).click();
			await prompts.tasks.first().waitFor({ state: 'detached' });
			assert.equal(await first(), await best('cost'));
			const byTask = prompts.page.getByRole('button', { name: 'By task' });
			assert.equal(await byTask.getAttribute('aria-pressed'), 'false');
			await byTask.click();
			await prompts.tasks.first().waitFor();
			await prompts.page.getByRole('button', { name: 'All calls' }).click();
			await prompts.tasks.first().waitFor({ state: 'detached' });
			assert.equal(await first(), 'call-299');
		});
	});

	describe('after a reload', () => {
		it('is as it was: filters, order, folded tasks, unfolded calls, the open call and the place', async () => {
			prompts = await PromptsDriver.open(browser, { calls: 2000 });
			await prompts.line(1).click();
			await prompts.line(1).and(prompts.page.locator('[aria-expanded="false"]')).waitFor();
			await openFilters();
			await choose('Provider', /^anthropic/);
			await prompts.press('Escape');
			await prompts.shows(await prompts.countOf({ provider: 'anthropic' }));
			await prompts.scrollTo(20_000);
			await prompts.calls.nth(6).locator('.chevron').click();
			await prompts.page.locator('.unfolded [data-place]').first().waitFor();
			await prompts.calls.nth(8).click();
			await prompts.page.locator('vscode-panels').waitFor();
			await prompts.page.waitForFunction(
				() => (window.devHost.kept as { scroll: { anchor: unknown } }).scroll.anchor !== null,
			);
			await prompts.frames();
			const place = () =>
				prompts.page.evaluate(() => {
					const selected = document.querySelector('.rows .row[aria-selected="true"]');
					return {
						time: selected?.querySelector('time')?.dateTime,
						y: Math.round(selected?.getBoundingClientRect().top ?? -1),
						unfolded: document.querySelectorAll('.unfolded').length,
					};
				});
			const before = await place();
			const state = await prompts.kept();
			const nowMs = await prompts.page.evaluate(() => window.devPage.nowMs);
			await prompts.close();
			prompts = await PromptsDriver.open(browser, { calls: 2000, nowMs, state, delayMs: 40 });
			await prompts.page.locator('.rows .row[aria-selected="true"]').waitFor();
			await prompts.page.locator('.unfolded [data-place]').first().waitFor();
			await prompts.page.locator('.detail .bubble').first().waitFor();
			await chip('provider').waitFor();
			await prompts.frames();
			const after = await place();
			assert.deepEqual([after.time, after.unfolded], [before.time, before.unfolded]);
			assert.ok(Math.abs(after.y - before.y) <= 2, `${before.y} → ${after.y}`);
			assert.equal((await prompts.kept()).prompts.closed.length, 1);
			await prompts.close();
		});
	});

	describe('gone to from elsewhere', () => {
		it('shows the call in its place, though its task was closed and something else was searched for', async () => {
			const closed = Array.from({ length: 300 }, (_, number) => `session-${number}`);
			const page = await browser.open({
				calls: 2000,
				state: { page: 'overview', range: 'all', prompts: { closed, search: 'nothing like it' } },
			});
			prompts = PromptsDriver.of(page);
			await page.locator('.costliest[data-of="calls"] li').first().getByRole('button').click();
			const selected = page.locator('.rows .row.call[aria-selected="true"]');
			await selected.waitFor();
			const id = await prompts.idOf(selected);
			assert.equal((await prompts.kept()).selected, id);
			const box = await selected.boundingBox();
			assert.ok(box !== null && box.y > 100 && box.y < 600, JSON.stringify(box));
			assert.equal((await prompts.kept()).prompts.search, '');
			const left = (await prompts.kept()).prompts.closed;
			assert.ok(left.length < 300 && left.length > 290, 'only its own task was opened');
		});

		it('follows a link from one call to another, and shows where that is', async () => {
			const named = await prompts.page.evaluate(() => {
				const row = window.devHost.ledger.rows.find(({ possibleDuplicateOf }) => possibleDuplicateOf !== null);
				return { id: row?.callId ?? '', other: row?.possibleDuplicateOf ?? '' };
			});
			await prompts.page.evaluate(({ id, other }) => {
				const from = window.devHost.kept as { selected: string };
				window.devHost.details.set(from.selected, (detail) => ({ ...detail, extendsCallId: id }));
				window.devHost.details.set(id, (detail) => ({ ...detail, extendsCallId: other }));
				window.devHost.begin();
			}, named);
			await prompts.page.locator('#tab-metadata').click();
			// What is open is fetched again when its row changes: another look is the same.
			await prompts.press('Escape');
			await prompts.page.locator('.rows .row.call[data-active]').click();
			await prompts.page.locator('.metadata button.link', { hasText: named.id }).click();
			await prompts.page.waitForFunction(
				(id) => (window.devHost.kept as { selected: string }).selected === id,
				named.id,
			);
			const selected = prompts.page.locator('.rows .row.call[aria-selected="true"]');
			await selected.waitFor();
			assert.equal(await prompts.idOf(selected), named.id);
		});

		it('opens a task that was closed meanwhile to show the next call of it', async () => {
			const selected = prompts.page.locator('.rows .row.call[aria-selected="true"]');
			const before = (await prompts.kept()).selected;
			await prompts.focusList();
			await prompts.press('ArrowLeft');
			await prompts.page.locator('.row.task[data-active]').waitFor();
			await prompts.press('ArrowLeft');
			await selected.waitFor({ state: 'detached' });
			await prompts.page.getByRole('button', { name: 'Next call' }).click();
			await selected.waitFor();
			assert.notEqual(await prompts.idOf(selected), before);
			await prompts.close();
		});
	});

	describe('when there is nothing to show', () => {
		it('says that it loads when that takes a while', async () => {
			const page = await browser.open({ calls: 50, delayMs: 1500, state: { page: 'prompts', range: 'all' } });
			prompts = PromptsDriver.of(page);
			await page.getByText('Loading the calls…').waitFor();
			await prompts.calls.first().waitFor();
			assert.equal(await page.getByText('Loading the calls…').count(), 0);
			await prompts.close();
		});

		it('says what to do while nothing was recorded, and shows the first call as it comes', async () => {
			prompts = await PromptsDriver.open(browser, { calls: 0 });
			await prompts.page.getByRole('heading', { name: 'No LLM calls recorded yet' }).waitFor();
			await prompts.begin();
			await prompts.page.locator('.rows .row[data-state="pending"]').waitFor();
			await prompts.page.getByRole('heading', { name: 'No LLM calls recorded yet' }).waitFor({ state: 'detached' });
			assert.match((await prompts.tasks.first().locator('.cell-tokens').textContent()) ?? '', /^— → —$/, 'not 0');
			await prompts.close();
		});

		it('offers to try again what could not be read', async () => {
			prompts = await PromptsDriver.open(browser, { calls: 40 });
			await prompts.page.evaluate(() => window.devHost.failing.add('timeline'));
			await prompts.begin();
			await prompts.page.getByRole('alert').getByText('The calls could not be read.').waitFor();
			assert.ok((await prompts.calls.count()) > 5, 'what was read stays');
			await prompts.page.evaluate(() => window.devHost.failing.clear());
			await prompts.page.getByRole('button', { name: 'Try again' }).click();
			await prompts.page.locator('.rows .row[data-state="pending"]').waitFor();
			assert.equal(await prompts.page.getByRole('alert').count(), 0);
			assert.ok(await prompts.listFocused(), 'what was pressed is gone');
			await prompts.page.evaluate(() => window.devHost.failing.add('preview'));
			await prompts.calls.nth(4).locator('.chevron').click();
			await prompts.page.locator('.unfolded').getByRole('alert').waitFor();
			await prompts.page.evaluate(() => window.devHost.failing.clear());
			await prompts.page.locator('.unfolded').getByRole('button', { name: 'Try again' }).click();
			await prompts.page.locator('.unfolded [data-place]').first().waitFor();
			await prompts.close();
		});
	});

	describe('looks', () => {
		it('keep nobody out, unfolded, filtered and searched', async () => {
			prompts = await PromptsDriver.open(browser);
			await prompts.calls.nth(3).locator('.chevron').click();
			await prompts.page.locator('.unfolded [data-place]').first().waitFor();
			await openFilters();
			await choose('State', /^Completed/);
			await chip('status').waitFor();
			assert.deepEqual(await violations(prompts.page, 'main'), []);
			for (const theme of devThemes) {
				await setDevTheme(prompts.page, theme);
				await picture(prompts.page, `dev-prompts-${theme}`);
			}
			await prompts.press('Escape', '/');
			await prompts.page.keyboard.type('retry');
			await prompts.page.locator('.hit-snippet mark').first().waitFor();
			assert.deepEqual(await violations(prompts.page, 'main'), [], 'search');
			await prompts.close();
		});

		it('fit from 320 px on, and at 200 %, with filters open and a call unfolded', async () => {
			prompts = await PromptsDriver.open(browser, { state: { filter: { source: 'kilo-code' } } });
			await prompts.calls.first().locator('.chevron').click();
			await prompts.page.locator('.unfolded [data-place]').first().waitFor();
			const overflow = () =>
				prompts.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
			// 200 % of a 1280 px window leaves 640 × 400 CSS pixels.
			for (const [width, height] of [
				[1280, 800],
				[821, 700],
				[640, 400],
				[420, 800],
				[320, 640],
			] as const) {
				await prompts.page.setViewportSize({ width, height });
				await prompts.frames();
				const cut = await prompts.page.locator('.rows .row:not([hidden])').evaluateAll((rows) =>
					rows.flatMap((element) => {
						const row = element.getBoundingClientRect();
						const boxOf = (part: Element) => ({ name: part.className, box: part.getBoundingClientRect() });
						const call = element.querySelector('.cell-call')?.getBoundingClientRect() ?? row;
						const inCall = [...element.querySelectorAll('.cell-call *')]
							.map(boxOf)
							.filter(({ box }) => box.height > 0 && (box.bottom > call.bottom + 1 || box.top < call.top - 1));
						return [...element.querySelectorAll('[role="gridcell"]')]
							.map(boxOf)
							.filter(({ box }) => box.right > row.right + 1 || box.bottom > row.bottom + 1 || box.top < row.top - 1)
							.concat(inCall)
							.map(({ name, box }) => `${name} ${box.left} ${box.top}`);
					}),
				);
				assert.deepEqual(cut, [], `cells outside their rows at ${width} px`);
				assert.equal(await overflow(), 0, `${width} px`);
				await picture(prompts.page, `dev-prompts-${width}`);
				await openFilters();
				const box = await filters().boundingBox();
				const inside = box !== null && box.x >= 0 && box.x + box.width <= width && box.y + box.height <= height;
				assert.ok(inside, `filters at ${width} px: ${JSON.stringify(box)}`);
				assert.equal(await overflow(), 0, `${width} px, filters`);
				await prompts.press('Escape');
			}
			await prompts.close();
		});
	});
});
