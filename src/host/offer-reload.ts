import * as vscode from 'vscode';

/** Says why the window has to be reloaded, and does so if the user wants it. */
export async function offerReload(why: string): Promise<void> {
	const reload = vscode.l10n.t('Reload Window');
	const answer = await vscode.window.showInformationMessage(why, reload);
	if (answer === reload) await vscode.commands.executeCommand('workbench.action.reloadWindow');
}
