import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Totals } from '../../../src/core/views.ts';
import { openLedger } from '../../../src/ledger/open-ledger.ts';
import { Format } from '../../../webview/format.ts';
import { openVsCode, type VsCode } from '../../harness/open-vscode.ts';
import { countRows, readRows } from '../../harness/panel-rows.ts';
import { many, seedManyCalls, seedTenCalls, seedTexts } from '../../harness/seeded-ledgers.ts';
import { root } from '../../run/setup.mjs';
import { hostileTexts } from '../dev-page/hostile-texts.ts';

const format = new Format('en', Intl.DateTimeFormat().resolvedOptions().timeZone);
const charts = ['time', 'calls', 'latency', 'histogram', 'tokens'] as const;

let folder: string;
let vscode: VsCode;
const panel = () => vscode.panel();
const picture = (name: string) => vscode.screenshot(join(root, 'out/pictures', `seeded-${name}.png`));
const card = (page: string, name: string) => panel().locator(`main.${page} [data-card="${name}"]`);
const range = (name: string) => panel().locator('.toolbar .range').getByText(name, { exact: true }).click();
const number = (text: string | null) => Number(text?.replaceAll(/[^\d.]/g, ''));

/** Opens a window whose ledger was written before, at the Overview. */
async function openWith(seed: (directory: string) => Promise<void>): Promise<void> {
	folder = await mkdtemp(join(tmpdir(), 'callmeter-seeded-'));
	await seed(folder);
	vscode = await openVsCode({ machineSettings: { 'callmeter.ledger.directory': folder } });
	await vscode.runCommand('Show LLM Usage');
	await panel().locator('main.overview .cards:not([data-loading])').waitFor();
}

async function close(): Promise<void> {
	await vscode?.close();
	await rm(folder, { recursive: true, force: true });
}

async function goTo(page: 'overview' | 'prompts' | 'analytics' | 'diagnostics'): Promise<void> {
	await panel().locator(`.sidebar-page[data-page="${page}"]`).click();
	const ready = {
		overview: '.cards:not([data-loading])',
		analytics: '.cards:not([data-loading])',
		prompts: '.rows .row[data-state]:not([data-loading])',
		diagnostics: '.run',
	}[page];
	await panel().locator(`main.${page} ${ready}`).first().waitFor();
}

async function search(words: string): Promise<void> {
	await panel().locator('.search-field input').fill(words);
	const count = words === '' ? '10 calls' : '1 result';
	await panel().locator('.prompts-count').getByText(count, { exact: true }).waitFor();
}

async function totalsOf(filter: Parameters<ReturnType<typeof openLedger>['totals']>[0]): Promise<Totals> {
	const ledger = openLedger({ directory: folder, readOnly: true, workerPath: join(root, 'src/ledger/worker.ts') });
	try {
		return await ledger.totals(filter);
	} finally {
		await ledger.close();
	}
}

/** What the cards of a page say, once they say how many calls there are. */
async function showsTotals(page: 'overview' | 'analytics', totals: Totals): Promise<void> {
	const { calls, costNanoUsd, unpriced, latency } = totals;
	await card(page, 'calls').locator('.card-value').getByText(format.count(calls), { exact: true }).waitFor();
	const cost = format.money(costNanoUsd, unpriced > 0 ? 'atLeast' : 'exact');
	assert.equal(await card(page, 'cost').locator('.card-value').textContent(), cost);
	assert.equal(await card(page, 'latency').locator('.card-value').textContent(), format.duration(latency.avgMs));
}

/** Shows each chart of Analytics as a table, and gives how many calls that of calls adds up to. */
async function tablesOfCharts(): Promise<number> {
	for (const name of charts) {
		const chart = panel().locator(`[data-chart="analytics-${name}"]`);
		await chart.getByRole('button', { name: 'Show as table' }).click();
		await chart.locator('tbody tr').first().waitFor();
	}
	const calls = panel().locator('[data-chart="analytics-calls"] tbody tr td:first-of-type');
	return (await calls.allTextContents()).reduce((sum, text) => sum + number(text), 0);
}

function reportsNoFault(): void {
	const bad = vscode.logs.filter((line) => /panel reported a fault|something odd|Content Security Policy/.test(line));
	assert.deepEqual(
		bad.filter((line) => !line.includes('chrome-extension')),
		[],
	);
}

