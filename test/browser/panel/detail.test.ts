import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { CallDetail, CallRow } from '../../../src/core/views.ts';
import type { Request } from '../../../src/protocol/messages.ts';
import { DevBrowser, type DevPageOptions, devThemes, setDevTheme } from '../dev-page/open-dev-page.ts';
import { contrastOf } from './contrast.ts';
import { longTasks } from './long-tasks.ts';

let browser: DevBrowser;
let page: Page;

before(async () => {
	browser = await DevBrowser.launch();
});
after(() => browser?.close());
afterEach(() => page?.context().close());

type Change = Partial<Omit<CallDetail, 'row'>> & { row?: Partial<CallRow> };

const listed = (index: number) => page.locator('.rows .row[data-state]').nth(index);

/** Opens the newest of some calls, with changed details. */
async function open(change: Change = {}, options: DevPageOptions = {}): Promise<void> {
	page = await browser.open({ calls: 24, state: { page: 'prompts', range: 'all' }, ...options });
	await show(change);
}

/** The newest call, with changed details, in the page that is open. */
async function show(change: Change): Promise<void> {
	await listed(0).waitFor();
	await page.evaluate((change) => {
		const row = window.devHost.ledger.rows.at(-1);
		if (row === undefined) throw new Error('no call');
		// Whatever the dice said, this call went well.
		Object.assign(row, { state: 'ok', orphan: false, usageMissing: false });
		const { row: changedRow, ...rest } = change;
		window.devHost.details.set(row.callId, (detail) => ({
			...detail,
			...rest,
			row: { ...detail.row, state: 'ok', ...changedRow },
		}));
	}, change);
	// Open details are closed first, so that they are asked for again.
	const heading = page.locator('.detail-heading');
	if (await heading.isVisible()) await heading.press('Escape');
	await listed(0).click();
	await page.locator('vscode-panels').waitFor();
}

const tab = (name: string) => page.locator(`#tab-${name}`).click();
const button = (name: string) => page.getByRole('button', { name, exact: true });

function requests<K extends Request['kind']>(kind: K): Promise<Extract<Request, { kind: K }>[]> {
	return page.evaluate(
		(kind) =>
			window.devHost.sent.flatMap((message) =>
				message.type === 'request' && message.request.kind === kind ? [message.request] : [],
			),
		kind,
	) as Promise<Extract<Request, { kind: K }>[]>; // Of the kind that was asked for.
}

const copied = async () => (await requests('copy')).map(({ text }) => text);

/** A red square of 10 by 10 pixels. */
const png = 'iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAAFUlEQVR42mP8z8BQz0AEYBxVSF+FABJADveWkH6oAAAAAElFTkSuQmCC';

