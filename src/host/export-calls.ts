import * as vscode from 'vscode';
import { localTimeZone } from '../core/local-time-zone.ts';
import type { CallFilter } from '../core/views.ts';
import { EventFileProblem, importEventFile } from '../ledger/event-import/import-event-file.ts';
import { exportLedger } from '../ledger/export/export-ledger.ts';
import type { ExportChunk, ExportFormat, ExportRequest } from '../ledger/export/export-request.ts';
import { peekExport } from '../ledger/export/peek-export.ts';
import { DatabaseInTheWay, type ExportSummary, writeExport } from '../ledger/export/write-export.ts';
import { OtlpSender } from '../telemetry/otlp-sender.ts';
import { sendRequests } from '../telemetry/send-requests.ts';
import { askEndpoint, type ExportEndpoint } from './export-endpoint.ts';
import {
	type ExportContent,
	type ExportKind,
	type ExportSubject,
	pickContent,
	pickKind,
	pickSubject,
	taskSubject,
} from './export-picks.ts';
import type { LedgerService } from './ledger-service.ts';
import { fileName, usualFolder } from './save-file.ts';

export interface ExporterOptions {
	service: Pick<LedgerService, 'ledger' | 'openFile' | 'openEventImport'>;
	/** Absolute path of the export worker's bundle. */
	workerPath: string;
	secrets: vscode.SecretStorage;
	version: string;
	nowMs?: () => number;
}

const extensions: Record<ExportFormat, string> = {
	jsonl: 'jsonl',
	csv: 'csv',
	otlp: 'jsonl',
	markdown: 'md',
	html: 'html',
};

type Step = (message: string, share: number) => void;

/** Exports calls, step by step: what, as what, with or without content, where to. And takes events in again. */
export class Exporter {
	readonly #options: ExporterOptions;

	constructor(options: ExporterOptions) {
		this.#options = options;
	}

	/** From the beginning. */
	async run(): Promise<void> {
		const subject = await pickSubject(await this.#options.service.ledger);
		if (subject !== undefined) await this.#export(subject);
	}

	/** The calls that a page lists. */
	async exportListed(filter: CallFilter): Promise<void> {
		await this.#export({ name: vscode.l10n.t('the calls that are listed'), filter, isTask: false });
	}

	/** A task, of which a report can be made. */
	async exportTask(sessionId: string): Promise<void> {
		const ledger = await this.#options.service.ledger;
		const { rows } = await ledger.sessions({ filter: { sessionId }, offset: 0, limit: 1 });
		await this.#export(taskSubject({ sessionId, title: rows[0]?.title ?? null }));
	}

	/** Takes a file of exported events into this window's ledger. */
	async importEvents(): Promise<void> {
		const [file] =
			(await vscode.window.showOpenDialog({
				title: vscode.l10n.t('Import events that were exported as JSONL'),
				openLabel: vscode.l10n.t('Import'),
				filters: { JSONL: ['jsonl'] },
			})) ?? [];
		if (file === undefined) return;
		if (file.scheme !== 'file') throw new Error(vscode.l10n.t('The file must be on this machine.'));
		const report = await withProgress(vscode.l10n.t('Importing events'), async (tell, signal) => {
			const link = await this.#options.service.openEventImport();
			return importEventFile(file.fsPath, link, {
				signal,
				onProgress: ({ step, done, total }) =>
					tell(
						step === 'checking' ? vscode.l10n.t('checking') : vscode.l10n.t('writing'),
						(step === 'checking' ? 0 : 0.5) + (total === 0 ? 0.5 : (done / total) * 0.5),
					),
			});
		});
		if (report === null) {
			void vscode.window.showInformationMessage(
				vscode.l10n.t(
					'The import was stopped. What was imported is kept; importing the file again goes on from there.',
				),
			);
			return;
		}
		const said = [
			vscode.l10n.t(
				'{0} calls were added. {1} events were taken over, {2} were known already.',
				...counts(report.calls + report.recorded, report.taken, report.known),
			),
			...(report.diverged === 0
				? []
				: [
						vscode.l10n.t(
							'{0} tasks went on otherwise in this ledger, which keeps its own record of them; calls of them that were not here were added under new ids.',
							...counts(report.diverged),
						),
					]),
			...(report.keepsContent
				? []
				: [vscode.l10n.t('Prompts and completions were left out, as the setting callmeter.content has it.')]),
		].join(' ');
		if (report.diverged > 0) void vscode.window.showWarningMessage(said);
		else void vscode.window.showInformationMessage(said);
	}

	async #export(subject: ExportSubject): Promise<void> {
		const kind = await pickKind(subject);
		if (kind === undefined) return;
		const content = await pickContent(kind);
		if (content === undefined) return;
		const request = this.#request(subject, kind, content);
		if (kind.isSent) await this.#send(subject, request);
		else await this.#write(subject, request);
	}

