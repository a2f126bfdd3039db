import * as vscode from 'vscode';
import { messageOf } from './message-of.ts';

/** Tells a person why something they asked for did not work, and offers the log. `what` goes before the reason. */
export function showProblem(log: vscode.LogOutputChannel, error: unknown, what?: string): void {
	const text = what === undefined ? messageOf(error) : `${what}: ${messageOf(error)}`;
	log.error(text);
	const showLog = vscode.l10n.t('Show Log');
	void vscode.window.showErrorMessage(text, showLog).then((answer) => {
		if (answer === showLog) log.show();
	});
}
