import * as vscode from 'vscode';
import type { SourceScope } from '../protocol/sources.ts';
import type { ContentSetting, Settings } from './settings.ts';

const shownKey = 'callmeter.firstNoticeShown';

/** Says once, on the first start, what is recorded and where. */
export async function showFirstNotice(state: vscode.Memento, settings: Settings, scope: SourceScope): Promise<void> {
	if (state.get(shownKey) === true) return;
	await state.update(shownKey, true);
	const open = vscode.l10n.t('Show LLM Usage');
	const choose = vscode.l10n.t('Choose What Is Recorded');
	const learn = vscode.l10n.t('Learn More');
	const text = [whatIsRecorded(scope), whatIsKept(settings.content), whereItIs(settings, scope)].join(' ');
	const answer = await vscode.window.showInformationMessage(text, open, choose, learn);
	if (answer === open) await vscode.commands.executeCommand('callmeter.showUsage');
	if (answer === choose) await vscode.commands.executeCommand('callmeter.showSources');
	if (answer === learn) await vscode.commands.executeCommand('callmeter.openWalkthrough');
}

function whatIsRecorded(scope: SourceScope): string {
	return scope === 'allProjects'
		? vscode.l10n.t(
				'Callmeter records the LLM calls of coding agents in all projects, those of the last 90 days in their own records among them.',
			)
		: vscode.l10n.t(
				'Callmeter records the LLM calls of coding agents in this workspace, those of the last 90 days in their own records among them.',
			);
}

function whatIsKept(content: ContentSetting): string {
	return content === 'full'
		? vscode.l10n.t('It keeps prompts with secrets masked, completions, tokens and cost.')
		: vscode.l10n.t('It keeps tokens, cost and times, without prompts and completions.');
}

function whereItIs({ ledgerDirectory }: Settings, scope: SourceScope): string {
	if (ledgerDirectory !== '') return vscode.l10n.t('All of it stays on this machine, in {0}.', ledgerDirectory);
	return scope === 'allProjects'
		? vscode.l10n.t("All of it stays on this machine, in the extension's own storage.")
		: vscode.l10n.t("All of it stays on this machine, in the workspace's own storage.");
}
