import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { CallDetail } from '../../../src/core/views.ts';
import { hostileTexts } from '../dev-page/hostile-texts.ts';
import { DevBrowser } from '../dev-page/open-dev-page.ts';

let browser: DevBrowser;
let page: Page;

before(async () => {
	browser = await DevBrowser.launch();
});
after(() => browser?.close());
afterEach(() => page?.context().close());

/** Opens the newest of some calls, with changed details. */
async function open(change: Partial<CallDetail> = {}, options: { width?: number } = {}): Promise<void> {
	page = await browser.open({ calls: 24, state: { range: 'all' }, ...options });
	await page.evaluate((change) => {
		const row = window.devHost.ledger.rows.at(-1);
		if (row === undefined) throw new Error('no call');
		// Whatever the dice said, this call went well.
		Object.assign(row, { state: 'ok', orphan: false, usageMissing: false });
		window.devHost.details.set(row.callId, (detail) => ({ ...detail, ...change }));
	}, change);
	await page.locator('.rows .row[aria-rowindex="2"]').click();
	await page.locator('vscode-panels').waitFor();
}

const tab = (name: string) => page.locator(`#tab-${name}`).click();

describe('the details of a call', () => {
	it('show the prompt as bubbles: user left, assistant right, tools monospaced', async () => {
		await open({ sharedPrefix: 0, extendsCallId: null });
		const place = await page.locator('.bubble').evaluateAll((bubbles) =>
			bubbles.map((bubble) => ({
				role: bubble.getAttribute('data-role'),
				align: getComputedStyle(bubble).alignSelf,
				font: getComputedStyle(bubble.querySelector('.text > div') ?? bubble).fontFamily,
			})),
		);
		const of = (role: string) => place.filter((bubble) => bubble.role === role);
		assert.ok(of('user').length > 0 && of('assistant').length > 0 && of('tool').length > 0);
		assert.ok(of('user').every(({ align }) => align === 'flex-start'));
		assert.ok(of('assistant').every(({ align }) => align === 'flex-end'));
		assert.ok(of('tool').every(({ font }) => /mono/i.test(font)));
	});

	it('fold what the call shares with the one before, and mark what it added', async () => {
		await open();
		assert.equal(await page.locator('.bubbles.added > .bubble').count(), 2);
		assert.equal(await page.locator('.shared-messages .bubble').count(), 0);
		await page.getByText('21 earlier messages, same as the previous call').click();
		await page.locator('.shared-messages .bubble').first().waitFor();
		assert.equal(await page.locator('.shared-messages .bubble').count(), 21);
		await page.getByText('Added by this call: 2 messages').waitFor();
	});

	it('show the system prompt when it is asked for', async () => {
		await open();
		assert.equal(await page.getByText('You are a careful software engineer.').count(), 0);
		await page.getByText('System prompt').click();
		await page.getByText('You are a careful software engineer.').waitFor();
	});

	it('show tool calls in place, with their arguments one by one', async () => {
		await open({
			extendsCallId: null,
			messages: [
				{
					role: 'assistant',
					content: 'I write it.',
					toolCalls: [
						{
							id: 't',
							name: 'write_file',
							arguments: { path: 'a.ts', content: 'let a;\nlet b;', options: { mode: 420 } },
						},
					],
				},
				{ role: 'tool', toolCallId: 't', content: 'written' },
			],
		});
		const call = page.locator('.tool-call');
		assert.deepEqual(await call.locator('dt').allTextContents(), ['path', 'content', 'options']);
		assert.equal(await call.locator('dd').nth(1).textContent(), 'let a;\nlet b;');
		assert.equal(await call.locator('dd').nth(2).textContent(), '{\n  "mode": 420\n}');
		await page.getByText('Result of write_file').waitFor();
	});

	it('name content parts that they cannot show', async () => {
		await open({
			extendsCallId: null,
			messages: [
				{
					role: 'user',
					content: [
						{ type: 'text', text: 'See:' },
						{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'A'.repeat(40_000) } },
						{ type: 'mystery', payload: { a: 1 } },
					],
				},
			],
		});
		await page.getByText('Image · image/png').waitFor();
		await page.getByText('about 30 kB').waitFor();
		await page.getByText('Content part “mystery”').click();
		await page.getByText('"payload"').waitFor();
	});

	it('show the completion with its code, and reasoning apart', async () => {
		await open();
		await tab('completion');
		const code = page.locator('.completion-text .code-block');
		assert.equal(await code.locator('.code-language').textContent(), 'ts');
		assert.match((await code.locator('.piece').textContent()) ?? '', /^const attempts/);
		await page.locator('.reasoning').getByText('Reasoning').waitFor();
	});

	it('unfold the cost: bucket, tokens, rate, tier, price and its date', async () => {
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
					from: 'table',
					validFrom: '2025-09-29',
					tableDate: '2026-11-01',
				},
				unpriced: null,
				notes: ['Cache write without a time to live, priced as 5 minutes.'],
			},
		});
		await tab('metadata');
		assert.equal(await page.locator('.cost-total').textContent(), '$0.037');
		assert.deepEqual(await page.locator('.cost-section tbody tr').first().locator('th, td').allTextContents(), [
			'Input',
			'12,000',
			'$3.00',
			'base',
			'$0.036',
		]);
		assert.deepEqual(await page.locator('.cost-section tbody tr').nth(1).locator('th, td').allTextContents(), [
			'Cache read',
			'3,000',
			'$0.30',
			'from 200,000',
			'$0.0009',
		]);
		const section = (await page.locator('.cost-section').textContent()) ?? '';
		for (const part of [
			'$0.048',
			'differ by more than 2',
			'claude-sonnet-4-5',
			'2025-09-29',
			'2026-11-01',
			'priced as 5 minutes',
			'ui_messages.json',
		]) {
			assert.ok(section.includes(part), part);
		}
	});

	it('say why texts are missing', async () => {
		for (const [state, expected] of [
			['off', /are not kept/],
			['redacted', /were left out/],
			['none', /holds no prompt/],
			['erased', /were erased/],
		] as const) {
			await open();
			await page.evaluate((state) => {
				const row = window.devHost.ledger.rows.at(-1);
				if (row === undefined) throw new Error('no call');
				const changed = { ...row, contentState: state };
				window.devHost.details.set(row.callId, (detail) => ({
					...detail,
					row: changed,
					systemPrompt: null,
					messages: [],
					completion: null,
				}));
			}, state);
			await page.keyboard.press('Escape');
			await page.locator('.rows .row[aria-rowindex="2"]').click();
			await page.locator('.tab-body .notice').filter({ hasText: expected }).waitFor();
			await page.context().close();
		}
	});

	it('copy prompt and completion through the host, and say so', async () => {
		await open({ completion: 'All done.', toolCalls: [] });
		await page.getByRole('button', { name: 'Copy prompt' }).click();
		await page.getByRole('button', { name: 'Copied' }).waitFor();
		await tab('completion');
		await page.getByRole('button', { name: 'Copy completion' }).click();
		const copied = await page.evaluate(() =>
			window.devHost.sent.flatMap((message) =>
				message.type === 'request' && message.request.kind === 'copy' ? [message.request.text] : [],
			),
		);
		assert.match(copied[0] ?? '', /^\[system\]\nYou are a careful/);
		assert.equal(copied[1], 'All done.');
	});

	it('keep the tab from call to call', async () => {
		await open();
		await tab('metadata');
		await page.getByRole('button', { name: 'Older call' }).click();
		await page.locator('.metadata dd', { hasText: 'call-22' }).first().waitFor();
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
		await page.getByRole('button', { name: 'Back to the calls' }).click();
		await page.locator('.detail').waitFor({ state: 'hidden' });
		assert.ok(await page.evaluate(() => document.activeElement?.getAttribute('role') === 'grid'));
	});
});

