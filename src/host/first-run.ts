import * as vscode from 'vscode';
import type { ContentSetting, Settings } from './settings.ts';

const shownKey = 'callmeter.firstNoticeShown';

/** Says once, on the first start, what is recorded and where. */
export async function showFirstNotice(state: vscode.Memento, settings: Settings): Promise<void> {
	if (state.get(shownKey) === true) return;
	await state.update(shownKey, true);
	const open = vscode.l10n.t('Show LLM Usage');
	const choose = vscode.l10n.t('Choose What Is Recorded');
	const learn = vscode.l10n.t('Learn More');
	const where =
		settings.ledgerDirectory === ''
			? vscode.l10n.t("All of it stays on this machine, in the workspace's own storage.")
			: vscode.l10n.t('All of it stays on this machine, in {0}.', settings.ledgerDirectory);
	const text = `${whatIsRecorded(settings.content)} ${where}`;
	const answer = await vscode.window.showInformationMessage(text, open, choose, learn);
	if (answer === open) await vscode.commands.executeCommand('callmeter.showUsage');
	if (answer === choose) await vscode.commands.executeCommand('callmeter.openSettings');
	if (answer === learn) await vscode.commands.executeCommand('callmeter.openWalkthrough');
}

function whatIsRecorded(content: ContentSetting): string {
	if (content === 'full') {
		return vscode.l10n.t(
			'Callmeter records the LLM calls of coding agents in this workspace: prompts with secrets masked, completions, tokens and cost.',
		);
	}
	return vscode.l10n.t(
		'Callmeter records the LLM calls of coding agents in this workspace: tokens, cost and times, without prompts and completions.',
	);
}
