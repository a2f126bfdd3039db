import * as vscode from 'vscode';
import type { TaskProvider } from './settings.ts';

/** Keys of the built-in task's providers, in VS Code's secret storage and nowhere else. */
export class ApiKeys {
	readonly #secrets: vscode.SecretStorage;

	constructor(secrets: vscode.SecretStorage) {
		this.#secrets = secrets;
	}

	get(provider: TaskProvider): Thenable<string | undefined> {
		return this.#secrets.get(nameOf(provider));
	}

	/** Asks for a key and keeps it; an empty one removes what is there. `undefined`: the user gave up. */
	async ask(provider: TaskProvider): Promise<string | undefined> {
		const key = await vscode.window.showInputBox({
			title: vscode.l10n.t('API key for {0}', providerTitle(provider)),
			prompt: vscode.l10n.t(
				"Kept in VS Code's secret storage. Leave it empty to remove the key, or for a local service that wants none.",
			),
			password: true,
			ignoreFocusOut: true,
		});
		if (key === undefined) return undefined;
		if (key.trim() === '') await this.#secrets.delete(nameOf(provider));
		else await this.#secrets.store(nameOf(provider), key.trim());
		return key.trim();
	}

	/** As `ask`, and says what came of it. */
	async change(provider: TaskProvider): Promise<void> {
		const key = await this.ask(provider);
		if (key === undefined) return;
		const title = providerTitle(provider);
		void vscode.window.showInformationMessage(
			key === ''
				? vscode.l10n.t('The API key for {0} was removed.', title)
				: vscode.l10n.t("The API key for {0} is in VS Code's secret storage.", title),
		);
	}
}

export function providerTitle(provider: TaskProvider): string {
	return provider === 'anthropic' ? 'Anthropic' : vscode.l10n.t('OpenAI or compatible');
}

/** Asks which provider; `undefined`: the user gave up. */
export async function pickProvider(): Promise<TaskProvider | undefined> {
	const items = (['anthropic', 'openai'] as const).map((provider) => ({ label: providerTitle(provider), provider }));
	const picked = await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Which provider?') });
	return picked?.provider;
}

function nameOf(provider: TaskProvider): string {
	return `callmeter.apiKey.${provider}`;
}
