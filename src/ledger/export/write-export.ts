import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import type { ExportChunk } from './export-request.ts';

/** What an export came to. */
export interface ExportSummary {
	/** Events of `jsonl`, else calls. */
	records: number;
	/** Calls that were still running, and so are no spans. */
	running: number;
	bytes: number;
}

/** A database stands where the export was to go: a ledger perhaps, named by mistake, and the only copy of what it holds. */
export class DatabaseInTheWay extends Error {
	override readonly name = 'DatabaseInTheWay';
}

/**
 * Writes an export to a file, which is there whole or not at all: what stood there before stays until the end. Readable by
 * its owner only.
 *
 * @throws DatabaseInTheWay when the file is a SQLite database, which stays as it is; what `signal` was aborted with, what the ledger rejects with, and what the file system does.
 */
export async function writeExport(
	file: string,
	chunks: AsyncIterable<ExportChunk>,
	{ signal, onProgress }: { signal: AbortSignal; onProgress: (chunk: ExportChunk) => void },
): Promise<ExportSummary> {
	if (await isDatabase(file)) throw new DatabaseInTheWay(file);
	const unfinished = `${file}.${randomUUID().slice(0, 8)}.part`;
	let handle: FileHandle | null = await open(unfinished, 'wx', 0o600);
	try {
		const summary: ExportSummary = { records: 0, running: 0, bytes: 0 };
		for await (const chunk of chunks) {
			signal.throwIfAborted();
			for (const part of chunk.parts) summary.bytes += (await handle.write(part)).bytesWritten;
			summary.records = chunk.done;
			summary.running = chunk.running;
			onProgress(chunk);
		}
		await handle.close();
		handle = null;
		await rename(unfinished, file);
		return summary;
	} catch (error) {
		await handle?.close().catch(() => undefined);
		await rm(unfinished, { force: true });
		throw error;
	}
}

/** Every SQLite database begins with these bytes (its file format, 1.3). */
const databaseHead = Buffer.from('SQLite format 3\0');

async function isDatabase(file: string): Promise<boolean> {
	// A pipe would be waited for; what cannot be looked at is told when it is written.
	if (!(await stat(file).catch(() => null))?.isFile()) return false;
	const handle = await open(file, 'r').catch(() => null);
	if (handle === null) return false;
	try {
		const { buffer, bytesRead } = await handle.read(Buffer.alloc(databaseHead.length));
		return bytesRead === databaseHead.length && buffer.equals(databaseHead);
	} finally {
		await handle.close();
	}
}
