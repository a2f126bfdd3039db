import type { Page } from 'playwright-core';
import type { CallDetail, CallRow } from '../../../src/core/views.ts';
import type { Request } from '../../../src/protocol/messages.ts';
import type { DevBrowser, DevPageOptions } from '../dev-page/open-dev-page.ts';

export type Change = Partial<Omit<CallDetail, 'row'>> & { row?: Partial<CallRow> };

/** The details of the newest call in a page of its own, with whatever a test changes in them. */
export class OpenDetails {
	readonly page: Page;

	private constructor(page: Page) {
		this.page = page;
	}

	static async open(browser: DevBrowser, change: Change, options: DevPageOptions = {}): Promise<OpenDetails> {
		const page = await browser.open({ calls: 24, state: { page: 'prompts', range: 'all' }, ...options });
		const details = new OpenDetails(page);
		await details.show(change);
		return details;
	}

	/** Opens the call again, with other changes. */
	async show(change: Change): Promise<void> {
		await this.listed(0).waitFor();
		await this.page.evaluate((change) => {
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
		const heading = this.page.locator('.detail-heading');
		if (await heading.isVisible()) await heading.press('Escape');
		await this.listed(0).click();
		await this.page.locator('vscode-panels').waitFor();
	}

	/** The row of a call in the list; 0 is the newest. */
	listed(index: number) {
		return this.page.locator('.rows .row[data-state]').nth(index);
	}

	tab(name: string): Promise<void> {
		return this.page.locator(`#tab-${name}`).click();
	}

	button(name: string) {
		return this.page.getByRole('button', { name, exact: true });
	}

	/** What the panel has asked of the host, of one kind. */
	requests<K extends Request['kind']>(kind: K): Promise<Extract<Request, { kind: K }>[]> {
		return this.page.evaluate(
			(kind) =>
				window.devHost.sent.flatMap((message) =>
					message.type === 'request' && message.request.kind === kind ? [message.request] : [],
				),
			kind,
		) as Promise<Extract<Request, { kind: K }>[]>; // Of the kind that was asked for.
	}
}
