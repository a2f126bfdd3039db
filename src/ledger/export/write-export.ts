import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import type { ExportChunk } from './export-request.ts';

/** What an export came to. */
export interface ExportSummary {
	/** Events of `jsonl`, else calls. */
	records: number;
	/** Calls that were still running, and so are no spans. */
	running: number;
	bytes: number;
}

/**
 * Writes an export to a file, which is there whole or not at all: what stood there before stays until the end. Readable by
 * its owner only.
 *
 * @throws what `signal` was aborted with, what the ledger rejects with, and what the file system does.
 */
export async function writeExport(
	file: string,
	chunks: AsyncIterable<ExportChunk>,
	{ signal, onProgress }: { signal: AbortSignal; onProgress: (chunk: ExportChunk) => void },
): Promise<ExportSummary> {
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