describe('the details of a call', () => {
	it('story 4.3: chat-bubble style prompt rendering: user left and blue, assistant right and green, tools monospaced and grey', async () => {
		await open({ sharedPrefix: 0, extendsCallId: null });
		await page.locator('.bubble[data-role="tool"]').first().waitFor();
		const bubbles = await page.locator('.bubble').evaluateAll((bubbles) =>
			bubbles.map((bubble) => ({
				role: bubble.getAttribute('data-role'),
				align: getComputedStyle(bubble).alignSelf,
				font: getComputedStyle(bubble.querySelector('.text > div') ?? bubble).fontFamily,
				hue: getComputedStyle(bubble).getPropertyValue('--hue'),
				blue: getComputedStyle(bubble).getPropertyValue('--vscode-charts-blue'),
				green: getComputedStyle(bubble).getPropertyValue('--vscode-charts-green'),
				grey: getComputedStyle(bubble).getPropertyValue('--vscode-descriptionForeground'),
			})),
		);
		const of = (role: string) => bubbles.filter((bubble) => bubble.role === role);
		assert.ok(of('user').length > 0 && of('assistant').length > 0 && of('tool').length > 0);
		for (const { align, hue, blue } of of('user')) assert.deepEqual([align, hue], ['flex-start', blue]);
		for (const { align, hue, green } of of('assistant')) assert.deepEqual([align, hue], ['flex-end', green]);
		for (const { font, hue, grey } of of('tool')) {
			assert.match(font, /mono/i);
			assert.equal(hue, grey);
		}
		const boxes = await page.locator('.bubbles, .bubble').evaluateAll((all) =>
			all.map((element) => {
				const { left, right } = element.getBoundingClientRect();
				return { role: element.getAttribute('data-role'), left, right };
			}),
		);
		const [list] = boxes;
		const inside = (role: string) => boxes.find((box) => box.role === role);
		assert.ok(list !== undefined && inside('user')?.left === list.left && inside('assistant')?.right === list.right);
		assert.ok((inside('user')?.right ?? 0) < list.right && (inside('assistant')?.left ?? 0) > list.left);
	});

	it('fold what the call shares with the one before, mark what it added, and fold a long system prompt', async () => {
		await open();
		await page.locator('.bubbles.added > .bubble').nth(1).waitFor();
		assert.equal(await page.locator('.bubbles.added > .bubble').count(), 2);
		assert.equal(await page.locator('.shared-messages .bubble').count(), 0);
		const earlier = page.getByText(/^\d+ earlier messages, same as the previous call$/);
		const count = Number.parseInt((await earlier.textContent()) ?? '', 10);
		assert.ok(count > 5);
		await earlier.click();
		await page
			.locator('.shared-messages .bubble')
			.nth(count - 1)
			.waitFor();
		assert.equal(await page.locator('.shared-messages .bubble').count(), count);
		await page.getByText('Added by this call: 2 messages').waitFor();

		assert.equal(await page.getByText('You are a careful software engineer.').count(), 0);
		await page.getByText('System prompt').click();
		await page.getByText('You are a careful software engineer.').waitFor();
		await show({ systemPrompt: 'Be brief.', row: { seq: 99 } });
		await page.getByText('Be brief.').waitFor();
	});

	it('show tool calls in place with their arguments one by one, results, reasoning, pictures and files', async () => {
		await open({
			extendsCallId: null,
			messages: [
				{
					role: 'user',
					content: [
						{ type: 'text', text: 'See:' },
						{ type: 'image', source: { type: 'base64', media_type: 'image/svg+xml', data: png } },
						{ type: 'image_url', image_url: { url: 'https://panel.test/other.png' } },
						{ type: 'input_image', image_url: `data:image/svg+xml;base64,${'PHN2Zz4'.repeat(8000)}` },
						{ type: 'document', title: 'spec.pdf', source: { type: 'base64', data: 'A'.repeat(40_000) } },
						{ type: 'mystery', payload: { a: 1 } },
					],
				},
				{
					role: 'assistant',
					content: [
						{ type: 'reasoning', text: 'First the file.' },
						{ type: 'text', text: 'I write it.' },
					],
					toolCalls: [
						{
							id: 't',
							name: 'write_file',
							arguments: { path: 'a.ts', content: 'let a;\nlet b;', options: { mode: 420 } },
						},
					],
				},
				{ role: 'tool', toolCallId: 't', content: [{ type: 'text', text: 'EACCES', isError: true }] },
			],
		});
		const call = page.locator('.tool-call');
		assert.deepEqual(await call.locator('dt').allTextContents(), ['path', 'content', 'options']);
		assert.equal(await call.locator('dd').nth(1).textContent(), 'let a;\nlet b;');
		assert.equal(await call.locator('dd').nth(2).textContent(), '{\n  "mode": 420\n}');
		const result = page.locator('.bubble[data-role="tool"]');
		await result.getByText('Result of write_file').waitFor();
		await result.getByText('failed').waitFor();

		// What a part says of itself does not count: this one is a PNG.
		await page.getByText('Image · image/png').waitFor();
		await page.getByText('10 × 10').waitFor();
		const picture = page.locator('img');
		await picture.evaluate(async (image) => {
			if (image instanceof HTMLImageElement) await image.decode();
		});
		assert.deepEqual(
			await picture.evaluateAll((images) => images.map((image) => image.getAttribute('src')?.slice(0, 22))),
			['data:image/png;base64,'],
		);
		await page.getByText('Image · image_url').waitFor();
		await page.getByText('Image · image/svg+xml').waitFor();
		await page.getByText('File · spec.pdf').waitFor();
		await page.getByText('about 30 kB').waitFor();
		await page.getByText('Content part “mystery”').click();
		await page.getByText('"payload"').waitFor();
		assert.equal(await page.getByText('First the file.').count(), 0);
		await page.locator('.bubble .reasoning summary').click();
		await page.getByText('First the file.').waitFor();
	});

	it('story 4.3: syntax highlighting for code in prompts and completions, readable in every theme', async () => {
		const code =
			'```ts\n// why\nconst a = "b" + 12 ?? null;\n```\n\n```diff\n+in\n-out\n```\n\n```html\n<b class="x">y</b>\n```\n';
		const messages: CallDetail['messages'] = [
			{ role: 'user', content: `Look at \`x\`:\n\n${code}` },
			{ role: 'assistant', content: `[here](https://a.example/x):\n\n${code}` },
		];
		await open({
			extendsCallId: null,
			messages,
			completion: `Done:\n\n1. In a list:\n   ${code.replaceAll('\n', '\n   ')}`,
		});
		for (const [name, place] of [
			['prompt', '.bubble[data-role="user"]'],
			['prompt', '.bubble[data-role="assistant"]'],
			['completion', '.completion-text'],
		] as const) {
			await tab(name);
			const block = page.locator(place).locator('.code-block').first();
			assert.equal(await block.locator('.code-language').textContent(), 'ts');
			await block.locator('.code-keyword').waitFor();
			assert.equal(await block.locator('.piece').textContent(), '// why\nconst a = "b" + 12 ?? null;');
			for (const [style, text] of [
				['keyword', 'const'],
				['string', '"b"'],
				['number', '12'],
				['atom', 'null'],
				['comment', '// why'],
			])
				assert.equal(await block.locator(`.code-${style}`).textContent(), text);
		}
		await tab('prompt');
		for (const theme of devThemes) {
			await setDevTheme(page, theme);
			const seen = await contrastOf(page, '.bubble :is([class^="code-"], code, a, .link-address)');
			assert.ok(seen.length > 20);
			for (const { what, ratio } of seen) assert.ok(ratio >= 4.5, `${what} in ${theme}: ${ratio.toFixed(2)}`);
		}
	});

	it('read texts as Markdown, name where links lead, and show them as they were written', async () => {
		const completion =
			'# Title\n\nSome *soft*, **loud** and ~~wrong~~ words.\nNext line.\n\n- a\n  1. b\n- c\n\n> said\n\n| l | r |\n|---|--:|\n| x | 1 |\n\n---\n\n[site](https://a.example/p "tip") <https://b.example/> ![pic](https://c.example/i.png) [bad](javascript:x) [](https://d.example/)\n';
		await open({ completion });
		await tab('completion');
		const prose = page.locator('.completion-text .prose');
		assert.deepEqual(await prose.evaluate((element) => [...element.children].map(({ tagName }) => tagName)), [
			'H5',
			'P',
			'UL',
			'BLOCKQUOTE',
			'TABLE',
			'HR',
			'P',
		]);
		assert.equal(await prose.locator('p').first().innerText(), 'Some soft, loud and wrong words.\nNext line.');
		assert.equal(await prose.locator('li ol li').textContent(), 'b');
		assert.equal(
			await prose
				.locator('td')
				.nth(1)
				.evaluate((cell) => getComputedStyle(cell).textAlign),
			'right',
		);
		assert.deepEqual(
			await prose
				.locator('a')
				.evaluateAll((links) => links.map((link) => [link.getAttribute('href'), link.textContent])),
			[
				['https://a.example/p', 'site (https://a.example/p "tip")'],
				['https://b.example/', 'https://b.example/'],
				['https://c.example/i.png', 'pic (https://c.example/i.png)'],
				['https://d.example/', ' (https://d.example/)'],
			],
		);
		assert.ok((await prose.textContent())?.includes('[bad](javascript:x)'));

		await button('Show source').click();
		assert.equal(await page.locator('.completion-text .plain-text').textContent(), completion.trimEnd());
		const pressed = page.locator('.as-written');
		assert.equal(await pressed.getAttribute('aria-pressed'), 'true');
		assert.ok(await pressed.evaluate((element) => element.matches(':focus-within')));
		await button('Show source').click();
		await prose.locator('h5').waitFor();
	});

	it('show reasoning apart from the completion, and what went wrong', async () => {
		await open();
		await tab('completion');
		assert.equal(await page.getByText('The counter is read before').count(), 0);
		await page.locator('.reasoning summary').click();
		await page.getByText('The counter is read before').waitFor();
		await show({
			row: { state: 'error', seq: 99 },
			completion: null,
			reasoning: null,
			error: { message: '<b>overloaded</b>', status: 529, code: 'overloaded_error' },
		});
		const told = (await page.locator('.notice[data-kind="error"]').textContent()) ?? '';
		for (const part of ['The call failed', 'HTTP 529', 'overloaded_error', '<b>overloaded</b>'])
			assert.ok(told.includes(part), part);
	});

	it('story 4.3: cost displayed prominently: first, and unfolded into bucket, tokens, rate, tier, price and its date', async () => {
		await open({
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
		await tab('metadata');
		assert.equal(await page.locator('.metadata > :first-child .cost-total').textContent(), '$0.037');
		const sizes = await page
			.locator('.cost-total, .metadata .facts dd')
			.evaluateAll((all) => all.map((element) => Number.parseFloat(getComputedStyle(element).fontSize)));
		assert.ok(
			sizes.slice(1).every((size) => size < (sizes[0] ?? 0)),
			'no other figure is as large',
		);
		const cells = (row: number) => page.locator('.cost-section tbody tr').nth(row).locator('th, td').allTextContents();
		assert.deepEqual(await cells(0), ['Input', '12,000', '$3.00', 'base', '$0.036']);
		assert.deepEqual(await cells(1), ['Cache read', '3,000', '$0.30', 'from 200,000', '$0.0009']);
		const section = (await page.locator('.cost-section').textContent()) ?? '';
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
		await open({
			cost: { ...unpriced, unpriced: 'unknownModel', lines: [], notes: [] },
			row: { provider: 'my-gateway', model: 'asked-for', actualModel: 'house-model-7b' },
		});
		await tab('metadata');
		assert.equal(await page.locator('.cost-total').textContent(), 'unpriced');
		await button('Set a price…').click();
		const [asked] = await requests('priceModel');
		assert.deepEqual([asked?.provider, asked?.model], ['my-gateway', 'house-model-7b']);
		await show({ cost: { ...unpriced, unpriced: 'noUsage', lines: [], notes: [] }, row: { seq: 98 } });
		await page.getByText('The call has no token counts, so no cost can be computed.').waitFor();
		assert.equal(await button('Set a price…').count(), 0);
		await show({
			row: { seq: 99 },
			origin: { source: 'claude-code', billing: 'subscription', live: false },
		});
		const section = (await page.locator('.cost-section').textContent()) ?? '';
		assert.match(section, /API price|API-equivalent|subscription/i);
	});

	it('story 4.3: token breakdown with input/output/thinking/cache, as a bar with a legend and in words', async () => {
		await open({
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
		await tab('metadata');
		const legend = await page.locator('.token-legend li').allTextContents();
		assert.deepEqual(legend, [
			'Uncached input1,0009%',
			'Cache read7,00064%',
			'Cache write2,00018%',
			'Output5005%',
			'Reasoning4004%',
		]);
		assert.equal(
			await page.getByRole('img', { name: /^Token breakdown/ }).getAttribute('aria-label'),
			'Token breakdown: Uncached input 1,000, Cache read 7,000, Cache write 2,000, Output 500, Reasoning 400',
		);
		const widths = await page
			.locator('.token-part')
			.evaluateAll((parts) => parts.map((part) => part.getBoundingClientRect().width));
		assert.ok(Math.abs((widths[1] ?? 0) / (widths[0] ?? 1) - 7) < 0.2, 'parts are as wide as they are many');
		const facts = await page.locator('.metadata section:has(.tokens) .facts').textContent();
		for (const part of ['Input, cache included10,000', 'Cache write, 5 min1,500', 'Cache write, 1 h500', 'Output900'])
			assert.ok(facts?.includes(part), part);
	});

	it('tell provider, models, parameters, times, ids, source, record and hash, and lead to the calls they name', async () => {
		await open({
			row: { actualModel: 'claude-sonnet-4-5-20250929', possibleDuplicateOf: 'call-3', timeToFirstTokenMs: 431 },
			extendsCallId: 'call-5',
			maskedSecrets: 3,
			inferenceProvider: 'DeepInfra',
			serviceTier: 'priority',
			aliases: ['resp_1', 'req_2'],
		});
		await tab('metadata');
		const metadata = (await page.locator('.metadata').textContent()) ?? '';
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
		await button('call-5').click();
		await page.locator('.metadata dd', { hasText: 'call-5' }).first().waitFor();
		assert.equal((await requests('callDetail')).at(-1)?.callId, 'call-5');
	});

	it('list the tools that were given, called ones first, with their schemas', async () => {
		await open({
			toolCalls: [
				{ id: 'a', name: 'search', arguments: { pattern: 'x' } },
				{ id: 'b', name: 'search', arguments: { pattern: 'y' } },
				{ id: 'c', name: 'ghost', arguments: {} },
			],
		});
		await tab('tools');
		assert.deepEqual(await page.locator('.tool-definition summary').allTextContents(), [
			'searchcalled 2 times',
			'read_filenot called',
			'attempt_completionnot called',
		]);
		await page.getByText('3 tools given, 1 of them called').waitFor();
		await page.getByText('Called without a definition: ghost').waitFor();
		await page.locator('.tool-definition summary').first().click();
		await page.getByText('Searches the workspace').waitFor();
		const schema = (await page.locator('.tool-definition .json').textContent()) ?? '';
		assert.deepEqual(JSON.parse(schema), {
			type: 'object',
			properties: { pattern: { type: 'string' }, limit: { type: 'integer' } },
		});
		await show({ tools: [], row: { seq: 99 } });
		await page.getByText('No tool definitions were given to the model.').waitFor();
	});

	it('say why texts are missing', async () => {
		await open();
		for (const [index, [state, expected]] of (
			[
				['off', /are not kept/],
				['redacted', /were left out/],
				['none', /holds no prompt/],
				['erased', /were erased/],
			] as const
		).entries()) {
			await show({
				row: { contentState: state, seq: 90 + index },
				systemPrompt: null,
				messages: [],
				completion: null,
			});
			await page.locator('.tab-body .notice').filter({ hasText: expected }).waitFor();
		}
	});

	it('story 4.3: copy-to-clipboard for prompt/completion, one message, and the call as JSON or cURL', async () => {
		await open({
			completion: 'All done.',
			toolCalls: [],
			extendsCallId: null,
			systemPrompt: 'Be brief.',
			messages: [{ role: 'user', content: 'Hi\u202e' }],
		});
		await button('Copy prompt').click();
		await button('Copied').waitFor();
		await page.locator('.bubble').hover();
		await button('Copy message').click();
		await tab('completion');
		await button('Copy completion').click();
		await page.waitForFunction(
			() => window.devHost.sent.filter((m) => m.type === 'request' && m.request.kind === 'copy').length === 3,
		);
		assert.deepEqual(await copied(), ['[system]\nBe brief.\n\n[user]\nHi\u202e', '[user]\nHi\u202e', 'All done.']);

		// The menu, by keyboard.
		await page.locator('.menu-button vscode-button').focus();
		await page.keyboard.press('Enter');
		await page.getByRole('menuitem', { name: 'Copy prompt' }).waitFor();
		const focused = () => page.evaluate(() => document.activeElement?.textContent);
		assert.equal(await focused(), 'Copy prompt');
		await page.keyboard.press('ArrowUp');
		assert.equal(await focused(), 'Copy call as cURL');
		await page.keyboard.press('Escape');
		assert.equal(await page.getByRole('menu').count(), 0);
		assert.equal(await page.locator('.detail').isVisible(), true);
		await page.keyboard.press('ArrowDown');
		await page.keyboard.press('End');
		await page.keyboard.press('Enter');
		await page.locator('.menu-button vscode-button').click();
		await page.getByRole('menuitem', { name: 'Copy call as JSON' }).click();
		const [curl = '', json = ''] = (await copied()).slice(3);
		assert.match(curl, /^curl "https:\/\/\S+" \\\n {2}-H/);
		assert.match(curl, /\$[A-Z]+_API_KEY/);
		assert.ok(curl.includes('Hi\\u202e'));
		const call = JSON.parse(json);
		assert.deepEqual(call.request.messages, [{ role: 'user', content: 'Hi\u202e' }]);
		assert.equal(call.response.completion, 'All done.');
		await page.locator('.sr-only[role="status"]', { hasText: 'Copied' }).waitFor({ state: 'attached' });
	});

	it('work by keyboard: tabs, calls, way back; and keep the tab from call to call', async () => {
		await open();
		await page.locator('#tab-prompt').click();
		for (const name of ['completion', 'metadata']) {
			await page.keyboard.press('ArrowRight');
			await page.locator(`#view-${name} .tab-body`).waitFor();
		}
		const shown = () =>
			page
				.locator('.metadata dd', { hasText: /^call-\d+$/ })
				.first()
				.textContent();
		assert.equal(await shown(), 'call-23');
		const went = async (key: string, past: string) => {
			await page.keyboard.press(key);
			await page.waitForFunction((past) => {
				const cells = [...document.querySelectorAll('.metadata dd')].map(({ textContent }) => textContent);
				return cells.length > 0 && !cells.includes(past);
			}, past);
			return (await shown()) ?? '';
		};
		const second = await went('Alt+ArrowDown', 'call-23');
		const third = await went('Alt+ArrowDown', second);
		assert.equal(new Set(['call-23', second, third]).size, 3);
		assert.equal(await went('Alt+ArrowUp', third), second);
		assert.equal(await page.locator('.rows .row[aria-selected="true"]').count(), 1);
		await button('Next call').click();
		await page.locator('.metadata dd', { hasText: third }).first().waitFor();
		await page.keyboard.press('Escape');
		await page.locator('.detail').waitFor({ state: 'hidden' });
		assert.ok(await page.evaluate(() => document.activeElement?.getAttribute('role')?.includes('grid')));
	});

	it('follow a running call to its end', async () => {
		await open();
		await page.evaluate(() => window.devHost.begin());
		await page.locator('.rows .row[data-state="pending"]').click();
		await tab('completion');
		await page.getByText('The model is still answering.').waitFor();
		await page.evaluate(() => window.devHost.end());
		await page.locator('.completion-text').waitFor();
	});

	it('cover the list when it is narrow, and go back to it', async () => {
		await open({}, { width: 420 });
		const box = await page.locator('.detail').boundingBox();
		assert.ok((box?.width ?? 0) > 400);
		assert.equal(await page.locator('.master').evaluate((element) => (element as HTMLElement).inert), true);
		await button('Back to the calls').click();
		await page.locator('.detail').waitFor({ state: 'hidden' });
		assert.ok(await page.evaluate(() => document.activeElement?.getAttribute('role')?.includes('grid')));
	});

	it('open a prompt of 5,000 messages and 20 MB at once, and build only what is looked at', async () => {
		await open();
		await page.evaluate(() => {
			const row = window.devHost.ledger.rows.at(-1);
			if (row === undefined) throw new Error('no call');
			const messages = Array.from({ length: 5000 }, (_, index) => ({
				role: index % 2 === 0 ? ('user' as const) : ('assistant' as const),
				content: `**Message ${index}**\n\n${'some words of it, '.repeat(230)}`,
			}));
			window.devHost.details.set(row.callId, (detail) => ({ ...detail, messages, extendsCallId: null }));
			// The copies that stand for the border between processes are left out of the measure.
			window.structuredClone = (value) => value;
			window.postMessage = (data: unknown) => {
				setTimeout(() => window.dispatchEvent(new MessageEvent('message', { data })));
			};
		});
		const elements = () => page.locator('.detail *').count();
		const tasks = await longTasks(browser.browser, page, 20, async () => {
			await listed(1).click();
			await listed(0).click();
			await page.getByText('Message 0', { exact: true }).waitFor();
			await page.locator('.tab-body').first().locator('.show-more').last().waitFor({ state: 'attached' });
		});
		assert.ok(
			tasks.every(({ cpuMs }) => cpuMs <= 100),
			JSON.stringify(tasks),
		);
		assert.ok((await elements()) < 2_000, `${await elements()} elements`);
		// What comes into sight is built: no button needs to be pressed.
		const bubbles = page.locator('.bubble');
		const before = await bubbles.count();
		for (let turn = 0; turn < 40 && (await bubbles.count()) <= before; turn++) {
			await bubbles.last().evaluate((bubble) => bubble.scrollIntoView());
			await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 20))));
		}
		assert.ok((await bubbles.count()) > before);
	});
});
