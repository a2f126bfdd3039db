import type { ContentSetting } from '../core/redact.ts';
import type { EventImport, EventImportReport, LineBatch } from './event-import/event-import.ts';
import { LineProblem, type LineProblemReason } from './event-import/line-problem.ts';
import type { ExportChunk, ExportRequest } from './export/export-request.ts';
import type { ExportStream } from './export/export-stream.ts';
import { ledgerError } from './sqlite-error.ts';
import type { LedgerStore } from './store.ts';

/** What became of lines that were checked. */
export type CheckedLines =
	/** Lines so far. */
	{ lines: number } | { problem: { line: number; reason: LineProblemReason; message: string } };

/** Exports and imports of files in the worker: each is asked for piece by piece, and other requests come between. */
export interface FileOperations {
	/** Only of a ledger that is opened for reading: it reads one state of the file as long as it lasts. */
	openExport: (request: ExportRequest) => number;
	nextOfExport: (id: number) => ExportChunk;
	closeExport: (id: number) => null;
	openEventImport: () => number;
	checkEvents: (id: number, batch: LineBatch) => CheckedLines;
	writeEvents: (id: number, batch: LineBatch) => EventImportReport;
	closeEventImport: (id: number) => null;
}

export interface FileJobsOptions {
	opened: () => LedgerStore;
	writable: () => LedgerStore;
	content: () => ContentSetting;
	/** Something was written. */
	changed: (revision: number) => void;
}

/** The worker's side of `FileOperations`. */
export class FileJobs {
	readonly operations: FileOperations;
	readonly #exports = new Map<number, ExportStream>();
	readonly #imports = new Map<number, EventImport>();
	#next = 1;

	constructor({ opened, writable, content, changed }: FileJobsOptions) {
		this.operations = {
			openExport: (request) => {
				const store = opened();
				if (!store.isReadOnly)
					throw ledgerError('badInput', 'an export reads a ledger that is opened for reading only');
				return this.#add(this.#exports, store.openExport(request));
			},
			nextOfExport: (id) => this.#find(this.#exports, id).next(),
			closeExport: (id) => {
				this.#exports.get(id)?.close();
				this.#exports.delete(id);
				return null;
			},
			openEventImport: () => this.#add(this.#imports, writable().openEventImport(content())),
			checkEvents: (id, batch) => {
				try {
					return { lines: this.#find(this.#imports, id).check(batch) };
				} catch (error) {
					if (!(error instanceof LineProblem)) throw error;
					const { line, reason, message } = error;
					return { problem: { line, reason, message } };
				}
			},
			writeEvents: (id, batch) => {
				const { report, revision } = this.#find(this.#imports, id).write(batch);
				changed(revision);
				return report;
			},
			closeEventImport: (id) => {
				this.#imports.delete(id);
				return null;
			},
		};
	}

	/** The ledger is closed: what reads or writes it is over. */
	end(): void {
		for (const stream of this.#exports.values()) stream.close();
		this.#exports.clear();
		this.#imports.clear();
	}

	#add<Job>(jobs: Map<number, Job>, job: Job): number {
		const id = this.#next++;
		jobs.set(id, job);
		return id;
	}

	#find<Job>(jobs: ReadonlyMap<number, Job>, id: number): Job {
		const job = jobs.get(id);
		if (!job) throw ledgerError('closed');
		return job;
	}
}
