import { csvHead, csvOfCall } from '../../core/export/csv.ts';
import type { ExportedCall } from '../../core/export/exported-call.ts';
import { otlpRequest, spanOfCall, spanOfSession } from '../../core/export/otlp-span.ts';
import { reportAsHtml } from '../../core/export/report-html.ts';
import { reportAsMarkdown } from '../../core/export/report-markdown.ts';
import { sha256 } from '../event-log.ts';
import type { ContentStores } from '../queries/call-detail.ts';
import type { Reader } from '../queries/reader.ts';
import { ledgerError } from '../sqlite-error.ts';
import { EventLines } from './event-lines.ts';
import type { ExportChunk, ExportRequest } from './export-request.ts';
import { ExportedCalls } from './exported-calls.ts';
import { sessionsOfCalls } from './exported-sessions.ts';
import { SpanSessions } from './span-sessions.ts';
import { taskReport } from './task-report.ts';

/** A chunk is as long as one of these first: others ask the same thread. */
const maxChunkChars = 512 * 1024;
const maxChunkRecords = 2_000;
/** Spans of one request, and its size where they carry content: collectors take some MB. */
const maxSpans = 512;
const maxRequestChars = 2 * 1024 * 1024;

interface Piece {
	text: string;
	/** Records that are in it. */
	records: number;
}

/** An export, chunk by chunk. Holds no more than a chunk, whatever there is to export. */
export class ExportStream {
	readonly #pieces: Iterator<Piece>;
	readonly #total: number;
	readonly #areRequests: boolean;
	#done = 0;
	#running = 0;

	/** @throws {LedgerError} `badInput` for a report of a task that is not there. */
	constructor(reader: Reader, stores: ContentStores, request: ExportRequest) {
		const { format, filter, content } = request;
		this.#areRequests = format === 'otlp';
		switch (format) {
			case 'jsonl': {
				const events = new EventLines(reader, stores, sessionsOfCalls(reader, filter), content);
				this.#total = events.total;
				this.#pieces = eachRecord(events, (line) => line);
				return;
			}
			case 'csv': {
				const calls = new ExportedCalls(reader, stores, filter, content);
				this.#total = calls.total;
				const head = { text: csvHead({ content, bom: request.bom }), records: 0 };
				this.#pieces = chain(
					[head],
					eachRecord(calls, (call) => csvOfCall(call, content)),
				);
				return;
			}
			case 'otlp': {
				const calls = new ExportedCalls(reader, stores, filter, content);
				this.#total = calls.total;
				this.#pieces = this.#requests(calls, new SpanSessions(reader), request);
				return;
			}
			default: {
				const report = taskReport(reader, stores, request);
				if (report === null) throw ledgerError('badInput', `there is no task ${filter.sessionId ?? ''}`);
				this.#total = report.totals.calls;
				const text = format === 'html' ? reportAsHtml(report) : reportAsMarkdown(report);
				this.#pieces = [{ text, records: report.totals.calls }].values();
			}
		}
	}

	next(): ExportChunk {
		const parts: string[] = [];
		let chars = 0;
		let records = 0;
		let isLast = false;
		while (chars < maxChunkChars && records < maxChunkRecords) {
			const { done, value } = this.#pieces.next();
			if (done) {
				isLast = true;
				break;
			}
			parts.push(value.text);
			chars += value.text.length;
			records += value.records;
		}
		this.#done += records;
		// Requests are sent one by one; all else is one text.
		if (!this.#areRequests && parts.length > 1) parts.splice(0, parts.length, parts.join(''));
		return { parts, done: this.#done, total: this.#total, running: this.#running, isLast };
	}

	/** Ends it early: what it reads from is let go of. */
	close(): void {
		this.#pieces.return?.();
	}

	*#requests(calls: Iterable<ExportedCall>, sessions: SpanSessions, request: ExportRequest): Generator<Piece> {
		const { content, title, version } = request;
		let spans: ReturnType<typeof spanOfCall>[] = [];
		let chars = 0;
		let records = 0;
		for (const call of calls) {
			records++;
			if (call.row.endedAtMs === null) {
				this.#running++;
				continue;
			}
			const { session, isFirst } = sessions.of(call.row.sessionId);
			if (isFirst) spans.push(spanOfSession(session, title || content ? sessions.titleOf(session) : null, sha256));
			const span = spanOfCall(call, session, content, sha256);
			spans.push(span);
			if (content) for (const { value } of span.span.attributes) chars += lengthOf(value);
			if (spans.length < maxSpans && chars < maxRequestChars) continue;
			yield { text: `${otlpRequest(spans, version)}\n`, records };
			spans = [];
			chars = 0;
			records = 0;
		}
		if (spans.length > 0) yield { text: `${otlpRequest(spans, version)}\n`, records };
	}
}

function* eachRecord<Item>(items: Iterable<Item>, toText: (item: Item) => string): Generator<Piece> {
	for (const item of items) yield { text: toText(item), records: 1 };
}

function* chain<Item>(...lists: Iterable<Item>[]): Generator<Item> {
	for (const list of lists) yield* list;
}

function lengthOf(value: object): number {
	return 'stringValue' in value ? String(value.stringValue).length : 0;
}