	#request({ filter }: ExportSubject, { format, bom }: ExportKind, { content, title }: ExportContent): ExportRequest {
		return {
			format,
			filter,
			content,
			title,
			bom,
			version: this.#options.version,
			locale: vscode.env.language,
			timeZone: localTimeZone(),
			nowMs: (this.#options.nowMs ?? Date.now)(),
		};
	}

	async #write(subject: ExportSubject, request: ExportRequest): Promise<void> {
		const extension = extensions[request.format];
		const isNamed = subject.isTask && request.title;
		const day = new Date(request.nowMs).toISOString().slice(0, 10);
		const stem = isNamed ? `callmeter ${subject.name}` : `callmeter-${request.format}-${day}`;
		const target = await vscode.window.showSaveDialog({
			title: vscode.l10n.t('Export {0}', subject.name),
			defaultUri: vscode.Uri.joinPath(usualFolder(), fileName(stem, extension)),
			filters: { [extension.toUpperCase()]: [extension] },
		});
		if (target === undefined) return;
		const chunks = await this.#open(request);
		const summary = await withProgress(exporting(), (tell, signal) => {
			const onProgress = (chunk: ExportChunk) => tellChunk(tell, chunk);
			if (target.scheme === 'file') return writeExport(target.fsPath, chunks, { signal, onProgress });
			return writeElsewhere(target, chunks, signal, onProgress);
		});
		if (summary === null) {
			void vscode.window.showInformationMessage(vscode.l10n.t('The export was stopped. No file was written.'));
			return;
		}
		const path = target.scheme === 'file' ? target.fsPath : target.toString(true);
		const said =
			request.format === 'jsonl'
				? vscode.l10n.t('{0} events were written to {1}.', ...counts(summary.records), path)
				: vscode.l10n.t('{0} calls were written to {1}.', ...counts(summary.records), path);
		const open = vscode.l10n.t('Open');
		const answer = await vscode.window.showInformationMessage([said, ...running(summary)].join(' '), open);
		if (answer !== open) return;
		if (request.format === 'html') await vscode.env.openExternal(target);
		else await vscode.commands.executeCommand('vscode.open', target);
	}

	async #send(subject: ExportSubject, request: ExportRequest): Promise<void> {
		const endpoint = await askEndpoint(this.#options.secrets);
		if (endpoint === undefined) return;
		const { url, origin, headers } = endpoint;
		const peeked = await peekExport(await this.#open(request));
		if (!(await this.#agreed(subject, request, endpoint, peeked.total))) {
			await peeked.close();
			return;
		}
		const sender = new OtlpSender({ url, headers, userAgent: `callmeter/${this.#options.version}` });
		const sent = await withProgress(exporting(), async (tell, signal) => {
			let last = { done: 0, running: 0 };
			async function* bodies() {
				for await (const chunk of peeked.chunks) {
					last = chunk;
					yield* chunk.parts;
					tellChunk(tell, chunk);
				}
			}
			const onRetry = (reason: string, delayMs: number) =>
				tell(vscode.l10n.t('{0}; again in {1} s', reason, Math.ceil(delayMs / 1000)), 0);
			const result = await sendRequests(bodies(), sender, { signal, onRetry });
			return { ...result, records: last.done, running: last.running };
		});
		if (sent === null || sent.problem?.kind === 'aborted') {
			void vscode.window.showInformationMessage(
				vscode.l10n.t('The export was stopped. Sending again makes the same spans, none twice.'),
			);
			return;
		}
		if (sent.problem !== null) {
			throw new Error(
				vscode.l10n.t(
					'{0} did not take the spans ({1}). {2} requests were taken before. Sending again makes the same spans, none twice.',
					origin,
					sent.problem.reason,
					sent.taken,
				),
			);
		}
		const said = [
			vscode.l10n.t('{0} calls were sent to {1}.', ...counts(sent.records - sent.running), origin),
			...(sent.rejected === 0 ? [] : [vscode.l10n.t('It did not take {0} of the spans.', ...counts(sent.rejected))]),
			...sent.messages,
			...running(sent),
		].join(' ');
		if (sent.rejected > 0) void vscode.window.showWarningMessage(said);
		else void vscode.window.showInformationMessage(said);
	}

	/** Nothing leaves the machine before the person has read what, and where to. */
	async #agreed(
		{ name }: ExportSubject,
		{ content, title }: ExportRequest,
		{ url, origin }: ExportEndpoint,
		calls: number,
	): Promise<boolean> {
		const send = vscode.l10n.t('Send');
		const what = content
			? vscode.l10n.t('With all prompts, completions and titles: code, file contents, what was written.')
			: vscode.l10n.t('Without prompts and completions: models, tokens, costs, times, ids and names of agents.');
		const lines = [name, what, ...(title && !content ? [vscode.l10n.t('With the titles of the tasks.')] : []), url];
		const answer = await vscode.window.showWarningMessage(
			vscode.l10n.t('Send {0} calls to {1}?', ...counts(calls), origin),
			{ modal: true, detail: lines.join('\n\n') },
			send,
		);
		return answer === send;
	}

	async #open(request: ExportRequest): Promise<AsyncGenerator<ExportChunk, void, undefined>> {
		const { service, workerPath } = this.#options;
		return exportLedger(workerPath, await service.openFile(), request);
	}
}

