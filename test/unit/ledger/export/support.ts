import type { EventImportReport } from '../../../../src/ledger/event-import/event-import.ts';
import type { ExportRequest } from '../../../../src/ledger/export/export-request.ts';
import { openStream } from '../../../../src/ledger/export/open-stream.ts';
import type { LedgerStore } from '../../../../src/ledger/store.ts';

export function exportRequest(more: Partial<ExportRequest> = {}): ExportRequest {
	return {
		format: 'jsonl',
		filter: {},
		content: false,
		title: false,
		bom: false,
		version: '1.2.3',
		locale: 'en-US',
		timeZone: 'UTC',
		nowMs: Date.UTC(2026, 4, 1, 12),
		...more,
	};
}

/** All parts of an export. */
export function partsOf(store: LedgerStore, more: Partial<ExportRequest> = {}): string[] {
	const stream = openStream(store.file, exportRequest(more));
	const parts: string[] = [];
	try {
		for (;;) {
			const chunk = stream.next();
			parts.push(...chunk.parts);
			if (chunk.isLast) return parts;
		}
	} finally {
		stream.close();
	}
}

export function exported(store: LedgerStore, more: Partial<ExportRequest> = {}): string {
	return partsOf(store, more).join('');
}

/** Checks and takes in a file, `size` lines at a time. */
export function takeIn(
	store: LedgerStore,
	text: string,
	{ size = 7, content = 'full' }: { size?: number; content?: 'full' | 'redacted' | 'off' } = {},
): EventImportReport {
	const lines = text.split('\n');
	const ended = lines.at(-1) === '';
	if (ended) lines.pop();
	const importing = store.openEventImport(content);
	const batches = [];
	for (let at = 0; at < lines.length; at += size) {
		batches.push({ lines: lines.slice(at, at + size), isEnd: !ended && at + size >= lines.length });
	}
	for (const batch of batches) importing.check(batch);
	let report = importing.write({ lines: [], isEnd: false }).report;
	for (const batch of batches) report = importing.write(batch).report;
	return report;
}
