import type { FrameLocator } from 'playwright-core';

/** One row of the timeline, as a person reads it. */
export interface PanelRow {
	/** `pending`, `ok`, `error`, `cancelled`, … */
	state: string;
	model: string;
	provider: string;
	title: string;
	messages: string;
	duration: string;
	tokens: string;
	cached: string;
	cost: string;
}

const grid = '[role="treegrid"]';
const rows = `${grid} [role="row"][data-state]:not([aria-hidden="true"])`;

/** The rows that are in sight, from top to bottom: the list is virtual, so there may be more. */
export async function readRows(panel: FrameLocator): Promise<PanelRow[]> {
	const found = await panel.locator(rows).evaluateAll((elements) =>
		elements.map((element) => {
			const read = (selector: string) => element.querySelector(selector)?.textContent?.trim() ?? '';
			return {
				index: Number(element.getAttribute('aria-rowindex')),
				state: element.getAttribute('data-state') ?? '',
				model: read('.call-model'),
				provider: read('.call-provider'),
				// Below its task a call shows its number; the task's title is said beside it.
				title: element.querySelector('.call-title')?.getAttribute('title') ?? '',
				messages: read('.cell-messages'),
				duration: read('.duration-badge'),
				tokens: read('.tokens-main'),
				cached: read('.tokens-cached'),
				cost: read('.cell-cost'),
			};
		}),
	);
	return found.sort((a, b) => a.index - b.index).map(({ index: _, ...row }) => row);
}

/** How many calls the list holds, in sight or not. */
export async function countRows(panel: FrameLocator): Promise<number> {
	return Number((await panel.locator('.prompts-count').textContent())?.replace(/\D/g, ''));
}

/** Turns to the page with the calls, if it is not there already. */
export async function showPrompts(panel: FrameLocator): Promise<void> {
	await panel.locator('.sidebar-page[data-page="prompts"]').click();
	await panel.locator('main.prompts').waitFor();
}

/** Resolves when the sample task has begun and ended, and none of its calls is pending any more. */
export async function whenSampleIsDone(panel: FrameLocator, timeoutMs = 60_000): Promise<void> {
	await panel.locator(rows).first().waitFor({ timeout: timeoutMs });
	await panel.locator('.toolbar .running').waitFor({ state: 'hidden', timeout: timeoutMs });
	await panel.locator(`${grid} [data-state="pending"]`).first().waitFor({ state: 'detached', timeout: timeoutMs });
}