describe('foreign text', () => {
	it('renders as text and executes nothing', async () => {
		const texts = hostileTexts();
		assert.ok(texts.length >= 40);
		page = await browser.open({ calls: 24, state: { range: 'all' } });
		const problems: string[] = [];
		page.on('dialog', (dialog) => problems.push(`dialog ${dialog.message()}`));
		page.on('pageerror', (error) => problems.push(String(error)));
		page.on('request', (request) => problems.push(`request ${request.url()}`));
		await page.evaluate((texts) => {
			const row = window.devHost.ledger.rows.at(-1);
			if (row === undefined) throw new Error('no call');
			Object.assign(row, {
				state: 'ok',
				orphan: false,
				model: texts[0],
				provider: texts[1],
				sessionTitle: texts[2],
				agentId: texts[3],
			});
			window.devHost.details.set(row.callId, (detail) => ({
				...detail,
				extendsCallId: null,
				systemPrompt: texts.join('\n'),
				messages: texts.flatMap((text, index) => [
					{ role: 'user' as const, content: text },
					{
						role: 'assistant' as const,
						content: [{ type: text.slice(0, 50), text }],
						toolCalls: [{ id: `${index}`, name: text.slice(0, 300), arguments: { [text.slice(0, 40)]: text } }],
					},
					{ role: 'tool' as const, toolCallId: `${index}`, content: text },
				]),
				completion: texts.join('\n\n'),
				reasoning: texts.join('\n'),
				toolCalls: [],
				tools: texts.map((text) => ({ name: text.slice(0, 200), description: text })),
				mode: texts[4] ?? '',
				error: null,
			}));
		}, texts);
		await page.evaluate(() => window.devHost.begin());
		await page.locator('.rows .row[aria-rowindex="3"]').click();
		await page.locator('vscode-panels').waitFor();
		for (const name of ['prompt', 'completion', 'metadata', 'tools']) {
			await tab(name);
			for (const summary of await page.locator(`#view-${name} summary`).all())
				await summary.click({ timeout: 2000 }).catch(() => undefined);
			for (let press = 0; press < 3; press++) {
				const more = page.locator(`#view-${name} .show-more:visible`).first();
				if ((await more.count()) > 0) await more.click();
			}
		}
		assert.deepEqual(problems, []);
		assert.equal(await page.evaluate(() => 'hacked' in window), false);
		const foreign = await page
			.locator('.detail, .rows')
			.evaluateAll((parts) =>
				parts.flatMap((part) =>
					[
						...part.querySelectorAll(
							'script, img, iframe, object, embed, link, style, a, form, video, svg:not(.icon), [onerror], [onload], [onclick]',
						),
					].map((element) => element.outerHTML.slice(0, 80)),
				),
			);
		assert.deepEqual(foreign, []);
	});

	for (const unit of ['x', 'word ', '\n', '```\n', '\u202e', '"', 'é\u0301\u0301']) {
		it(`of 5 MB of ${JSON.stringify(unit)} freezes nothing for more than 100 ms`, async () => {
			// On a busy machine a task may be long for reasons that are not its own: the best of three counts.
			let longest = Number.POSITIVE_INFINITY;
			for (let attempt = 0; attempt < 3 && longest > 100; attempt++) {
				await page?.context().close();
				longest = Math.min(longest, await longestTaskWith(unit.repeat(Math.ceil(5_000_000 / unit.length))));
			}
			assert.ok(longest <= 100, `${longest} ms`);
		});
	}
});

