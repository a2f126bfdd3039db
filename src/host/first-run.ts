import * as vscode from 'vscode';

const shownKey = 'callmeter.firstNoticeShown';

/** Says once, on the first start, what is recorded and where. */
export async function showFirstNotice(state: vscode.Memento): Promise<void> {
	if (state.get(shownKey) === true) return;
	await state.update(shownKey, true);
	const open = vscode.l10n.t('Show LLM Usage');
	const choose = vscode.l10n.t('Choose What Is Recorded');
	const learn = vscode.l10n.t('Learn More');
	const answer = await vscode.window.showInformationMessage(
		vscode.l10n.t(
			"Callmeter records the LLM calls of coding agents in this workspace: prompts with secrets masked, completions, tokens and cost. All of it stays on this machine, in the workspace's own storage.",
		),
		open,
		choose,
		learn,
	);
	if (answer === open) await vscode.commands.executeCommand('callmeter.showUsage');
	if (answer === choose) await vscode.commands.executeCommand('callmeter.openSettings');
	if (answer === learn) await vscode.commands.executeCommand('callmeter.openWalkthrough');
}
