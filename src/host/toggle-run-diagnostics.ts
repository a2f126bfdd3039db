import * as vscode from 'vscode';
import type { Diagnostics } from './diagnostics.ts';
import type { UsagePanel } from './panel.ts';

/** Runs that are offered, newest first. */
const offered = 15;

/** Asks for a run, switches its diagnostics on or off, and shows them when they are on. */
export async function toggleRunDiagnostics(
	diagnostics: Pick<Diagnostics, 'diagnose' | 'runs'>,
	panel: Pick<UsagePanel, 'show'>,
): Promise<void> {
	const { runs } = await diagnostics.runs.page(0, offered);
	if (runs.length === 0) {
		void vscode.window.showInformationMessage(vscode.l10n.t('No task has been recorded yet.'));
		return;
	}
	const time = new Intl.DateTimeFormat(vscode.env.language, { dateStyle: 'medium', timeStyle: 'short' });
	const choice = await vscode.window.showQuickPick(
		runs.map(({ runId, title, agentId, startedAtMs, diagnosed }) => ({
			label: `$(${diagnosed ? 'check' : 'circle-outline'}) ${title ?? vscode.l10n.t('Task without a title')}`,
			description: `${agentId} · ${time.format(startedAtMs)}`,
			detail: diagnosed ? vscode.l10n.t('Diagnosed; choose it to stop') : '',
			runId,
			diagnosed,
		})),
		{ title: vscode.l10n.t('Diagnostics of which task?'), matchOnDescription: true },
	);
	if (choice === undefined) return;
	await diagnostics.diagnose(choice.runId, !choice.diagnosed);
	if (!choice.diagnosed) panel.show('diagnostics');
}