/** Opens a call that holds a text in every place, looks at all of them, and gives the longest task in ms. */
async function longestTaskWith(text: string): Promise<number> {
	await open();
	await page.keyboard.press('Escape');
	await page.evaluate((text) => {
		const row = window.devHost.ledger.rows.at(-1);
		if (row === undefined) throw new Error('no call');
		window.devHost.details.set(row.callId, (detail) => ({
			...detail,
			extendsCallId: null,
			messages: [
				{ role: 'user', content: text },
				{ role: 'assistant', content: '', toolCalls: [{ id: 'a', name: 'write', arguments: { text } }] },
			],
			completion: text,
		}));
		// The clone that stands for the border between processes is made in the page here: leave it out of the measure.
		window.structuredClone = (value) => value;
		const tasks: number[] = [];
		new PerformanceObserver((list) => {
			for (const { duration } of list.getEntries()) tasks.push(duration);
		}).observe({ type: 'longtask' });
		Object.assign(window, { longTasks: tasks });
	}, text);
	const settled = () =>
		page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 50))));
	await page.locator('.rows .row[aria-rowindex="2"]').click();
	await page.locator('.bubble').first().waitFor();
	await settled();
	await page.locator('.bubbles .show-more').first().click();
	await settled();
	await tab('completion');
	await page.locator('.completion-text').waitFor();
	await settled();
	return page.evaluate(() => Math.max(0, ...(window as unknown as { longTasks: number[] }).longTasks));
}