/** Each goes on where the one before it ended. */
describe('the panel in VS Code with ten calls of every kind', () => {
	before(() => openWith((directory) => seedTenCalls(directory, Date.now())));
	after(close);

	it('Overview: sums, what they leave out, the change against the week before, the costliest, the sources', async () => {
		// Of the last days: three hits at $0.0132, one miss at $0.051; the plan's $0.0132 apart; two without a price.
		await card('overview', 'calls').locator('.card-value').getByText('8', { exact: true }).waitFor();
		assert.match((await card('overview', 'calls').textContent()) ?? '', /300%.*1 cancelled/);
		assert.match(
			(await card('overview', 'cost').textContent()) ?? '',
			/≥ \$0\.09.*2 unpriced.*\+ \$0\.013 API-equivalent/,
		);
		assert.match((await card('overview', 'input').textContent()) ?? '', /55K/);
		assert.match((await card('overview', 'output').textContent()) ?? '', /3\.7K/);
		assert.match((await card('overview', 'cached').textContent()) ?? '', /36K.*8K written/);
		assert.match((await card('overview', 'latency').textContent()) ?? '', /3s.*200%/);
		// 36,000 of 50,000: of 5,000 nobody said whether they were cached. The week before it was 90 %.
		assert.match((await card('overview', 'cacheHit').textContent()) ?? '', /72%.*18 pts/);
		assert.match((await card('overview', 'errors').textContent()) ?? '', /1.*13% of calls/);
		assert.match((await panel().locator('.compared').textContent()) ?? '', /the 7 days before/);
		const first = (of: string) => panel().locator(`.costliest[data-of="${of}"] li`).first().textContent();
		assert.match((await first('calls')) ?? '', /^\$0\.051.*Fix the parser.*10K in → 1K out · 0% cached/);
		assert.match((await first('tasks')) ?? '', /^≥ \$0\.064.*Fix the parser.*5 calls/);
		assert.equal(await panel().locator('.costliest[data-of="calls"] li').count(), 5);
		await panel().getByRole('heading', { name: 'Sources' }).waitFor();
		await range('All');
		await showsTotals('overview', await totalsOf({}));
		await picture('overview');
	});

	it('Prompts: pairs below their tasks, a subagent below its parent, every state told apart', async () => {
		await goTo('prompts');
		assert.equal(await countRows(panel()), 10);
		const rows = await readRows(panel());
		const states = new Set(rows.map(({ state }) => state));
		for (const state of ['ok', 'error', 'cancelled', 'orphan']) assert.ok(states.has(state), [...states].join());
		const hit = rows.find(
			({ model, tokens, cost }) => model === 'claude-sonnet-4-5' && tokens === '10K → 500' && cost === '$0.013',
		);
		assert.equal(hit?.cached, '90% cached');
		assert.ok(
			rows.some(({ model, provider, cost }) => model === 'mystery-1' && provider === 'lab' && cost === 'unpriced'),
		);
		const tasks = panel().locator('.rows .row.task:not([hidden])');
		const subagent = tasks.filter({ hasText: 'Look for brackets' });
		const parent = tasks.filter({ hasText: 'Fix the parser' });
		assert.equal(await parent.getAttribute('aria-level'), '1');
		assert.equal(await subagent.getAttribute('aria-level'), '2');
		await picture('prompts');
	});

	it('story 4.4: Prompts filters by llm_call and llm_response, searches, sorts, and clears', async () => {
		await panel().locator('.filters-open').click();
		const filters = panel().getByRole('dialog', { name: 'Filters' });
		const event = filters.locator('vscode-dropdown[aria-label="Event"]');
		for (const [option, calls] of [
			[/^🧠 llm_call/, '9 calls'],
			[/^💬 llm_response/, '10 calls'],
			[/paired/, '9 calls'],
		] as const) {
			await event.click();
			await event.locator('vscode-option', { hasText: option }).click();
			await panel().locator('.prompts-count').getByText(calls, { exact: true }).waitFor();
		}
		await vscode.page.keyboard.press('Escape');
		await panel().getByRole('button', { name: 'Clear all' }).first().click();
		await panel().locator('.prompts-count').getByText('10 calls', { exact: true }).waitFor();
		await search('zebrafish');
		await panel().locator('.hit-snippet mark').getByText('zebrafish').first().waitFor();
		await search('');
		const sort = panel().locator('vscode-dropdown[aria-label="Sort by"]');
		await sort.click();
		await sort.locator('vscode-option', { hasText: 'Highest cost' }).click();
		await panel().locator('.rows .row.call').first().getByText('$0.051').waitFor();
	});

	it('story 4.3: the details: prompt and completion with code, tokens and cost unfolded, tools', async () => {
		await search('zebrafish');
		await panel().locator('.rows .row.call').first().click();
		await panel().locator('.bubble', { hasText: 'zebrafish' }).waitFor();
		await panel().getByText('You repair parsers.').waitFor();
		await panel().locator('#tab-completion').click();
		await panel().locator('#view-completion', { hasText: 'It lacks a bracket.' }).waitFor();
		await panel().locator('#tab-metadata').click();
		await panel().locator('.cost-total').filter({ hasText: '$0.013' }).waitFor();
		await panel().locator('#tab-tools').click();
		await panel().locator('#view-tools', { hasText: 'read_file' }).waitFor();
		await vscode.page.keyboard.press('Escape');
		await panel().locator('.detail').waitFor({ state: 'hidden' });
		await search('');
	});

	it('story 4.2: Analytics: cards, charts with tables behind them, models compared, filters, CSV, and a way to the calls', async () => {
		await goTo('analytics');
		await showsTotals('analytics', await totalsOf({}));
		assert.equal(await tablesOfCharts(), 10);
		const model = (name: string) => panel().locator('[data-table="models"] tbody tr', { hasText: name });
		const cells = async (name: string) =>
			(await model(name).locator('th, td').allTextContents()).map((text) => text.trim());
		// Nobody said what of these tokens was cached, and nobody knows their price.
		assert.deepEqual((await cells('mystery-1')).slice(0, 5), ['lab', 'mystery-1', '1', '5.7K', 'unpriced']);
		assert.equal((await cells('mystery-1')).at(-2), '—');
		assert.equal((await cells('claude-sonnet-4-5')).at(-2), '77%');
		await panel().locator('[data-table="models"]').getByRole('button', { name: 'Save as CSV' }).click();
		await vscode.page.locator('.quick-input-widget:not(.hidden) input').first().waitFor();
		await vscode.page.keyboard.press('Enter');
		await panel().locator('.sr-only[role="status"]', { hasText: 'Saved to' }).waitFor();
		const csv = await readFile(join(vscode.workspace, 'callmeter-models.csv'), 'utf8');
		assert.match(csv, /^provider,model,calls,tokens,input_tokens,output_tokens,cost_usd,bound,/);
		assert.match(csv, /\r\nlab,mystery-1,1,5700,5000,700,,/);
		const agents = panel().locator('vscode-dropdown[aria-label="Agent"]');
		await agents.click();
		await agents.locator('vscode-option', { hasText: 'claude-code' }).click();
		await showsTotals('analytics', await totalsOf({ agentId: 'claude-code' }));
		await picture('analytics');
		await panel().getByRole('button', { name: 'Clear filters' }).click();
		await showsTotals('analytics', await totalsOf({}));
		await model('mystery-1').getByRole('button').click();
		await panel().locator('.prompts-count').getByText('1 call', { exact: true }).waitFor();
		await panel().getByRole('button', { name: 'Clear all' }).first().click();
	});

	it('seed 002 §6.2: Diagnostics: hit, miss and unknown, and nothing for an unknown count', async () => {
		await goTo('diagnostics');
		assert.equal(await panel().locator('.run tbody tr').count(), 0);
		await panel().getByRole('button', { name: 'Turn on diagnostics' }).click();
		const run = panel().locator('.run', { hasText: 'Fix the parser' });
		await run.locator('tbody tr[data-call]').nth(4).waitFor();
		const column = (name: string) => run.locator(`tbody [data-field="${name}"]`).allTextContents();
		assert.deepEqual(await column('hit_state'), ['unknown', 'unknown', 'unknown', 'miss', 'hit']);
		assert.deepEqual(await column('input_cached_tokens'), ['—', '—', '—', '0', '9,000']);
		assert.deepEqual(await column('cost_usd'), ['—', '—', '—', '$0.051', '$0.0132']);
		assert.equal((await column('provider_meta_summary')).at(-1), 'inference_provider=Bedrock, service_tier=standard');
		const figures = (await run.locator('.run-figures').textContent()) ?? '';
		assert.match(
			figures,
			/Calls5Tokens in25,000Tokens out2,200Total tokens27,200Cached9,000Cache creation8,000Cost≥ \$0\.064/,
		);
		await picture('diagnostics');
		await panel().getByRole('button', { name: 'Turn off' }).click();
		await run.locator('tbody tr[data-call]').first().waitFor({ state: 'hidden' });
	});

	it('reports no fault', reportsNoFault);
});

