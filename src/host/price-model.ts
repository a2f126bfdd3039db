import * as vscode from 'vscode';

const section = 'callmeter';
const setting = 'prices';

/**
 * Asks for the prices of a model, keeps them in the user's setting `callmeter.prices`, and shows them there. Giving up
 * on the way changes nothing: an entry at some made-up price would make the model look free.
 */
export async function priceModel(provider: string, model: string): Promise<void> {
	const name = `${provider}/${model}`;
	const input = await ask(vscode.l10n.t('{0}: input, USD per million tokens', name), false);
	if (input === undefined) return;
	const output = await ask(vscode.l10n.t('{0}: output, USD per million tokens', name), false);
	if (output === undefined) return;
	const cacheRead = await ask(vscode.l10n.t('{0}: input read from a cache, USD per million tokens', name), true);
	if (cacheRead === undefined) return;
	const configuration = vscode.workspace.getConfiguration(section);
	const known = configuration.inspect<Record<string, unknown>>(setting)?.globalValue ?? {};
	const entry = { input, output, ...(cacheRead !== null && { cacheRead }) };
	await configuration.update(setting, { ...known, [name]: entry }, vscode.ConfigurationTarget.Global);
	// Prices are kept on the machine that the records are on.
	const remote = vscode.env.remoteName !== undefined;
	const command = remote ? 'workbench.action.openRemoteSettingsFile' : 'workbench.action.openSettingsJson';
	await vscode.commands.executeCommand(command, { revealSetting: { key: `${section}.${setting}` } });
}

/** `null`: left open, where that is allowed. `undefined`: given up. */
async function ask(title: string, optional: boolean): Promise<number | null | undefined> {
	const answer = await vscode.window.showInputBox({
		title,
		prompt: optional
			? vscode.l10n.t('Leave it empty if the provider has no price of its own for this.')
			: vscode.l10n.t('As the provider lists it. Calls that are recorded already are priced with it, too.'),
		placeHolder: '2.50',
		ignoreFocusOut: true,
		validateInput: (text) =>
			readPrice(text) === undefined || (!optional && text.trim() === '')
				? vscode.l10n.t('Type a number, such as 2.50.')
				: undefined,
	});
	return answer === undefined ? undefined : readPrice(answer);
}

/** A price as people type it, with a point or a comma. `null`: nothing; `undefined`: no price. */
export function readPrice(text: string): number | null | undefined {
	const typed = text
		.trim()
		.replace(/^\$\s*/, '')
		.replace(',', '.');
	if (typed === '') return null;
	return /^\d+(\.\d*)?$|^\.\d+$/.test(typed) ? Number(typed) : undefined;
}