function exporting(): string {
	return vscode.l10n.t('Exporting calls');
}

/** `null`: it was stopped. */
async function withProgress<T>(
	title: string,
	work: (tell: Step, signal: AbortSignal) => Promise<T>,
): Promise<T | null> {
	const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
	return vscode.window.withProgress(options, async (progress, cancellation) => {
		const stop = new AbortController();
		cancellation.onCancellationRequested(() => stop.abort());
		let reached = 0;
		try {
			return await work((message, share) => {
				const percent = Math.max(reached, share * 100);
				progress.report({ message, increment: percent - reached });
				reached = percent;
			}, stop.signal);
		} catch (error) {
			if (stop.signal.aborted) return null;
			if (error instanceof EventFileProblem) throw new Error(wordsFor(error));
			if (!(error instanceof DatabaseInTheWay)) throw error;
			throw new Error(
				vscode.l10n.t('{0} is a database, which the export would replace. Choose another file.', error.message),
			);
		}
	});
}

/** What is wrong with a line of a file, and what to do. */
function wordsFor({ line, reason }: EventFileProblem): string {
	const what = {
		notJson: vscode.l10n.t('it is no JSON. Choose a file that was exported as JSONL'),
		cutOff: vscode.l10n.t('the file ends in the middle of it. Copy the file again, or export it again'),
		notAnEvent: vscode.l10n.t('it is no event of Callmeter. Choose a file that was exported as JSONL'),
		hash: vscode.l10n.t(
			'the event was changed after it was recorded. Export it again from the ledger that it came from',
		),
		chain: vscode.l10n.t(
			'the events before it in its task are missing, or out of order. Take the whole file, or export it again',
		),
		content: vscode.l10n.t('its content is not what was recorded. Export it again, or without content'),
		absurd: vscode.l10n.t('it has figures that no call can have'),
	}[reason];
	return vscode.l10n.t('Nothing was imported. Line {0}: {1}.', line, what);
}

function tellChunk(tell: Step, { done, total }: ExportChunk): void {
	const [part, all] = counts(done, total);
	tell(vscode.l10n.t('{0} of {1}', part ?? '', all ?? ''), total === 0 ? 1 : done / total);
}

/** On a file system that only VS Code reaches: it takes a file as a whole. */
async function writeElsewhere(
	target: vscode.Uri,
	chunks: AsyncIterable<ExportChunk>,
	signal: AbortSignal,
	onProgress: (chunk: ExportChunk) => void,
): Promise<ExportSummary> {
	const parts: Buffer[] = [];
	const summary: ExportSummary = { records: 0, running: 0, bytes: 0 };
	for await (const chunk of chunks) {
		signal.throwIfAborted();
		for (const part of chunk.parts) parts.push(Buffer.from(part));
		summary.records = chunk.done;
		summary.running = chunk.running;
		onProgress(chunk);
	}
	const whole = Buffer.concat(parts);
	await vscode.workspace.fs.writeFile(target, whole);
	return { ...summary, bytes: whole.length };
}

function running({ running: calls }: { running: number }): string[] {
	return calls === 0 ? [] : [vscode.l10n.t('{0} still run: their spans come with the next export.', ...counts(calls))];
}

function counts(...values: number[]): string[] {
	const number = new Intl.NumberFormat(vscode.env.language);
	return values.map((value) => number.format(value));
}
