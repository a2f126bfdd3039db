import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { FrameLocator, Locator, Page } from 'playwright-core';
import { VsCodeServer } from './vscode-server.ts';

export const extensionId = 'callmeter.callmeter';

/** VS Code's own themes, and the class that each gives to the body of a webview. */
export const themes = {
	'Dark 2026': 'vscode-dark',
	'Light 2026': 'vscode-light',
	'Default High Contrast': 'vscode-high-contrast',
	'Default High Contrast Light': 'vscode-high-contrast-light',
} as const;
export type Theme = keyof typeof themes;

const panelFrame = `iframe.webview.ready[src*="extensionId=${extensionId}"]`;
const quickInput = '.quick-input-widget:not(.hidden) input';

/** One VS Code window in a browser page, and what a person does with it. */
export class Workbench {
	page: Page;
	protected readonly dataDir: string;

	constructor(page: Page, dataDir: string) {
		this.page = page;
		this.dataDir = dataDir;
	}

	/** Resolves when the window is restored and its extensions may run. */
	async whenReady(): Promise<void> {
		await this.page.waitForFunction('window.driver !== undefined && window.isOldWindow !== true');
		await this.page.evaluate('window.driver.whenWorkbenchRestored()');
	}

	/** The inside of Callmeter's panel. */
	panel(): FrameLocator {
		return this.page.frameLocator(panelFrame).frameLocator('#active-frame');
	}

	/** The element of Callmeter's panel in the window, to see whether there is one. */
	panelElement(): Locator {
		return this.page.locator(panelFrame);
	}

	/** Runs a command by its title, through the command palette. */
	async runCommand(title: string): Promise<void> {
		await this.page.bringToFront();
		const input = this.page.locator(quickInput);
		const row = this.page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first();
		let problem: unknown;
		// A webview that is just being restored takes the focus, and with it the key or the list.
		for (let attempt = 0; attempt < 8; attempt++) {
			try {
				await this.page.keyboard.press('F1');
				await input.waitFor({ timeout: 1500 });
				await input.fill(`>${title}`, { timeout: 1500 });
				await row.waitFor({ timeout: 3000 });
				await this.#goTo(row);
				await input.press('Enter', { timeout: 1500 });
				await row.waitFor({ state: 'hidden', timeout: 3000 });
				return;
			} catch (error) {
				problem = error;
				await this.page.keyboard.press('Escape');
			}
		}
		throw new Error(`The command palette did not offer "${title}"`, { cause: problem });
	}

	/** Answers the question that VS Code asks at the top of the window, known by its title: types and presses Enter. */
	async answer(title: string, text: string): Promise<void> {
		const question = this.#question(title);
		await question.locator('input:visible').first().fill(text);
		await this.page.keyboard.press('Enter');
		await question.waitFor({ state: 'hidden' });
	}

	/** Names the file in the dialog that asks where to save, known by its title. */
	async saveTo(title: string, file: string): Promise<void> {
		const input = this.#question(title).locator('input:visible').first();
		// It proposes a name once it has looked at the folder: over whatever was typed before.
		const proposal = await input.elementHandle();
		await this.page.waitForFunction(
			(element) => (element as { value?: string } | null)?.value?.includes('/'),
			proposal,
		);
		await this.answer(title, file);
	}

	/** Picks from a list that VS Code shows at the top of the window, known by its title. */
	async pick(title: string, label: string): Promise<void> {
		const question = this.#question(title);
		const row = question.locator('.quick-input-list .monaco-list-row', { hasText: label }).first();
		await row.waitFor();
		await this.#goTo(row);
		await this.page.keyboard.press('Enter');
		await question.waitFor({ state: 'hidden' });
	}

	/** Moves to a row of an open list by key, not by mouse: on a busy machine the list may be redrawn all the while. */
	async #goTo(row: Locator): Promise<void> {
		for (let step = 0; step < 50; step++) {
			if (await row.evaluate((element) => element.classList.contains('focused'), undefined, { timeout: 1500 })) return;
			await this.page.keyboard.press('ArrowDown');
		}
		throw new Error('The row was not reached with the arrow keys');
	}

	#question(title: string): Locator {
		return this.page
			.locator('.quick-input-widget:not(.quick-input-widget-closing)', { hasText: title })
			.filter({ visible: true });
	}

	/** Waits for a message to the user, known by what it says. With the driver there are no toasts: it is in the list. */
	async notification(text: string | RegExp): Promise<Locator> {
		const list = this.page.locator('.notifications-center.visible');
		const message = list.locator('.notification-list-item', { hasText: text }).first();
		const endMs = performance.now() + 30_000;
		for (;;) {
			// Pressing a button of a message closes the list, a moment later.
			if (!(await list.isVisible())) await this.page.locator('[id="status.notifications"]').click();
			const left = endMs - performance.now();
			try {
				await message.waitFor({ timeout: Math.max(1, Math.min(1000, left)) });
				return message;
			} catch (error) {
				if (left <= 1000) throw error;
			}
		}
	}

	/** An item of the status bar, by the id that the extension gave it. */
	statusItem(id: string): Locator {
		return this.page.locator(`[id="${extensionId}.${id}"]`);
	}

	/** Changes the theme of all windows, and waits until this window and its panel show it. */
	async setTheme(theme: Theme): Promise<void> {
		await VsCodeServer.writeMachineSettings(this.dataDir, { 'workbench.colorTheme': theme });
		const workbench = { 'Dark 2026': 'vs-dark', 'Light 2026': 'vs', 'Default High Contrast': 'hc-black' };
		const name = theme in workbench ? workbench[theme as keyof typeof workbench] : 'hc-light';
		await this.page.locator(`.monaco-workbench.${name}`).waitFor();
		if ((await this.panelElement().count()) > 0) await this.panel().locator(`body.${themes[theme]}`).waitFor();
	}

	/** Writes a picture of the whole window, as PNG. */
	async screenshot(path: string): Promise<void> {
		await mkdir(dirname(path), { recursive: true });
		await this.page.screenshot({ path });
	}

	/** `Developer: Reload Window`: a new extension host, and all state kept. */
	async reloadWindow(): Promise<void> {
		await this.page.evaluate('window.isOldWindow = true');
		await this.runCommand('Developer: Reload Window');
		await this.whenReady();
	}
}
