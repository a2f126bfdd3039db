import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { FromPanel } from '../../../src/protocol/messages.ts';
import { DevBrowser, picture } from '../dev-page/open-dev-page.ts';
import { violations } from './axe.ts';

let browser: DevBrowser;
let page: Page;

before(async () => {
	browser = await DevBrowser.launch();
});
after(() => browser?.close());
afterEach(() => page?.context().close());

async function openSources(options: Parameters<DevBrowser['open']>[0] = {}): Promise<void> {
	page = await browser.open(options);
	await page.getByRole('button', { name: 'Sources', exact: true }).click();
	await page.locator('.source').first().waitFor();
}

const card = (id: string) => page.locator(`.source[data-source="${id}"]`);

function asked(kind: string): Promise<unknown[]> {
	return page.evaluate(
		(wanted) =>
			window.devHost.sent.flatMap((message: FromPanel) =>
				message.type === 'request' && message.request.kind === wanted ? [message.request] : [],
			),
		kind,
	);
}

describe('the Sources section of the panel', () => {
	it('tells of each agent: its state, its calls, since when, and whether it is listened to', async () => {
		await openSources();
		const roo = card('roo-code');
		assert.match((await roo.textContent()) ?? '', /Roo Code.*Up to date.*3,120.*214.*Last seen.*Live: calls appear/s);
		assert.match((await card('cline').textContent()) ?? '', /Problem.*cannot be read: EACCES/s);
		assert.match((await card('kilo-db').textContent()) ?? '', /Reading.*0 of 1/s);
		assert.equal(
			await page.locator('.source-missing > summary').textContent(),
			'Not found on this machine: Zoo Code, opencode',
		);
	});

	it('issue 5: says that the ledger outlives the transcripts that Claude Code deletes', async () => {
		await openSources();
		const note = card('claude-code').locator('.source-note');
		assert.match((await note.textContent()) ?? '', /deletes its transcripts after 30 days.*stays in the ledger/);
		assert.equal(await card('roo-code').locator('.source-note').isVisible(), false);
	});

	it('tells what was left out, and why', async () => {
		await openSources();
		const skipped = card('roo-code').locator('details', { hasText: 'left out' });
		assert.equal(await skipped.locator('summary').textContent(), '193 records left out');
		await skipped.locator('summary').click();
		const lines = await skipped.locator('li').allTextContents();
		assert.deepEqual(
			lines.map((line) => line.split('.')[0]),
			['180 of other workspaces', '12 too old', '1 damaged or half written'],
		);
	});

	it('switches an agent off and on by keyboard', async () => {
		await openSources();
		const toggle = card('roo-code').getByRole('checkbox', { name: 'Record Roo Code' });
		await toggle.focus();
		await page.keyboard.press('Space');
		await card('roo-code').locator('text=Off').waitFor();
		assert.deepEqual(await asked('setSource'), [{ kind: 'setSource', id: 'roo-code', on: false }]);
		assert.equal(await toggle.getAttribute('aria-checked'), 'false');
		assert.ok(await toggle.evaluate((element) => element === document.activeElement));
		await page.keyboard.press('Space');
		await card('roo-code').locator('text=Up to date').waitFor();
	});

	it('does not let old news undo a press, nor take news for a press', async () => {
		await openSources({ delayMs: 300 });
		const toggle = card('roo-code').getByRole('checkbox');
		await toggle.click();
		await page.evaluate(() => {
			const { sources } = window.devHost.sources;
			window.devHost.setSources({ sources: sources.map((source) => ({ ...source, calls: source.calls + 1 })) });
		});
		await card('roo-code').getByText('3,121').waitFor();
		assert.equal(await toggle.getAttribute('aria-checked'), 'false');
		await card('roo-code').locator('text=Off').waitFor();
		await page.evaluate(() => {
			const { sources } = window.devHost.sources;
			window.devHost.setSources({ sources: sources.map((source) => ({ ...source, state: 'following' as const })) });
		});
		await page.locator('.source[data-source="roo-code"] [aria-checked="true"]').waitFor();
		assert.deepEqual(await asked('setSource'), [{ kind: 'setSource', id: 'roo-code', on: false }]);
	});

	it('sets a switch back that could not be changed, and says so', async () => {
		await openSources();
		await page.evaluate(() => window.devHost.failing.add('setSource'));
		const toggle = card('roo-code').getByRole('checkbox');
		await toggle.click();
		await page.getByText('The setting could not be changed.').first().waitFor();
		assert.equal(await toggle.getAttribute('aria-checked'), 'true');
	});

	it('shows how far an import is, on both pages, and stops it', async () => {
		page = await browser.open();
		await page.locator('main.overview').waitFor();
		await page.evaluate(() => window.devHost.setSources({ progress: { done: 120, total: 1_000 } }));
		const strip = page.locator('.frame > .import-strip');
		await strip.getByText('Reading agents’ records: 120 of 1,000').waitFor();
		await page.getByRole('button', { name: 'Sources', exact: true }).click();
		await strip.waitFor({ state: 'hidden' });
		await page.locator('.sources .import-strip').getByText('120 of 1,000').waitFor();
		await page.locator('.sources').getByRole('button', { name: 'Cancel' }).click();
		assert.deepEqual(await asked('run'), [{ kind: 'run', command: 'stopImport' }]);
		await page.evaluate(() => window.devHost.setSources({ progress: null, held: true }));
		await page.locator('.sources').getByRole('button', { name: 'Go on' }).click();
		assert.deepEqual((await asked('run')).at(-1), { kind: 'run', command: 'importNow' });
	});

	it('imports all history when asked, and all projects', async () => {
		await openSources();
		await page.getByText('Goes back 90 days, with prompts of 30 days').waitFor();
		await page.getByRole('button', { name: 'Import all history' }).click();
		await page.getByRole('button', { name: 'All projects' }).click();
		assert.deepEqual(await asked('run'), [{ kind: 'run', command: 'importAllHistory' }]);
		assert.deepEqual(await asked('setScope'), [{ kind: 'setScope', scope: 'allProjects' }]);
		await page.evaluate(() => window.devHost.setSources({ metadataDays: null, contentDays: null }));
		await page.getByText('Goes back to the first record').waitFor();
		assert.equal(await page.getByRole('button', { name: 'Import all history' }).count(), 0);
	});

	it('says what to do in a window without a folder, and when no agent was found', async () => {
		page = await browser.open();
		await page.evaluate(() => {
			window.devHost.setSources({ hasFolder: false, sources: [] });
			window.devHost.showSources();
		});
		await page.getByText('This window has no folder on disk').waitFor();
		await page.getByText('Looking for agents…').waitFor();
		await page.evaluate(() => {
			const { sources } = window.devHost.sources;
			window.devHost.setSources({ sources });
		});
		await picture(page, 'dev-dark-sources-none');
		assert.deepEqual(await violations(page), []);
	});

	it('is left by Escape, and is there again after a reload', async () => {
		await openSources();
		const kept = await page.evaluate(() => window.devHost.kept);
		await page.keyboard.press('Escape');
		await page.locator('main.overview').waitFor();
		assert.equal(await page.locator('.sources').count(), 0);
		await page.context().close();
		page = await browser.open({ state: kept });
		await page.locator('.source').first().waitFor();
	});
});
