import type { ExportChunk } from './export-request.ts';

/** An export of which the first part is known: how much there is, before any of it goes anywhere. */
export interface PeekedExport {
	/** Records in all: events of `jsonl`, else calls. */
	total: number;
	/** From the first part on. Read once. */
	chunks: AsyncIterable<ExportChunk>;
	/** Ends it unread. */
	close(): Promise<void>;
}

/** Reads the first part of an export, and keeps it for who reads on. */
export async function peekExport(chunks: AsyncGenerator<ExportChunk, void, undefined>): Promise<PeekedExport> {
	const first = await chunks.next();
	async function* all() {
		if (first.done) return;
		yield first.value;
		yield* chunks;
	}
	return {
		total: first.done ? 0 : first.value.total,
		chunks: all(),
		close: async () => {
			await chunks.return();
		},
	};
}
