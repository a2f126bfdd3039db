import { openDatabase } from '../database.ts';
import { Reader } from '../queries/reader.ts';
import { toLedgerError } from '../sqlite-error.ts';
import { Writer } from '../writer.ts';
import type { ExportChunk, ExportRequest } from './export-request.ts';
import { ExportStream } from './export-stream.ts';

/** An export that reads one state of a ledger, through a connection of its own. Every method throws `LedgerError`. */
export interface OpenStream {
	next(): ExportChunk;
	close(): void;
}

/** @throws {LedgerError} `badInput` for a report of a task that is not there. */
export function openStream(file: string, request: ExportRequest): OpenStream {
	const run = <T>(action: () => T): T => {
		try {
			return action();
		} catch (error) {
			throw toLedgerError(error, file);
		}
	};
	const database = openDatabase({ file, readOnly: true });
	const { db } = database;
	try {
		// Of the writer only what reads content.
		const stream = run(() => new ExportStream(new Reader(db), new Writer(database), request));
		return {
			next: () => run(() => stream.next()),
			close: () => {
				stream.close();
				if (db.isOpen) db.close();
			},
		};
	} catch (error) {
		db.close();
		throw error;
	}
}
