import * as vscode from 'vscode';

const setting = 'callmeter.prices';

/**
 * Opens the user's `settings.json` at `callmeter.prices`, with an entry for this model whose prices are still to be
 * typed. Nothing is saved: an entry that was left at some made-up price would make the model look free.
 */
export async function priceModel(provider: string, model: string): Promise<void> {
	// Prices are kept on the machine that the records are on.
	const remote = vscode.env.remoteName !== undefined;
	const command = remote ? 'workbench.action.openRemoteSettingsFile' : 'workbench.action.openSettingsJson';
	await vscode.commands.executeCommand(command, { revealSetting: { key: setting, edit: true } });
	const editor = vscode.window.activeTextEditor;
	const offset = editor === undefined ? null : placeForEntry(editor.document.getText());
	if (editor === undefined || offset === null) {
		void vscode.window.showInformationMessage(
			vscode.l10n.t('Add the prices of {0} to the setting callmeter.prices.', `${provider}/${model}`),
		);
		return;
	}
	const isFirst = /^\s*\}/.test(editor.document.getText().slice(offset));
	const entry = new vscode.SnippetString('\n\t\t');
	entry.appendText(JSON.stringify(`${provider}/${model}`));
	entry.value += ': { "input": $1, "output": $2, "cacheRead": $3 }';
	entry.value += isFirst ? '\n\t' : ',';
	await editor.insertSnippet(entry, editor.document.positionAt(offset));
}

/** Right after the brace that opens the setting's value; `null`: the text has no such setting. */
export function placeForEntry(json: string): number | null {
	const found = /"callmeter\.prices"\s*:\s*\{/.exec(json);
	return found === null ? null : found.index + found[0].length;
}
