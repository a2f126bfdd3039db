import * as vscode from 'vscode';
import type { ApiHandler } from '../task/api-handler.ts';
import { loadHandler } from '../task/handlers/load.ts';
import { type ApiKeys, providerTitle } from './api-keys.ts';
import type { Endpoint } from './endpoint.ts';
import { LmHandler } from './lm-handler.ts';
import { type Settings, type TaskProvider, taskProviders } from './settings.ts';

/** What answers a task of the user's. */
export interface TaskTarget {
	handler: ApiHandler;
	/** `null`: no address of ours, and so no key. */
	endpoint: Endpoint | null;
	/** Whom the prompts go to, for a person. */
	recipient: string;
	billing: 'api' | 'subscription';
}

/** Asks which provider, and for key and model where they are not known. `undefined`: the user gave up. */
export async function askTaskTarget(keys: ApiKeys, settings: Settings): Promise<TaskTarget | undefined> {
	const hosted = taskProviders.map((provider) => ({ label: providerTitle(provider), provider }));
	const offered = { label: vscode.l10n.t("VS Code's language models"), provider: null };
	const picked = await vscode.window.showQuickPick([...hosted, offered], { title: vscode.l10n.t('Which provider?') });
	if (picked === undefined) return undefined;
	return picked.provider === null ? askLanguageModel() : askHosted(picked.provider, keys, settings);
}

async function askHosted(provider: TaskProvider, keys: ApiKeys, settings: Settings): Promise<TaskTarget | undefined> {
	const endpoint = settings.taskEndpoint(provider);
	const apiKey = (await keys.get(endpoint)) ?? (await keys.ask(endpoint));
	if (apiKey === undefined) return undefined;
	const model = settings.taskModel(provider) || (await askModel(provider, settings));
	if (!model) return undefined;
	const { kind, baseUrl, provider: servedBy, origin } = endpoint;
	const handler = await loadHandler({ kind, apiKey, model, baseUrl, provider: servedBy });
	return { handler, endpoint, recipient: origin, billing: 'api' };
}

/** Asks for a model and remembers it; `undefined`: the user gave up. */
async function askModel(provider: TaskProvider, settings: Settings): Promise<string | undefined> {
	const answer = await vscode.window.showInputBox({
		title: vscode.l10n.t('Model of {0}', providerTitle(provider)),
		prompt: vscode.l10n.t('As the provider names it. It is kept in the setting callmeter.task.{0}.model.', provider),
		ignoreFocusOut: true,
	});
	const model = answer?.trim();
	if (model) await settings.setTaskModel(provider, model);
	return model;
}

/** Of what Copilot and other extensions offer; VS Code asks the user for consent with the first request. */
async function askLanguageModel(): Promise<TaskTarget | undefined> {
	const models = await vscode.lm.selectChatModels();
	if (models.length === 0) {
		void vscode.window.showInformationMessage(
			vscode.l10n.t(
				'VS Code has no language models here. Sign in to GitHub Copilot, or install an extension that offers models.',
			),
		);
		return undefined;
	}
	const items = models.map((model) => ({ label: model.name, description: `${model.vendor} · ${model.id}`, model }));
	const picked = await vscode.window.showQuickPick(items, {
		title: vscode.l10n.t('Which language model?'),
		matchOnDescription: true,
	});
	if (picked === undefined) return undefined;
	const handler = new LmHandler(picked.model);
	return { handler, endpoint: null, recipient: `${picked.label} (${picked.model.vendor})`, billing: handler.billing };
}
