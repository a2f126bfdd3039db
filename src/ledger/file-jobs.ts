import type { ContentSetting } from '../core/redact.ts';
import type { EventImport, EventImportReport, LineBatch } from './event-import/event-import.ts';
import { LineProblem, type LineProblemReason } from './event-import/line-problem.ts';
import { ledgerError } from './sqlite-error.ts';
import type { LedgerStore } from './store.ts';

/** What became of lines that were checked. */
export type CheckedLines =
	/** Lines so far. */
	{ lines: number } | { problem: { line: number; reason: LineProblemReason; message: string } };

/** Imports of files in the worker: each comes piece by piece, and other requests between. */
export interface FileOperations {
	openEventImport: () => number;
	checkEvents: (id: number, batch: LineBatch) => CheckedLines;
	writeEvents: (id: number, batch: LineBatch) => EventImportReport;
	closeEventImport: (id: number) => null;
}

export interface FileJobsOptions {
	writable: () => LedgerStore;
	content: () => ContentSetting;
	/** Something was written. */
	changed: (revision: number) => void;
}

/** The worker's side of `FileOperations`. */
export class FileJobs {
	readonly operations: FileOperations;
	readonly #imports = new Map<number, EventImport>();
	#next = 1;

	constructor({ writable, content, changed }: FileJobsOptions) {
		this.operations = {
			openEventImport: () => {
				const id = this.#next++;
				this.#imports.set(id, writable().openEventImport(content()));
				return id;
			},
			checkEvents: (id, batch) => {
				try {
					return { lines: this.#find(id).check(batch) };
				} catch (error) {
					if (!(error instanceof LineProblem)) throw error;
					const { line, reason, message } = error;
					return { problem: { line, reason, message } };
				}
			},
			writeEvents: (id, batch) => {
				try {
					const { report, revision } = this.#find(id).write(batch);
					changed(revision);
					return report;
				} catch (error) {
					if (!(error instanceof LineProblem)) throw error;
					// It was right when it was checked.
					throw ledgerError('badInput', `the file was changed while it was imported: line ${error.line}`, error);
				}
			},
			closeEventImport: (id) => {
				this.#imports.delete(id);
				return null;
			},
		};
	}

	/** The ledger is closed: what writes it is over. */
	end(): void {
		this.#imports.clear();
	}

	#find(id: number): EventImport {
		const found = this.#imports.get(id);
		if (!found) throw ledgerError('closed');
		return found;
	}
}
