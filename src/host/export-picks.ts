import * as vscode from 'vscode';
import type { CallFilter } from '../core/views.ts';
import type { ExportFormat } from '../ledger/export/export-request.ts';
import type { Ledger } from '../ledger/ledger.ts';

/** What is to be exported. */
export interface ExportSubject {
	/** In words, for the title of what is asked next. */
	name: string;
	filter: CallFilter;
	/** One task, of which there can be a report. */
	isTask: boolean;
}

/** As what, and where to. */
export interface ExportKind {
	format: ExportFormat;
	bom: boolean;
	/** Sent to a receiver, not written to a file. */
	isSent: boolean;
}

export interface ExportContent {
	content: boolean;
	title: boolean;
}

type Choice<T> = vscode.QuickPickItem & { value: T };

const dayMs = 86_400_000;
/** Tasks that are offered, newest first. */
const maxTasks = 200;

/** Asks what to export; `undefined`: the person changed their mind. */
export async function pickSubject(ledger: Ledger): Promise<ExportSubject | undefined> {
	const all = vscode.l10n.t('All calls');
	const today = vscode.l10n.t("Today's calls");
	const month = vscode.l10n.t('Calls of the last 30 days');
	const midnight = new Date().setHours(0, 0, 0, 0);
	const toMs = Number.MAX_SAFE_INTEGER;
	const picked = await ask<ExportSubject | 'task'>(vscode.l10n.t('Export: what?'), [
		{ label: all, value: { name: all, filter: {}, isTask: false } },
		{ label: today, value: { name: today, filter: { range: { fromMs: midnight, toMs } }, isTask: false } },
		{
			label: month,
			value: { name: month, filter: { range: { fromMs: midnight - 29 * dayMs, toMs } }, isTask: false },
		},
		{
			label: vscode.l10n.t('One task…'),
			detail: vscode.l10n.t('Its calls, or a report of it for a pull request or a cost review.'),
			value: 'task',
		},
	]);
	return picked === 'task' ? pickTask(ledger) : picked;
}

/** A task as what to export. */
export function taskSubject({ sessionId, title }: { sessionId: string; title: string | null }): ExportSubject {
	const name = title ?? vscode.l10n.t('Untitled task');
	return { name, filter: { sessionId }, isTask: true };
}

async function pickTask(ledger: Ledger): Promise<ExportSubject | undefined> {
	const { rows } = await ledger.sessions({ filter: {}, sort: 'newest', offset: 0, limit: maxTasks });
	const time = new Intl.DateTimeFormat(vscode.env.language, { dateStyle: 'medium', timeStyle: 'short' });
	const calls = new Intl.NumberFormat(vscode.env.language);
	const items = rows.map((row) => ({
		label: row.title ?? vscode.l10n.t('Untitled task'),
		description: row.agentId,
		detail: vscode.l10n.t('{0} calls, {1}', calls.format(row.calls), time.format(row.startedAtMs)),
		value: taskSubject(row),
	}));
	if (items.length === 0) {
		void vscode.window.showInformationMessage(vscode.l10n.t('There is no task to export yet.'));
		return undefined;
	}
	return ask(vscode.l10n.t('Export: which task?'), items, { matchOnDescription: true });
}

/** Asks for the format. */
export function pickKind({ name, isTask }: ExportSubject): Promise<ExportKind | undefined> {
	const file = (format: ExportFormat, bom = false): ExportKind => ({ format, bom, isSent: false });
	const reports: Choice<ExportKind>[] = [
		{
			label: vscode.l10n.t('Report, Markdown'),
			detail: vscode.l10n.t('For a pull request: totals, models, costliest calls, cache, timeline.'),
			value: file('markdown'),
		},
		{
			label: vscode.l10n.t('Report, HTML'),
			detail: vscode.l10n.t('The same as one page that loads nothing and prints well.'),
			value: file('html'),
		},
	];
	return ask(vscode.l10n.t('Export {0}: as what?', name), [
		...(isTask ? reports : []),
		{
			label: vscode.l10n.t('CSV'),
			detail: vscode.l10n.t('One call a line, for spreadsheets and scripts.'),
			value: file('csv'),
		},
		{
			label: vscode.l10n.t('CSV for Excel'),
			detail: vscode.l10n.t('The same with a byte order mark, by which Excel knows the characters.'),
			value: file('csv', true),
		},
		{
			label: vscode.l10n.t('JSONL'),
			detail: vscode.l10n.t('Every event with its hash, always whole tasks. Another ledger can import it.'),
			value: file('jsonl'),
		},
		{
			label: vscode.l10n.t('OpenTelemetry file'),
			detail: vscode.l10n.t('Spans by the GenAI conventions, one OTLP request a line.'),
			value: file('otlp'),
		},
		{
			label: vscode.l10n.t('Send to an OpenTelemetry receiver…'),
			detail: vscode.l10n.t('The same spans over OTLP/HTTP. You are told first what leaves this machine.'),
			value: { format: 'otlp', bom: false, isSent: true },
		},
	]);
}

/** Asks whether content goes out with it, and says what that means. */
export function pickContent({ format, isSent }: ExportKind): Promise<ExportContent | undefined> {
	const isReport = format === 'markdown' || format === 'html';
	const plain: Choice<ExportContent> = {
		label: vscode.l10n.t('Without prompts and completions'),
		detail: vscode.l10n.t('Models, tokens, costs, times, ids; agents, folders, branches. No text, no titles.'),
		value: { content: false, title: false },
	};
	const titled: Choice<ExportContent> = {
		label: vscode.l10n.t('Without prompts and completions, with the title of the task'),
		detail: vscode.l10n.t('The title is often the beginning of the first prompt.'),
		value: { content: false, title: true },
	};
	const whole: Choice<ExportContent> = {
		label: vscode.l10n.t('With prompts and completions'),
		detail: isSent
			? vscode.l10n.t('All that was sent and answered leaves this machine: code, files, your words.')
			: vscode.l10n.t('All that was sent and answered is in the file: code, files, your words.'),
		value: { content: true, title: true },
	};
	return ask(
		vscode.l10n.t('Export: with content?'),
		isReport || format === 'otlp' ? [plain, titled, whole] : [plain, whole],
	);
}

async function ask<T>(
	title: string,
	items: Choice<T>[],
	options: vscode.QuickPickOptions = {},
): Promise<T | undefined> {
	const picked = await vscode.window.showQuickPick(items, { ...options, title });
	return picked?.value;
}
