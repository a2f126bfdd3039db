import assert from 'node:assert/strict';
import { DevBrowser, picture } from '../dev-page/open-dev-page.ts';
import { PromptsDriver } from './prompts-driver.ts';

let browser: DevBrowser;
let prompts: PromptsDriver;

before(async () => {
	browser = await DevBrowser.launch();
	prompts = await PromptsDriver.open(browser, { calls: 600 });
});
after(async () => {
	await prompts?.close();
	await browser?.close();
});

const box = () => prompts.page.locator('.search-field input');
const hits = () => prompts.calls.filter({ has: prompts.page.locator('.hit-snippet') });
const count = () => prompts.page.locator('.prompts-count');
const boxFocused = () =>
	prompts.page.evaluate(() => document.activeElement?.classList.contains('search-field') ?? false);

/** Each test goes on where the one before it ended. */
describe('the search of prompts and completions', () => {
	it('is one key away: / and Ctrl+F', async () => {
		await prompts.focusList();
		await prompts.press('/');
		assert.ok(await boxFocused());
		assert.equal(await box().inputValue(), '');
		await prompts.press('/');
		assert.equal(await box().inputValue(), '/', 'in the box it is a sign like others');
		await prompts.press('Backspace', 'Escape');
		assert.ok(await prompts.listFocused());
		await prompts.press('Control+f');
		assert.ok(await boxFocused());
	});

	it('waits for a rest in typing, and lists the calls with what was found in them', async () => {
		await box().pressSequentially('attempts', { delay: 20 });
		await hits().first().waitFor();
		const asked = await prompts.asked('search');
		assert.ok(asked.length <= 2, `asked ${asked.length} times`);
		assert.equal(asked.at(-1)?.text, 'attempts');
		assert.ok(await boxFocused());
		assert.equal(await hits().first().locator('.hit-place').textContent(), 'Completion');
		const marked = await hits().first().locator('mark').allTextContents();
		assert.ok(marked.length > 0 && marked.every((text) => text === 'attempts'), marked.join());
		assert.match(
			(await hits().first().locator('.hit-snippet').textContent()) ?? '',
			/flaky because `attempts` is read/,
		);
		assert.equal(await hits().first().locator('bdi.hit-snippet').getAttribute('dir'), 'auto');
		await picture(prompts.page, 'dev-search');
	});

	it('says how many there are, and brings the next as one scrolls', async () => {
		assert.equal(await count().textContent(), '100 results, more below');
		assert.equal(await prompts.grid.getAttribute('aria-rowcount'), '-1');
		await prompts.press('ArrowDown');
		assert.ok(await prompts.listFocused());
		for (let screen = 0; screen < 4; screen++) {
			await prompts.press('End');
			await prompts.frames();
			await prompts.page.waitForFunction(
				() => document.querySelector('.rows .row[data-loading]:not([hidden])') === null,
			);
		}
		const offsets = (await prompts.asked('search')).map(({ offset }) => offset);
		assert.ok(offsets.includes(100) && offsets.includes(200), offsets.join());
		await prompts.press('End');
		await prompts.page.waitForFunction(() => !document.querySelector('.prompts-count')?.textContent?.includes('more'));
		const found = await prompts.page.evaluate(
			() => window.devHost.ledger.rows.filter(({ state }) => state !== 'error' && state !== 'pending').length,
		);
		assert.equal(await count().textContent(), `${found} results`);
		assert.equal(await prompts.grid.getAttribute('aria-rowcount'), String(found + 1));
	});

	it('opens and unfolds what was found', async () => {
		await prompts.press('Home', 'ArrowRight');
		await prompts.line(1).locator('.unfolded [data-place="completion"]').waitFor();
		await prompts.press('ArrowLeft', 'Enter');
		await prompts.page.locator('.detail-heading').waitFor();
		await prompts.press('Escape');
		assert.ok(await prompts.listFocused());
	});

	it('goes together with the filters, and both say so when nothing is found', async () => {
		await prompts.press('/');
		await box().fill('nowhere to be found');
		await prompts.page.getByRole('heading', { name: 'Nothing found' }).waitFor();
		await prompts.page.getByText('No prompt or completion has “nowhere to be found” in it.').waitFor();
		await box().fill('flaky');
		await hits().first().waitFor();
		const before = await count().textContent();
		await prompts.page.evaluate(() => {
			const open = document.querySelector<HTMLElement>('.filters-open');
			open?.click();
		});
		const agents = prompts.page.locator('vscode-dropdown[aria-label="Agent"]');
		await agents.locator('vscode-option').nth(1).waitFor({ state: 'attached' });
		await agents.click();
		await agents.locator('vscode-option', { hasText: /^cline/ }).click();
		await prompts.page.locator('.chip[data-field="agentId"]').waitFor();
		await prompts.page.waitForFunction(
			(before) => document.querySelector('.prompts-count')?.textContent !== before,
			before,
		);
		assert.deepEqual((await prompts.asked('search')).at(-1)?.filter, { agentId: 'cline' });
		await prompts.press('Escape');
	});

	it('survives a reload', async () => {
		const state = await prompts.kept();
		assert.equal(state.prompts.search, 'flaky');
		const nowMs = await prompts.page.evaluate(() => window.devPage.nowMs);
		await prompts.close();
		prompts = await PromptsDriver.open(browser, { calls: 600, nowMs, state });
		await hits().first().waitFor();
		assert.equal(await box().inputValue(), 'flaky');
	});

	it('shows foreign text as text, in an order that it cannot change', async () => {
		await prompts.page.evaluate(() => {
			const hostile = 'before <img src=x onerror="window.pwned=1"> flaky \u202eafter\u001b[31m';
			for (const { callId } of window.devHost.ledger.rows) {
				window.devHost.details.set(callId, (detail) => ({ ...detail, completion: hostile }));
			}
			window.devHost.begin();
		});
		await prompts.page.locator('.hit-snippet').filter({ hasText: 'onerror=' }).first().waitFor();
		const snippet = prompts.page.locator('.hit-snippet').filter({ hasText: 'onerror=' }).first();
		assert.equal(await snippet.locator('img').count(), 0);
		assert.equal(await snippet.locator('mark').textContent(), 'flaky');
		assert.match((await snippet.textContent()) ?? '', /RLO/);
		assert.equal(await prompts.page.evaluate(() => 'pwned' in window), false);
	});

	it('says when it failed, and tries again', async () => {
		await prompts.page.evaluate(() => window.devHost.failing.add('search'));
		await prompts.press('/');
		await box().fill('lock');
		await prompts.page.getByRole('alert').getByText('The search failed.').waitFor();
		await prompts.page.evaluate(() => window.devHost.failing.clear());
		await prompts.page.getByRole('button', { name: 'Try again' }).click();
		await prompts.page.getByRole('alert').waitFor({ state: 'detached' });
	});

	it('is cleared by Escape and by its button, and the timeline is back', async () => {
		await prompts.press('/', 'Escape');
		await prompts.tasks.first().waitFor();
		assert.equal(await box().inputValue(), '');
		await box().fill('flaky');
		await hits().first().waitFor();
		await prompts.page.getByRole('button', { name: 'Clear search' }).click();
		await prompts.tasks.first().waitFor();
		assert.ok(await boxFocused());
	});
});
