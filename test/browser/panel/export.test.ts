import assert from 'node:assert/strict';
import { DevBrowser, picture } from '../dev-page/open-dev-page.ts';
import { violations } from './axe.ts';
import { PromptsDriver } from './prompts-driver.ts';

let browser: DevBrowser;
let prompts: PromptsDriver;

/** What the host was asked to export, in order. */
const asked = () =>
	prompts.page.evaluate(() =>
		window.devHost.sent.flatMap((message) =>
			message.type === 'request' && message.request.kind === 'export'
				? [{ filter: message.request.filter, task: message.request.task }]
				: [],
		),
	);

describe('exporting from the panel', () => {
	before(async () => {
		browser = await DevBrowser.launch();
		prompts = await PromptsDriver.open(browser, { state: { filter: { agentId: 'kilo-code' } } });
	});
	after(() => browser?.close());

	it('issue 6, export: the Prompts page exports the calls that it lists', async () => {
		await prompts.page.getByRole('button', { name: 'Export…' }).click();
		assert.deepEqual(await asked(), [{ filter: { agentId: 'kilo-code' }, task: false }]);
		assert.deepEqual(await violations(prompts.page), []);
		await picture(prompts.page, 'dev-export-prompts');
	});

	it('issue 6, export: the row of a task exports that task, by keyboard as well', async () => {
		const row = prompts.tasks.first();
		await row.hover();
		await picture(prompts.page, 'dev-export-task');
		await prompts.grid.focus();
		await prompts.page.keyboard.press('Home');
		const report = row.getByRole('button', { name: 'Report…' });
		await report.focus();
		await prompts.page.keyboard.press('Enter');
		await prompts.page.waitForFunction(
			() =>
				window.devHost.sent.filter((message) => message.type === 'request' && message.request.kind === 'export')
					.length === 2,
		);
		const { filter, task } = (await asked())[1] ?? { filter: {}, task: false };
		assert.deepEqual([Object.keys(filter), task], [['sessionId'], true]);
	});

	it('offers no export of what a search found', async () => {
		await prompts.page.keyboard.press('/');
		await prompts.page.keyboard.type('readings');
		await prompts.page.locator('.export-open[disabled]').waitFor();
		await prompts.page.keyboard.press('Escape');
	});

	it('issue 6, export: the Analytics page exports the calls that it is about', async () => {
		await prompts.page.locator('.sidebar [data-page="analytics"]').click();
		await prompts.page.locator('.analytics-bar .export-open').click();
		const last = (await asked()).at(-1);
		assert.deepEqual(Object.keys(last?.filter ?? {}), ['range']);
		assert.deepEqual(await violations(prompts.page, '.analytics-bar'), []);
		await picture(prompts.page, 'dev-export-analytics');
		await prompts.page.setViewportSize({ width: 420, height: 800 });
		await picture(prompts.page, 'dev-export-analytics-narrow');
		await prompts.page.locator('.sidebar [data-page="prompts"]').click();
		await prompts.tasks.first().hover();
		await picture(prompts.page, 'dev-export-narrow');
	});
});
