import type { Locator, Page } from 'playwright-core';
import type { CallFilter } from '../../../src/core/views.ts';
import type { Request } from '../../../src/protocol/messages.ts';
import type { PanelState } from '../../../webview/state.ts';
import type { DevBrowser, DevPageOptions } from '../dev-page/open-dev-page.ts';

/** What the panel kept of an earlier visit, as far as a test cares. */
type Kept = Partial<Omit<PanelState, 'prompts'>> & { prompts?: Partial<PanelState['prompts']> };

export interface PromptsOptions extends Omit<DevPageOptions, 'state'> {
	/** Added to what opens the Prompts page with all calls of all time. */
	state?: Kept;
}

/** The Prompts page of a dev page, and what a person does there. */
export class PromptsDriver {
	readonly page: Page;

	private constructor(page: Page) {
		this.page = page;
	}

	/** Opens the page with 300 calls, and waits for the first of them. */
	static async open(browser: DevBrowser, { state, ...options }: PromptsOptions = {}): Promise<PromptsDriver> {
		const page = await browser.open({ calls: 300, ...options, state: { page: 'prompts', range: 'all', ...state } });
		const driver = new PromptsDriver(page);
		if (options.calls !== 0) await page.locator('.rows .row[aria-rowindex]:not([data-loading])').first().waitFor();
		return driver;
	}

	/** For a page that was opened otherwise. */
	static of(page: Page): PromptsDriver {
		return new PromptsDriver(page);
	}

	close(): Promise<void> {
		return this.page.context().close();
	}

	get grid(): Locator {
		return this.page.getByRole('treegrid');
	}

	/** The `number`-th line, from 1. */
	line(number: number): Locator {
		return this.page.locator(`.rows .row[aria-rowindex="${number + 1}"]`);
	}

	/** Lines of calls that are in the page. */
	get calls(): Locator {
		return this.page.locator('.rows .row.call[data-state]:not([data-loading])');
	}

	get tasks(): Locator {
		return this.page.locator('.rows .row.task:not([hidden])');
	}

	/** The call that was made as the `number`-th, from 0, if its line is in the page. */
	async idOf(line: Locator): Promise<string> {
		const time = await line.locator('time').getAttribute('datetime');
		return this.page.evaluate(
			(time) =>
				window.devHost.ledger.rows.find(({ startedAtMs }) => startedAtMs === Date.parse(time ?? ''))?.callId ?? '',
			time,
		);
	}

	async press(...keys: string[]): Promise<void> {
		for (const key of keys) await this.page.keyboard.press(key);
	}

	async focusList(): Promise<void> {
		await this.page.locator('.calls').focus();
	}

	activeLine(): Promise<number> {
		return this.page.evaluate(() => {
			const id = document.querySelector('[role="treegrid"]')?.getAttribute('aria-activedescendant');
			return Number(document.getElementById(id ?? '')?.getAttribute('aria-rowindex')) - 1;
		});
	}

	listFocused(): Promise<boolean> {
		return this.page.evaluate(() => document.activeElement?.getAttribute('role') === 'treegrid');
	}

	/** The line at the top of the view and how far below the head of the list it is, px. */
	reading(): Promise<{ index: number; name: string; y: number } | undefined> {
		return this.page.evaluate(() => {
			const head = document.querySelector('.list-head')?.getBoundingClientRect().bottom ?? 0;
			const lines = [...document.querySelectorAll('.rows .row:not([hidden])')].map((element) => ({
				index: Number(element.getAttribute('aria-rowindex')) - 1,
				name: `${element.className} ${element.querySelector('time')?.getAttribute('datetime') ?? ''}`,
				y: Math.round(element.getBoundingClientRect().top - head),
			}));
			return lines.filter(({ y }) => y >= 0).sort((a, b) => a.y - b.y)[0];
		});
	}

	/** Where the line of a call is on the screen, px; `null`: it is not in the page. */
	yOf(callId: string): Promise<number | null> {
		return this.page.evaluate((callId) => {
			const row = window.devHost.ledger.rows.find((row) => row.callId === callId);
			const time = new Date(row?.startedAtMs ?? 0).toISOString();
			const line = [...document.querySelectorAll('.rows .row.call:not([hidden])')].find(
				(element) => element.querySelector('time')?.getAttribute('datetime') === time,
			);
			return line === undefined ? null : Math.round(line.getBoundingClientRect().top);
		}, callId);
	}

	/** Scrolls and waits until the lines there are shown. */
	async scrollTo(top: number): Promise<void> {
		await this.page.evaluate(async (top) => {
			const scroller = document.querySelector('.scroller');
			if (scroller !== null) scroller.scrollTop = top;
			const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
			for (let frames = 0; frames < 3; frames++) await frame();
			while (document.querySelector('.rows .row[data-loading]:not([hidden])') !== null) await frame();
		}, top);
	}

	/** Resolves after the page was drawn twice. */
	async frames(): Promise<void> {
		await this.page.evaluate(
			() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(null)))),
		);
	}

	begin(calls = 1): Promise<void> {
		return this.page.evaluate((calls) => {
			for (let call = 0; call < calls; call++) window.devHost.begin();
		}, calls);
	}

	/** What was asked of the host, of one kind, newest last. */
	async asked<K extends Request['kind']>(kind: K): Promise<Extract<Request, { kind: K }>[]> {
		const requests = await this.page.evaluate(
			(kind) =>
				window.devHost.sent.flatMap((message) =>
					message.type === 'request' && message.request.kind === kind ? [message.request] : [],
				),
			kind,
		);
		// What is of this kind has its shape.
		return requests as Extract<Request, { kind: K }>[];
	}

	kept(): Promise<PanelState> {
		return this.page.evaluate(() => window.devHost.kept as PanelState);
	}

	/** How many of the calls there are pass a filter. */
	countOf(filter: CallFilter): Promise<number> {
		return this.page.evaluate((filter) => window.devHost.ledger.select(filter).length, filter);
	}

	/** Waits until so many calls are listed. */
	async shows(calls: number): Promise<void> {
		const text = `${calls.toLocaleString('en')} ${calls === 1 ? 'call' : 'calls'}`;
		await this.page.locator('.prompts-count').getByText(text, { exact: true }).waitFor();
	}
}
