import * as vscode from 'vscode';
import type { ContentSetting } from '../core/redact.ts';
import type { SourceScope } from '../protocol/sources.ts';

const shownKey = 'callmeter.firstNoticeShown';

export interface FirstNotice {
	content: ContentSetting;
	scope: SourceScope;
	/** The window has a folder on disk. Without one only `allProjects` reads records. */
	hasFolder: boolean;
	/** Absolute folder of the ledger; `null`: it could not be opened. */
	directory: string | null;
}

/** Says once, on the first start, what is recorded and where. `find` is asked only then. */
export async function showFirstNotice(state: vscode.Memento, find: () => Promise<FirstNotice>): Promise<void> {
	if (state.get(shownKey) === true) return;
	await state.update(shownKey, true);
	const open = vscode.l10n.t('Show LLM Usage');
	const choose = vscode.l10n.t('Choose What Is Recorded');
	const learn = vscode.l10n.t('Learn More');
	const notice = await find();
	const text = [whatIsRecorded(notice), whatIsKept(notice.content), whereItIs(notice.directory)].join(' ');
	const answer = await vscode.window.showInformationMessage(text, open, choose, learn);
	if (answer === open) await vscode.commands.executeCommand('callmeter.showUsage');
	if (answer === choose) await vscode.commands.executeCommand('callmeter.showSources');
	if (answer === learn) await vscode.commands.executeCommand('callmeter.openWalkthrough');
}

function whatIsRecorded({ scope, hasFolder }: FirstNotice): string {
	if (scope === 'allProjects') {
		return vscode.l10n.t(
			'Callmeter records the LLM calls of coding agents in all projects, those of the last 90 days in their own records among them.',
		);
	}
	return hasFolder
		? vscode.l10n.t(
				'Callmeter records the LLM calls of coding agents in this workspace, those of the last 90 days in their own records among them.',
			)
		: vscode.l10n.t('Callmeter records the LLM calls that coding agents make in this window.');
}

function whatIsKept(content: ContentSetting): string {
	return content === 'full'
		? vscode.l10n.t('It keeps prompts with secrets masked, completions, tokens and cost.')
		: vscode.l10n.t('It keeps tokens, cost and times, without prompts and completions.');
}

function whereItIs(directory: string | null): string {
	return directory === null
		? vscode.l10n.t('All of it stays on this machine.')
		: vscode.l10n.t('All of it stays on this machine, in {0}.', directory);
}
