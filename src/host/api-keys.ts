import * as vscode from 'vscode';
import type { Endpoint } from './endpoint.ts';
import { type TaskProvider, taskProviders } from './settings.ts';

/**
 * Keys of the built-in task's providers, in VS Code's secret storage and nowhere else. A key is kept for one address: it
 * is never sent to another, whatever the settings say later.
 */
export class ApiKeys {
	readonly #secrets: vscode.SecretStorage;

	constructor(secrets: vscode.SecretStorage) {
		this.#secrets = secrets;
	}

	get(endpoint: Endpoint): Thenable<string | undefined> {
		return this.#secrets.get(nameOf(endpoint));
	}

	/** Asks for a key and keeps it; an empty one removes what is there. `undefined`: the user gave up. */
	async ask(endpoint: Endpoint): Promise<string | undefined> {
		const key = await vscode.window.showInputBox({
			title: vscode.l10n.t('API key for {0}', titleOf(endpoint)),
			prompt: vscode.l10n.t(
				"Kept in VS Code's secret storage. Leave it empty to remove the key, or for a local service that wants none.",
			),
			password: true,
			ignoreFocusOut: true,
		});
		if (key === undefined) return undefined;
		if (key.trim() === '') await this.#secrets.delete(nameOf(endpoint));
		else await this.#secrets.store(nameOf(endpoint), key.trim());
		return key.trim();
	}

	/** As `ask`, and says what came of it. */
	async change(endpoint: Endpoint): Promise<void> {
		const key = await this.ask(endpoint);
		if (key === undefined) return;
		const title = titleOf(endpoint);
		void vscode.window.showInformationMessage(
			key === ''
				? vscode.l10n.t('The API key for {0} was removed.', title)
				: vscode.l10n.t("The API key for {0} is in VS Code's secret storage.", title),
		);
	}
}

export function providerTitle(provider: TaskProvider): string {
	switch (provider) {
		case 'anthropic':
			return 'Anthropic';
		case 'openai':
			return vscode.l10n.t('OpenAI or compatible');
		case 'gemini':
			return 'Google Gemini';
	}
}

/** Asks for which provider a key is; `undefined`: the user gave up. */
export async function pickProvider(): Promise<TaskProvider | undefined> {
	const items = taskProviders.map((provider) => ({ label: providerTitle(provider), provider }));
	const picked = await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Which provider?') });
	return picked?.provider;
}

function titleOf({ kind, origin, isOwn }: Endpoint): string {
	return isOwn ? providerTitle(kind) : vscode.l10n.t('{0} at {1}', providerTitle(kind), origin);
}

/** The provider's own address goes without its origin: keys were kept so before addresses were told apart. */
function nameOf({ kind, origin, isOwn }: Endpoint): string {
	return isOwn ? `callmeter.apiKey.${kind}` : `callmeter.apiKey.${kind}@${origin}`;
}
