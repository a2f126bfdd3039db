import assert from 'node:assert/strict';
import { DevBrowser } from '../dev-page/open-dev-page.ts';
import { OpenDetails } from './open-details.ts';

let browser: DevBrowser;
let details: OpenDetails;

before(async () => {
	browser = await DevBrowser.launch();
});
after(() => browser?.close());
afterEach(() => details?.page.context().close());

describe('what the details tell of a call', () => {
	it('story 4.3: cost displayed prominently: first, and unfolded into bucket, tokens, rate, tier, price and its date', async () => {
		details = await OpenDetails.open(browser, {
			cost: {
				shownNanoUsd: 36_900_000,
				basis: 'computed',
				bound: 'exact',
				computedNanoUsd: 36_900_000,
				reportedNanoUsd: 48_000_000,
				reportedBy: 'agent',
				diverges: true,
				lines: [
					{ bucket: 'uncachedInput', tokens: 12_000, ratePicoUsd: 3_000_000, tierStart: 0 },
					{ bucket: 'cacheRead', tokens: 3_000, ratePicoUsd: 300_000, tierStart: 200_000 },
				],
				price: {
					provider: 'anthropic',
					model: 'claude-sonnet-4-5',
					from: 'override',
					validFrom: '2025-09-29',
					tableDate: '2026-11-01',
				},
				unpriced: null,
				notes: ['Cache write without a time to live, priced as 5 minutes.'],
			},
		});
		await details.tab('metadata');
		assert.equal(await details.page.locator('.metadata > :first-child .cost-total').textContent(), '$0.037');
		const sizes = await details.page
			.locator('.cost-total, .metadata .facts dd')
			.evaluateAll((all) => all.map((element) => Number.parseFloat(getComputedStyle(element).fontSize)));
		assert.ok(
			sizes.slice(1).every((size) => size < (sizes[0] ?? 0)),
			'no other figure is as large',
		);
		const cells = (row: number) =>
			details.page.locator('.cost-section tbody tr').nth(row).locator('th, td').allTextContents();
		assert.deepEqual(await cells(0), ['Input', '12,000', '$3.00', 'base', '$0.036']);
		assert.deepEqual(await cells(1), ['Cache read', '3,000', '$0.30', 'from 200,000', '$0.0009']);
		const section = (await details.page.locator('.cost-section').textContent()) ?? '';
		for (const part of [
			'$0.048',
			'Reported by the agent',
			'differ by more than 2',
			'claude-sonnet-4-5',
			'2025-09-29',
			'your setting “callmeter.prices”',
			'priced as 5 minutes',
			'ui_messages.json',
		])
			assert.ok(section.includes(part), part);
	});

	it('offer to set a price for a model that has none, and say what a subscription’s cost is', async () => {
		const unpriced = {
			shownNanoUsd: null,
			basis: 'unpriced',
			bound: 'exact',
			computedNanoUsd: null,
			reportedNanoUsd: null,
			reportedBy: null,
			diverges: false,
			lines: [],
			price: null,
			notes: [],
		} as const;
		details = await OpenDetails.open(browser, {
			cost: { ...unpriced, unpriced: 'unknownModel', lines: [], notes: [] },
			row: { provider: 'my-gateway', model: 'asked-for', actualModel: 'house-model-7b' },
		});
		await details.tab('metadata');
		assert.equal(await details.page.locator('.cost-total').textContent(), 'unpriced');
		await details.button('Set a price…').click();
		const [asked] = await details.requests('priceModel');
		assert.deepEqual([asked?.provider, asked?.model], ['my-gateway', 'house-model-7b']);
		await details.show({ cost: { ...unpriced, unpriced: 'noUsage', lines: [], notes: [] }, row: { seq: 98 } });
		await details.page.getByText('The call has no token counts, so no cost can be computed.').waitFor();
		assert.equal(await details.button('Set a price…').count(), 0);
		await details.show({
			row: { seq: 99 },
			origin: { source: 'claude-code', billing: 'subscription', live: false },
		});
		const section = (await details.page.locator('.cost-section').textContent()) ?? '';
		assert.ok(section.includes('Paid by a subscription: this is what the tokens would cost through the API.'));
	});

	it('story 4.3: token breakdown with input/output/thinking/cache, as a bar with a legend and in words', async () => {
		details = await OpenDetails.open(browser, {
			usage: {
				inputTotal: 10_000,
				uncachedInput: 1_000,
				cacheRead: 7_000,
				cacheWrite5m: 1_500,
				cacheWrite1h: 500,
				cacheWriteUnknownTtl: null,
				output: 900,
				reasoning: 400,
			},
		});
		await details.tab('metadata');
		const legend = await details.page.locator('.token-legend li').allTextContents();
		assert.deepEqual(legend, [
			'Uncached input1,0009%',
			'Cache read7,00064%',
			'Cache write2,00018%',
			'Output5005%',
			'Reasoning4004%',
		]);
		assert.equal(
			await details.page.getByRole('img', { name: /^Token breakdown/ }).getAttribute('aria-label'),
			'Token breakdown: Uncached input 1,000, Cache read 7,000, Cache write 2,000, Output 500, Reasoning 400',
		);
		const widths = await details.page
			.locator('.token-part')
			.evaluateAll((parts) => parts.map((part) => part.getBoundingClientRect().width));
		assert.ok(Math.abs((widths[1] ?? 0) / (widths[0] ?? 1) - 7) < 0.2, 'parts are as wide as they are many');
		const facts = await details.page.locator('.metadata section:has(.tokens) .facts').textContent();
		for (const part of ['Input, cache included10,000', 'Cache write, 5 min1,500', 'Cache write, 1 h500', 'Output900'])
			assert.ok(facts?.includes(part), part);
	});

	it('tell provider, models, parameters, times, ids, source, record and hash, and lead to the calls they name', async () => {
		details = await OpenDetails.open(browser, {
			row: { actualModel: 'claude-sonnet-4-5-20250929', possibleDuplicateOf: 'call-3', timeToFirstTokenMs: 431 },
			extendsCallId: 'call-5',
			maskedSecrets: 3,
			inferenceProvider: 'DeepInfra',
			serviceTier: 'priority',
			aliases: ['resp_1', 'req_2'],
		});
		await details.tab('metadata');
		const metadata = (await details.page.locator('.metadata').textContent()) ?? '';
		for (const part of [
			'Requested model',
			'Answering modelclaude-sonnet-4-5-20250929',
			'Served byDeepInfra',
			'"temperature": 0.2',
			'Time to first token431ms',
			'Latency',
			'Service tierpriority',
			'Call IDcall-23',
			'Also known asresp_1, req_2',
			'b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c',
			'ui_messages.json',
			'Git branchfix/retry',
			'Git commit9f2c1ab',
			'Secrets masked3',
			'BillingBy token',
		])
			assert.ok(metadata.includes(part), part);
		await details.button('call-5').click();
		await details.page.locator('.metadata dd', { hasText: 'call-5' }).first().waitFor();
		assert.equal((await details.requests('callDetail')).at(-1)?.callId, 'call-5');
	});

	it('list the tools that were given, called ones first, with their schemas', async () => {
		details = await OpenDetails.open(browser, {
			toolCalls: [
				{ id: 'a', name: 'search', arguments: { pattern: 'x' } },
				{ id: 'b', name: 'search', arguments: { pattern: 'y' } },
				{ id: 'c', name: 'ghost', arguments: {} },
			],
		});
		await details.tab('tools');
		assert.deepEqual(await details.page.locator('.tool-definition summary').allTextContents(), [
			'searchcalled 2 times',
			'read_filenot called',
			'attempt_completionnot called',
		]);
		await details.page.getByText('3 tools given, 1 of them called').waitFor();
		await details.page.getByText('Called without a definition: ghost').waitFor();
		await details.page.locator('.tool-definition summary').first().click();
		await details.page.getByText('Searches the workspace').waitFor();
		const schema = (await details.page.locator('.tool-definition .json').textContent()) ?? '';
		assert.deepEqual(JSON.parse(schema), {
			type: 'object',
			properties: { pattern: { type: 'string' }, limit: { type: 'integer' } },
		});
		await details.show({ tools: [], row: { seq: 99 } });
		await details.page.getByText('No tool definitions were given to the model.').waitFor();
	});

	it('say why texts are missing', async () => {
		details = await OpenDetails.open(browser, {});
		for (const [index, [state, expected]] of (
			[
				['off', /are not kept/],
				['redacted', /were left out/],
				['none', /holds no prompt/],
				['erased', /were erased/],
			] as const
		).entries()) {
			await details.show({
				row: { contentState: state, seq: 90 + index },
				systemPrompt: null,
				messages: [],
				completion: null,
			});
			await details.page.locator('.tab-body .notice').filter({ hasText: expected }).waitFor();
		}
	});
});
