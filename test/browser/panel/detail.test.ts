import assert from 'node:assert/strict';
import type { CallDetail } from '../../../src/core/views.ts';
import { DevBrowser, devThemes, setDevTheme } from '../dev-page/open-dev-page.ts';
import { contrastOf } from './contrast.ts';
import { longTasks } from './long-tasks.ts';
import { OpenDetails } from './open-details.ts';

let browser: DevBrowser;
let details: OpenDetails;

before(async () => {
	browser = await DevBrowser.launch();
});
after(() => browser?.close());
afterEach(() => details?.page.context().close());

/** A red square of 10 by 10 pixels. */
const png = 'iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAAFUlEQVR42mP8z8BQz0AEYBxVSF+FABJADveWkH6oAAAAAElFTkSuQmCC';

describe('the details of a call', () => {
	it('story 4.3: chat-bubble style prompt rendering: user left and blue, assistant right and green, tools monospaced and grey', async () => {
		details = await OpenDetails.open(browser, { sharedPrefix: 0, extendsCallId: null });
		await details.page.locator('.bubble[data-role="tool"]').first().waitFor();
		const bubbles = await details.page.locator('.bubble').evaluateAll((bubbles) =>
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
		const boxes = await details.page.locator('.bubbles, .bubble').evaluateAll((all) =>
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
		details = await OpenDetails.open(browser, {});
		await details.page.locator('.bubbles.added > .bubble').nth(1).waitFor();
		assert.equal(await details.page.locator('.bubbles.added > .bubble').count(), 2);
		assert.equal(await details.page.locator('.shared-messages .bubble').count(), 0);
		const earlier = details.page.getByText(/^\d+ earlier messages, same as the previous call$/);
		const count = Number.parseInt((await earlier.textContent()) ?? '', 10);
		assert.ok(count > 5);
		await earlier.click();
		await details.page
			.locator('.shared-messages .bubble')
			.nth(count - 1)
			.waitFor();
		assert.equal(await details.page.locator('.shared-messages .bubble').count(), count);
		await details.page.getByText('Added by this call: 2 messages').waitFor();

		assert.equal(await details.page.getByText('You are a careful software engineer.').count(), 0);
		await details.page.getByText('System prompt').click();
		await details.page.getByText('You are a careful software engineer.').waitFor();
		await details.show({ systemPrompt: 'Be brief.', row: { seq: 99 } });
		await details.page.getByText('Be brief.').waitFor();
	});

	it('show tool calls in place with their arguments one by one, results, reasoning, pictures and files', async () => {
		details = await OpenDetails.open(browser, {
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
		const call = details.page.locator('.tool-call');
		assert.deepEqual(await call.locator('dt').allTextContents(), ['path', 'content', 'options']);
		assert.equal(await call.locator('dd').nth(1).textContent(), 'let a;\nlet b;');
		assert.equal(await call.locator('dd').nth(2).textContent(), '{\n  "mode": 420\n}');
		const result = details.page.locator('.bubble[data-role="tool"]');
		await result.getByText('Result of write_file').waitFor();
		await result.getByText('failed').waitFor();

		// What a part says of itself does not count: this one is a PNG.
		await details.page.getByText('Image · image/png').waitFor();
		await details.page.getByText('10 × 10').waitFor();
		const picture = details.page.locator('img');
		await picture.evaluate(async (image) => {
			if (image instanceof HTMLImageElement) await image.decode();
		});
		assert.deepEqual(
			await picture.evaluateAll((images) => images.map((image) => image.getAttribute('src')?.slice(0, 22))),
			['data:image/png;base64,'],
		);
		await details.page.getByText('Image · image_url').waitFor();
		await details.page.getByText('Image · image/svg+xml').waitFor();
		await details.page.getByText('File · spec.pdf').waitFor();
		await details.page.getByText('about 30 kB').waitFor();
		await details.page.getByText('Content part “mystery”').click();
		await details.page.getByText('"payload"').waitFor();
		assert.equal(await details.page.getByText('First the file.').count(), 0);
		await details.page.locator('.bubble .reasoning summary').click();
		await details.page.getByText('First the file.').waitFor();
	});

	it('story 4.3: syntax highlighting for code in prompts and completions, readable in every theme', async () => {
		const code =
			'```ts\n// why\nconst a = "b" + 12 ?? null;\n```\n\n```diff\n+in\n-out\n```\n\n```html\n<b class="x">y</b>\n```\n';
		const messages: CallDetail['messages'] = [
			{ role: 'user', content: `Look at \`x\`:\n\n${code}` },
			{ role: 'assistant', content: `[here](https://a.example/x):\n\n${code}` },
		];
		details = await OpenDetails.open(browser, {
			extendsCallId: null,
			messages,
			completion: `Done:\n\n1. In a list:\n   ${code.replaceAll('\n', '\n   ')}`,
		});
		for (const [name, place] of [
			['prompt', '.bubble[data-role="user"]'],
			['prompt', '.bubble[data-role="assistant"]'],
			['completion', '.completion-text'],
		] as const) {
			await details.tab(name);
			const block = details.page.locator(place).locator('.code-block').first();
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
		await details.tab('prompt');
		for (const theme of devThemes) {
			await setDevTheme(details.page, theme);
			const seen = await contrastOf(details.page, '.bubble :is([class^="code-"], code, a, .link-address)');
			assert.ok(seen.length > 20);
			for (const { what, ratio } of seen) assert.ok(ratio >= 4.5, `${what} in ${theme}: ${ratio.toFixed(2)}`);
		}
	});

	it('read texts as Markdown, name where links lead, and show them as they were written', async () => {
		const completion =
			'# Title\n\nSome *soft*, **loud** and ~~wrong~~ words.\nNext line.\n\n- a\n  1. b\n- c\n\n> said\n\n| l | r |\n|---|--:|\n| x | 1 |\n\n---\n\n[site](https://a.example/p "tip") <https://b.example/> ![pic](https://c.example/i.png) [bad](javascript:x) [](https://d.example/)\n';
		details = await OpenDetails.open(browser, { completion });
		await details.tab('completion');
		const prose = details.page.locator('.completion-text .prose');
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

		await details.button('Show source').click();
		assert.equal(await details.page.locator('.completion-text .plain-text').textContent(), completion.trimEnd());
		const pressed = details.page.locator('.as-written');
		assert.equal(await pressed.getAttribute('aria-pressed'), 'true');
		assert.ok(await pressed.evaluate((element) => element.matches(':focus-within')));
		await details.button('Show source').click();
		await prose.locator('h5').waitFor();
	});

	it('show reasoning apart from the completion, and what went wrong', async () => {
		details = await OpenDetails.open(browser, {});
		await details.tab('completion');
		assert.equal(await details.page.getByText('The counter is read before').count(), 0);
		await details.page.locator('.reasoning summary').click();
		await details.page.getByText('The counter is read before').waitFor();
		await details.show({
			row: { state: 'error', seq: 99 },
			completion: null,
			reasoning: null,
			error: { message: '<b>overloaded</b>', status: 529, code: 'overloaded_error' },
		});
		const told = (await details.page.locator('.notice[data-kind="error"]').textContent()) ?? '';
		for (const part of ['The call failed', 'HTTP 529', 'overloaded_error', '<b>overloaded</b>'])
			assert.ok(told.includes(part), part);
	});

	it('story 4.3: copy-to-clipboard for prompt/completion, one message, and the call as JSON or cURL', async () => {
		details = await OpenDetails.open(browser, {
			completion: 'All done.',
			toolCalls: [],
			extendsCallId: null,
			systemPrompt: 'Be brief.',
			messages: [{ role: 'user', content: 'Hi\u202e' }],
		});
		await details.button('Copy prompt').click();
		await details.button('Copied').waitFor();
		await details.page.locator('.bubble').hover();
		await details.button('Copy message').click();
		await details.tab('completion');
		await details.button('Copy completion').click();
		await details.page.waitForFunction(
			() => window.devHost.sent.filter((m) => m.type === 'request' && m.request.kind === 'copy').length === 3,
		);
		assert.deepEqual(
			(await details.requests('copy')).map(({ text }) => text),
			['[system]\nBe brief.\n\n[user]\nHi\u202e', '[user]\nHi\u202e', 'All done.'],
		);

		// The menu, by keyboard.
		await details.page.locator('.menu-button vscode-button').focus();
		await details.page.keyboard.press('Enter');
		await details.page.getByRole('menuitem', { name: 'Copy prompt' }).waitFor();
		const focused = () => details.page.evaluate(() => document.activeElement?.textContent);
		assert.equal(await focused(), 'Copy prompt');
		await details.page.keyboard.press('ArrowUp');
		assert.equal(await focused(), 'Copy call as cURL');
		await details.page.keyboard.press('Escape');
		assert.equal(await details.page.getByRole('menu').count(), 0);
		assert.equal(await details.page.locator('.detail').isVisible(), true);
		await details.page.keyboard.press('ArrowDown');
		await details.page.keyboard.press('End');
		await details.page.keyboard.press('Enter');
		await details.page.locator('.menu-button vscode-button').click();
		await details.page.getByRole('menuitem', { name: 'Copy call as JSON' }).click();
		const [curl = '', json = ''] = (await details.requests('copy')).map(({ text }) => text).slice(3);
		assert.match(curl, /^curl "https:\/\/\S+" \\\n {2}-H/);
		assert.match(curl, /\$[A-Z]+_API_KEY/);
		assert.ok(curl.includes('Hi\\u202e'));
		const call = JSON.parse(json);
		assert.deepEqual(call.request.messages, [{ role: 'user', content: 'Hi\u202e' }]);
		assert.equal(call.response.completion, 'All done.');
		await details.page.locator('.sr-only[role="status"]', { hasText: 'Copied' }).waitFor({ state: 'attached' });
	});

	it('work by keyboard: tabs, calls, way back; and keep the tab from call to call', async () => {
		details = await OpenDetails.open(browser, {});
		await details.page.locator('#tab-prompt').click();
		for (const name of ['completion', 'metadata']) {
			await details.page.keyboard.press('ArrowRight');
			await details.page.locator(`#view-${name} .tab-body`).waitFor();
		}
		const shown = () =>
			details.page
				.locator('.metadata dd', { hasText: /^call-\d+$/ })
				.first()
				.textContent();
		assert.equal(await shown(), 'call-23');
		const went = async (key: string, past: string) => {
			await details.page.keyboard.press(key);
			await details.page.waitForFunction((past) => {
				const cells = [...document.querySelectorAll('.metadata dd')].map(({ textContent }) => textContent);
				return cells.length > 0 && !cells.includes(past);
			}, past);
			return (await shown()) ?? '';
		};
		const second = await went('Alt+ArrowDown', 'call-23');
		const third = await went('Alt+ArrowDown', second);
		assert.equal(new Set(['call-23', second, third]).size, 3);
		assert.equal(await went('Alt+ArrowUp', third), second);
		assert.equal(await details.page.locator('.rows .row[aria-selected="true"]').count(), 1);
		await details.button('Next call').click();
		await details.page.locator('.metadata dd', { hasText: third }).first().waitFor();
		await details.page.keyboard.press('Escape');
		await details.page.locator('.detail').waitFor({ state: 'hidden' });
		assert.ok(await details.page.evaluate(() => document.activeElement?.getAttribute('role')?.includes('grid')));
	});

	it('follow a running call to its end', async () => {
		details = await OpenDetails.open(browser, {});
		await details.page.evaluate(() => window.devHost.begin());
		await details.page.locator('.rows .row[data-state="pending"]').click();
		await details.tab('completion');
		await details.page.getByText('The model is still answering.').waitFor();
		await details.page.evaluate(() => window.devHost.end());
		await details.page.locator('.completion-text').waitFor();
	});

	it('cover the list when it is narrow, and go back to it', async () => {
		details = await OpenDetails.open(browser, {}, { width: 420 });
		const box = await details.page.locator('.detail').boundingBox();
		assert.ok((box?.width ?? 0) > 400);
		assert.equal(await details.page.locator('.master').evaluate((element) => (element as HTMLElement).inert), true);
		await details.button('Back to the calls').click();
		await details.page.locator('.detail').waitFor({ state: 'hidden' });
		assert.ok(await details.page.evaluate(() => document.activeElement?.getAttribute('role')?.includes('grid')));
	});

	it('open a prompt of 5,000 messages and 20 MB at once, and build only what is looked at', async () => {
		details = await OpenDetails.open(browser, {});
		await details.page.evaluate(() => {
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
		const elements = () => details.page.locator('.detail *').count();
		const tasks = await longTasks(browser.browser, details.page, 20, async () => {
			await details.listed(1).click();
			await details.listed(0).click();
			await details.page.getByText('Message 0', { exact: true }).waitFor();
			await details.page.locator('.tab-body').first().locator('.show-more').last().waitFor({ state: 'attached' });
		});
		assert.ok(
			tasks.every(({ cpuMs }) => cpuMs <= 100),
			JSON.stringify(tasks),
		);
		assert.ok((await elements()) < 2_000, `${await elements()} elements`);
		// What comes into sight is built: no button needs to be pressed.
		const bubbles = details.page.locator('.bubble');
		const before = await bubbles.count();
		for (let turn = 0; turn < 40 && (await bubbles.count()) <= before; turn++) {
			await bubbles.last().evaluate((bubble) => bubble.scrollIntoView());
			await details.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 20))));
		}
		assert.ok((await bubbles.count()) > before);
	});
});
