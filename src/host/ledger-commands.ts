import * as vscode from 'vscode';
import type { Erased, EraseRequest, Ledger } from '../ledger/ledger.ts';
import { sampleSource, taskAgent } from '../task/start-task.ts';
import type { LedgerService } from './ledger-service.ts';
import { whoseCalls } from './ledger-words.ts';

const dayMs = 86_400_000;
/** Calls that are looked through at a time. */
const pageSize = 500;

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

/** Asks what to erase, asks again, and erases. Both say whose calls it is about: a ledger may be shared. */
export async function erasePromptContent(service: Pick<LedgerService, 'ledger' | 'place'>): Promise<void> {
	const ledger = await service.ledger;
	const whose = service.place === undefined ? '' : whoseCalls(service.place);
	const contentGoes = vscode.l10n.t('Prompts, completions and titles go. Counts, costs and the hash chain stay.');
	const items: (vscode.QuickPickItem & { request: () => Promise<EraseRequest> })[] = [
		{
			label: vscode.l10n.t('Content of all calls'),
			detail: contentGoes,
			request: async () => ({ what: 'content' }),
		},
		{
			label: vscode.l10n.t('Content of calls older than 30 days'),
			detail: contentGoes,
			request: async () => ({ what: 'content', beforeMs: Date.now() - 30 * dayMs }),
		},
		{
			label: vscode.l10n.t('Calls of sample tasks'),
			detail: vscode.l10n.t('The scripted calls go, with their counts and costs. All others stay.'),
			request: async () => ({ what: 'all', sessionIds: await sampleSessions(ledger) }),
		},
		{
			label: vscode.l10n.t('Everything'),
			detail: vscode.l10n.t('All calls go, with their counts and costs.'),
			request: async () => ({ what: 'all' }),
		},
	];
	const picked = await vscode.window.showQuickPick(items, {
		title: vscode.l10n.t('What should be erased?'),
		placeHolder: whose,
	});
	if (picked === undefined) return;
	const erase = vscode.l10n.t('Erase');
	const sure = await vscode.window.showWarningMessage(
		vscode.l10n.t('Erase: {0}?', picked.label),
		{ modal: true, detail: `${whose} ${vscode.l10n.t('This cannot be undone.')}`.trim() },
		erase,
	);
	if (sure !== erase) return;
	await withProgress(vscode.l10n.t('Erasing'), async () => {
		tellErased(await ledger.erase(await picked.request()));
	});
}

/** Words may be left where SQLite could not clear them, and in files that are no part of the ledger: that is said. */
function tellErased({ messages, sessions, scrubbed, setAside }: Erased): void {
	const erased = vscode.l10n.t('Erased {0} texts in {1} tasks.', messages, sessions);
	const left = [
		...(scrubbed
			? []
			: [
					vscode.l10n.t(
						'Another window or program was reading the ledger, so its files may hold remains of them. Close the other windows and erase again.',
					),
				]),
		...(setAside.length === 0
			? []
			: [
					vscode.l10n.t(
						'Files that could not be used as a ledger were set aside earlier and keep all they held. Only you can delete them: {0}',
						setAside.join(', '),
					),
				]),
	];
	if (left.length === 0) void vscode.window.showInformationMessage(erased);
	else void vscode.window.showWarningMessage([erased, ...left].join(' '));
}

/** Ids of the tasks that the scripted model ran. */
async function sampleSessions(ledger: Ledger): Promise<string[]> {
	const found = new Set<string>();
	for (let offset = 0; ; offset += pageSize) {
		const { rows } = await ledger.calls({ filter: { agentId: taskAgent }, sort: 'oldest', offset, limit: pageSize });
		for (const { source, sessionId } of rows) if (source === sampleSource) found.add(sessionId);
		if (rows.length < pageSize) return [...found];
	}
}

function withProgress(title: string, work: () => Promise<void>): Thenable<void> {
	return vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title }, work);
}
