import type { CallFilter } from '../../core/views.ts';
import type { LedgerErrorReason } from '../ledger.ts';

export const exportFormats = ['jsonl', 'csv', 'otlp', 'markdown', 'html'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** What to export, and as what. */
export interface ExportRequest {
	format: ExportFormat;
	/**
	 * The calls. A session is meant with those of its subagents. `jsonl` takes every task with such a call, whole: a chain
	 * of events cannot be cut. A report is of `sessionId`, which must be there, and of nothing else.
	 */
	filter: CallFilter;
	/** Prompts, completions, and all else that is content, with the salts of its digests. */
	content: boolean;
	/** The title of the task, in a report or beside a span: content, of which it is the least. */
	title: boolean;
	/** CSV: begin with a byte order mark. */
	bom: boolean;
	/** Of this program, for OTLP's scope. */
	version: string;
	/** BCP 47, for a report's figures. */
	locale: string;
	/** IANA, for a report's times. */
	timeZone: string;
	/** When a report says that it was made, epoch milliseconds. */
	nowMs: number;
}

/** Export worker → whoever asks. */
export type FromExportWorker =
	| { ok: true; chunk: ExportChunk }
	| { ok: false; reason: LedgerErrorReason; message: string };

/** A part of an export. */
export interface ExportChunk {
	/** Text to be written as it is. OTLP: one request each, with the line feed after it. */
	parts: string[];
	/** Events of `jsonl`, else calls: so far, and in all. */
	done: number;
	total: number;
	/** Calls that are still running, and so are no spans yet. */
	running: number;
	/** Nothing comes after it. */
	isLast: boolean;
}
