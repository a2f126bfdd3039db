import { Worker } from 'node:worker_threads';
import { LedgerError } from '../ledger.ts';
import { ledgerError } from '../sqlite-error.ts';
import type { ExportChunk, ExportRequest, FromExportWorker } from './export-request.ts';

/** Keeps texts from piling up before they are collected. */
const youngGenerationMb = 32;

/**
 * An export, piece by piece, of one state of a ledger. Read and formatted in a worker of its own, so that neither the
 * thread that asks nor the ledger's waits for it. Who leaves early ends it.
 *
 * @param workerPath the bundled worker: `dist/export-worker.cjs`, or `src/ledger/export/export-worker.ts`
 * @throws {LedgerError} `badInput` for a report of a task that is not there.
 */
export async function* exportLedger(
	workerPath: string,
	file: string,
	request: ExportRequest,
): AsyncGenerator<ExportChunk, void, undefined> {
	const worker = new Worker(workerPath, {
		workerData: { file, request },
		resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb },
	});
	try {
		for (;;) {
			const chunk = await nextOf(worker);
			yield chunk;
			if (chunk.isLast) return;
		}
	} finally {
		await worker.terminate();
	}
}

function nextOf(worker: Worker): Promise<ExportChunk> {
	return new Promise((resolve, reject) => {
		const over = () => {
			worker.off('message', onMessage);
			worker.off('error', onGone);
			worker.off('exit', onGone);
		};
		const onMessage = (reply: FromExportWorker) => {
			over();
			if (reply.ok) resolve(reply.chunk);
			else reject(new LedgerError(reply.reason, reply.message));
		};
		const onGone = (cause: unknown) => {
			over();
			reject(ledgerError('workerGone', undefined, cause));
		};
		worker.on('message', onMessage);
		worker.on('error', onGone);
		worker.on('exit', onGone);
		worker.postMessage('next');
	});
}
