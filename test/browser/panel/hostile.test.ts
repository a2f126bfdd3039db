import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { visibleSpans } from '../../../webview/detail/visible-text.ts';
import { type HostileText, hostileCorpus } from '../dev-page/hostile-texts.ts';
import { DevBrowser } from '../dev-page/open-dev-page.ts';
import { type LongTask, longTasks } from './long-tasks.ts';

const tabs = ['prompt', 'completion', 'tools', 'metadata'] as const;
type Tab = (typeof tabs)[number];

/** 5 MB of each, by what one repeats. */
const units = ['x', 'word ', '\n', '```\n', '\u202e', '"', 'é\u0301\u0301', '|', '> ', '**a'];
const hugeLength = 5_000_000;

/** What was seen while one text stood in one tab. */
interface Sight {
	name: string;
	tab: Tab;
	/** Elements and attributes that a text has no business making. */
	strange: string[];
	hacked: boolean;
	/** How the text begins where it stands as it is. */
	plain: string | null;
	text: string;
}

describe('foreign text, in every place of the details', function () {
	this.timeout(240_000);
	const texts: HostileText[] = [
		...hostileCorpus(),
		...units.map((unit) => ({ name: `5 MB of ${JSON.stringify(unit)}`, text: unit })),
	];
	const sights: Sight[] = [];
	const trouble: string[] = [];
	let tasks: LongTask[] = [];
	let browser: DevBrowser;

	before(async () => {
		browser = await DevBrowser.launch();
		const page = await browser.open({ calls: 24, state: { range: 'all', page: 'prompts' } });
		await page.locator('.rows .row[data-state]').first().waitFor();
		await prepare(page, texts);
		page.on('dialog', (dialog) => trouble.push(`dialog ${dialog.message()}`));
		page.on('pageerror', (error) => trouble.push(String(error)));
		page.on('request', (request) => trouble.push(`request ${request.url().slice(0, 100)}`));
		page.on('framenavigated', (frame) => trouble.push(`went to ${frame.url()}`));
		page.on('popup', (popup) => trouble.push(`opened ${popup.url()}`));
		// The first is the call that only told the list of the others' new names.
		await page.locator('.rows .row[data-state]').nth(1).click();
		await page.locator('vscode-panels').waitFor();
		tasks = await longTasks(browser.browser, page, 20, async () => {
			for (const tab of tabs) {
				await page.locator(`#tab-${tab}`).click();
				for (const [index, { name, text }] of texts.entries()) {
					// Of a text, only the start ever stands among the metadata.
					if (tab === 'metadata' && index % 4 !== 0) continue;
					await page.evaluate(([index, step]) => window.hostile.show(index, step), [index, `${name}, ${tab}`] as const);
					await page.keyboard.press(sights.length % 2 === 0 ? 'Alt+ArrowDown' : 'Alt+ArrowUp');
					await page.locator(`#view-${tab} .tab-body`, { hasText: `begin-${index}` }).waitFor();
					await page.evaluate((tab) => window.hostile.unfold(tab), tab);
					const seen = await page.evaluate((tab) => window.hostile.look(tab), tab);
					sights.push({ name, tab, text: units.includes(text) ? text.repeat(3000) : text, ...seen });
				}
			}
		});
		trouble.push(...(await page.evaluate(() => window.hostile.violations)));
	});
	after(() => browser?.close());

	it('there are at least 40 kinds of it', () => assert.ok(hostileCorpus().length >= 40));

	it('becomes text, and no elements but those of Markdown', () => {
		assert.equal(sights.length, texts.length * 3 + Math.ceil(texts.length / 4));
		for (const { name, tab, strange } of sights) assert.deepEqual(strange, [], `${name}, ${tab}`);
	});

	it('shows whole where it stands as it is, with marks for what would act or hide', () => {
		const plain = sights.filter(({ tab }) => tab === 'prompt');
		for (const { name, text, plain: shown } of plain) {
			// How much of a long run there is depends on where the text is folded.
			const expected = visibleSpans(text.slice(0, 3000))
				.map((span) => span.text.replace(/ \+\d+$/, ''))
				.join('');
			assert.ok(shown !== null && shown.length >= Math.min(20, expected.trimEnd().length), `${name} is there`);
			assert.equal(shown.slice(0, 500).replace(/ \+\d+$/, ''), expected.slice(0, Math.min(500, shown.length)), name);
		}
	});

	it('executes nothing', () => {
		for (const { name, tab, hacked } of sights) assert.equal(hacked, false, `${name}, ${tab}`);
	});

	it('asks for nothing over the network, opens nothing, goes nowhere, and the security policy had nothing to stop', () =>
		assert.deepEqual(trouble, []));

	it('freezes nothing for more than 100 ms', () => {
		const longest = [...tasks].sort((a, b) => b.cpuMs - a.cpuMs).slice(0, 5);
		assert.ok((longest[0]?.cpuMs ?? 0) <= 100, JSON.stringify(longest, null, 1));
	});
});

declare global {
	interface Window {
		hostile: {
			/** Puts a text into every place of the call that is opened next. */
			show(index: number, step: string): void;
			/** Opens what is folded, bit by bit, as a person would. */
			unfold(tab: string): Promise<void>;
			look(tab: string): Pick<Sight, 'strange' | 'hacked' | 'plain'>;
			violations: string[];
		};
	}
}