describe('the panel in VS Code with 100,000 calls', function () {
	// Writing the ledger takes half a minute; it is done once for each form of the ledger.
	this.timeout(180_000);
	before(() => openWith(seedManyCalls));
	after(close);

	it('Overview and Analytics: what the calls add up to, over a year of weeks', async () => {
		await range('All');
		const { usage, calls } = many;
		for (const [name, tokens] of [
			['input', (usage.inputTotal ?? 0) * calls],
			['output', (usage.output ?? 0) * calls],
			['cached', (usage.cacheRead ?? 0) * calls],
		] as const) {
			await card('overview', name).locator('.card-value').getByText(format.compact(tokens), { exact: true }).waitFor();
		}
		await showsTotals('overview', await totalsOf({}));
		await goTo('analytics');
		await showsTotals('analytics', await totalsOf({}));
		assert.equal(await tablesOfCharts(), calls);
		const models = panel().locator('[data-table="models"] tbody tr td:nth-child(3)');
		assert.deepEqual(
			(await models.allTextContents()).map(number),
			many.models.map(() => calls / many.models.length),
		);
		await panel().locator('[data-table="folders"]').getByRole('button', { name: '/home/someone/project-0' }).click();
		// 667 of the 2,000 tasks are in the first of three folders.
		await panel().locator('.prompts-count').getByText('33,350 calls', { exact: true }).waitFor();
	});

	it('Prompts: the list goes to its ends at once, and filters and sorts all of it', async () => {
		await panel().getByRole('button', { name: 'Clear all' }).first().click();
		await panel().locator('.prompts-count').getByText('100,000 calls', { exact: true }).waitFor();
		await panel().getByRole('treegrid').focus();
		await vscode.page.keyboard.press('End');
		const last = await panel().getByRole('treegrid').getAttribute('aria-rowcount');
		await panel().locator(`.rows .row.call[aria-rowindex="${last}"]`, { hasText: '#1 ' }).waitFor();
		await vscode.page.keyboard.press('Home');
		await panel().locator('.rows .row.task', { hasText: 'Task 1999' }).waitFor();
		const sort = panel().locator('vscode-dropdown[aria-label="Sort by"]');
		await sort.click();
		await sort.locator('vscode-option', { hasText: 'Longest' }).click();
		await panel().locator('.rows .row.call').first().getByText('1m 1s').waitFor();
		await picture('many-prompts');
	});

	it('Diagnostics: summaries of the newest tasks, and the calls of one', async () => {
		await goTo('diagnostics');
		const run = panel().locator('.run', { hasText: 'Task 1999' });
		assert.match((await run.locator('.run-figures').textContent()) ?? '', /Calls50Tokens in200,000Tokens out10,000/);
		await run.getByRole('checkbox', { name: 'Diagnose this task' }).click();
		await run.locator('tbody tr[data-call]').nth(49).waitFor();
		assert.equal(await panel().locator('.run tbody tr[data-call]').count(), 50);
	});

	it('reports no fault', reportsNoFault);
});

