import * as vscode from 'vscode';
import type { EraseRequest } from '../ledger/ledger.ts';
import type { LedgerService } from './ledger-service.ts';

const dayMs = 86_400_000;

/** Checks every hash chain and says what came of it. */
export async function verifyLedger(service: LedgerService): Promise<void> {
	await withProgress(vscode.l10n.t('Verifying the ledger'), async () => {
		const report = await (await service.ledger).verify();
		if (report.ok) {
			void vscode.window.showInformationMessage(
				vscode.l10n.t(
					'The ledger is intact: {0} events in {1} tasks. {2}',
					report.events,
					report.sessions,
					report.note,
				),
			);
			return;
		}
		const broken = report.firstBroken;
		void vscode.window.showErrorMessage(
			vscode.l10n.t(
				'The ledger was changed from outside: task {0}, event {1} ({2}). Figures of that task cannot be trusted from there on.',
				broken?.sessionId ?? '?',
				broken?.seq ?? '?',
				broken?.problem ?? '?',
			),
		);
	});
}

/** Asks what to erase, asks again, and erases. */
export async function erasePromptContent(service: LedgerService): Promise<void> {
	const items: (vscode.QuickPickItem & { request: EraseRequest })[] = [
		{
			label: vscode.l10n.t('Content of all calls'),
			detail: vscode.l10n.t('Prompts, completions and titles go. Counts, costs and the hash chain stay.'),
			request: { what: 'content' },
		},
		{
			label: vscode.l10n.t('Content of calls older than 30 days'),
			detail: vscode.l10n.t('Prompts, completions and titles go. Counts, costs and the hash chain stay.'),
			request: { what: 'content', beforeMs: Date.now() - 30 * dayMs },
		},
		{
			label: vscode.l10n.t('Everything'),
			detail: vscode.l10n.t('All calls of this workspace go, with their counts and costs.'),
			request: { what: 'all' },
		},
	];
	const picked = await vscode.window.showQuickPick(items, { title: vscode.l10n.t('What should be erased?') });
	if (picked === undefined) return;
	const erase = vscode.l10n.t('Erase');
	const sure = await vscode.window.showWarningMessage(
		vscode.l10n.t('Erase: {0}?', picked.label),
		{ modal: true, detail: vscode.l10n.t('This cannot be undone.') },
		erase,
	);
	if (sure !== erase) return;
	await withProgress(vscode.l10n.t('Erasing'), async () => {
		const done = await (await service.ledger).erase(picked.request);
		void vscode.window.showInformationMessage(
			vscode.l10n.t('Erased {0} texts in {1} tasks.', done.messages, done.sessions),
		);
	});
}

function withProgress(title: string, work: () => Promise<void>): Thenable<void> {
	return vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title }, work);
}