/** Has the host of the page answer with the texts, and gives the page what the test asks of it. */
async function prepare(page: Page, texts: HostileText[]): Promise<void> {
	const units = new Set(
		texts.flatMap(({ name, text }, index) => (name.startsWith('5 MB') ? [[index, text] as const] : [])),
	);
	const huge = new Map(units);
	const short = texts.map(({ text }, index) => (huge.has(index) ? null : text));
	await page.evaluate(
		({ short, huge, hugeLength }) => {
			const repeated = new Map(huge.map(([index, unit]) => [index, unit.repeat(Math.ceil(hugeLength / unit.length))]));
			const violations: string[] = [];
			document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
				violations.push(`${violatedDirective}: ${blockedURI}`);
			});
			// The copies that stand for the border between processes are made in the page here: they are left out of the measure.
			window.structuredClone = (value) => value;
			window.postMessage = (data: unknown) => {
				setTimeout(() => window.dispatchEvent(new MessageEvent('message', { data })));
			};
			let current = 0;
			for (const [number, row] of window.devHost.ledger.rows.entries()) {
				const title = short[number * 4] ?? '';
				Object.assign(row, { state: 'ok', orphan: false, usageMissing: false, sessionTitle: title });
				Object.assign(row, { model: short[number * 3 + 1] ?? 'm', provider: short[number * 2] ?? 'p' });
				window.devHost.details.set(row.callId, (detail) => {
					const text = short[current] ?? null;
					const body = `begin-${current} \n\n${text ?? repeated.get(current)}`;
					const tool = text ?? repeated.get(current) ?? '';
					const few = text === null;
					const name = text?.slice(0, 300) ?? 'tool';
					return {
						...detail,
						row: { ...detail.row, model: `${current} ${name}`, provider: name, sessionTitle: name, state: 'ok' },
						extendsCallId: null,
						systemPrompt: few ? 'Short.' : body,
						messages: [
							{ role: 'user', content: body },
							{
								role: 'assistant',
								content: few ? '' : [{ type: name.slice(0, 50), text: body }],
								toolCalls: [{ id: 'a', name, arguments: few ? { tool } : { [name.slice(0, 40)]: tool, deep: [tool] } }],
							},
							{ role: 'tool', toolCallId: 'a', content: few ? tool : [{ type: 'text', text: tool }] },
						],
						completion: body,
						reasoning: few ? null : body,
						toolCalls: few ? [] : [{ id: 'b', name, arguments: tool }],
						tools: [
							{ name: `begin-${current} `, description: few ? tool : body },
							{ name, parameters: few ? {} : { type: 'object', properties: { [name]: { description: tool } } } },
						],
						parameters: few ? {} : { [name]: tool },
						mode: `begin-${current} ${name}`,
						error: null,
					};
				});
			}
			const tick = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
			const bodyOf = (tab: string) => document.querySelector(`#view-${tab} .tab-body`) ?? document.body;
			const tags = new Set(
				'DIV SECTION SPAN P H2 H3 H4 H5 H6 UL OL LI BLOCKQUOTE TABLE THEAD TBODY TFOOT TR TH TD EM STRONG S CODE BR HR A BDI DL DT DD DETAILS SUMMARY ARTICLE FIGURE BUTTON VSCODE-BUTTON VSCODE-PROGRESS-RING'.split(
					' ',
				),
			);
			const attributes = new Set(
				'class dir title role tabindex href rel start scope colspan open type appearance current-value aria-label aria-pressed aria-hidden data-role data-state data-part datetime'.split(
					' ',
				),
			);
			const strangeIn = (element: Element): string[] => {
				if (element.closest('svg.icon') !== null) return [];
				const found = tags.has(element.tagName) ? [] : [element.tagName];
				for (const { name, value } of element.attributes) {
					if (name === 'style' && element.matches('.token-part') && /^flex-grow: [\d.e-]+;$/.test(value)) continue;
					if (!attributes.has(name)) found.push(`${element.tagName} ${name}`);
					if (name === 'href' && !/^(https?:\/\/|mailto:)/.test(value)) found.push(value.slice(0, 80));
				}
				return found;
			};
			window.hostile = {
				violations,
				show(index, step) {
					performance.mark(`step:${step}`);
					current = index;
				},
				async unfold(tab) {
					await tick();
					for (const summary of bodyOf(tab).querySelectorAll('summary')) {
						summary.click();
						await tick();
					}
					for (let press = 0; press < 3; press++) {
						bodyOf(tab).querySelector<HTMLElement>('.show-more')?.click();
						await tick();
					}
				},
				look(tab) {
					performance.mark('look-begin');
					const strange = [...bodyOf(tab).querySelectorAll('*')].flatMap(strangeIn).slice(0, 5);
					const plain = bodyOf(tab).querySelector('.bubble[data-role="tool"] .plain-text')?.textContent ?? null;
					performance.mark('look-end');
					return { strange, hacked: 'hacked' in window, plain };
				},
			};
			window.devHost.begin();
		},
		{ short, huge: [...huge], hugeLength },
	);
	await page.locator('.rows .row[data-state="pending"]').first().waitFor();
	await page.evaluate(() => window.devHost.end());
}