describe('the panel in VS Code with hostile texts', () => {
	const texts = hostileTexts();
	before(() => openWith((directory) => seedTexts(directory, texts, Date.now())));
	after(close);

	/** Nothing ran, nothing was drawn outside of the panel, nobody was asked for anything. */
	async function isHarmless(): Promise<void> {
		const found = await panel()
			.locator('body')
			.evaluate((body) => ({
				hacked: 'hacked' in window,
				strange: [...body.querySelectorAll('iframe, object, embed, math, form, style, script:not([nonce]), base')]
					.length,
				handlers: [...body.querySelectorAll('*')].filter((element) =>
					[...element.attributes].some(({ name }) => name.startsWith('on')),
				).length,
				links: [...body.querySelectorAll('a[href]')].filter(
					(link) => !/^(https?|mailto):/.test(link.getAttribute('href') ?? ''),
				).length,
				fetched: performance.getEntriesByType('resource').filter(({ name }) => name.includes('panel.test')).length,
			}));
		assert.deepEqual(found, { hacked: false, strange: 0, handlers: 0, links: 0, fetched: 0 });
	}

	it('shows each page with all of it', async () => {
		await range('All');
		await card('overview', 'calls').locator('.card-value').getByText(String(texts.length), { exact: true }).waitFor();
		await isHarmless();
		await goTo('analytics');
		await panel().locator('[data-table="models"] tbody tr').nth(20).waitFor();
		await isHarmless();
		await goTo('diagnostics');
		await panel().getByRole('button', { name: 'Turn on diagnostics' }).click();
		await panel().locator('.run tbody tr[data-call]').first().waitFor();
		await isHarmless();
		await goTo('prompts');
		assert.equal(await countRows(panel()), texts.length);
		await isHarmless();
	});

	it('shows each in its details, one after the other by key', async () => {
		await panel().locator('.rows .row.call').first().click();
		// The keys are those of the details.
		await panel().locator('#tab-prompt').click();
		for (let at = 0; at < texts.length; at++) {
			await panel()
				.locator('.bubble', { hasText: `begin-${at}` })
				.first()
				.waitFor();
			await isHarmless();
			await vscode.page.keyboard.press('Alt+ArrowDown');
		}
	});

	it('reports no fault', reportsNoFault);
});
