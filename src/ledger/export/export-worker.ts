import { parentPort, workerData } from 'node:worker_threads';
import { toLedgerError } from '../sqlite-error.ts';
import type { ExportRequest, FromExportWorker } from './export-request.ts';
import { type OpenStream, openStream } from './open-stream.ts';

/** Entry of the export worker: gives a piece for each message, until the last. A thread of its own: nothing waits for it. */
if (parentPort) {
	const port = parentPort;
	const { file, request } = workerData as { file: string; request: ExportRequest };
	let stream: OpenStream | null = null;
	port.on('message', () => {
		let reply: FromExportWorker;
		try {
			stream ??= openStream(file, request);
			const chunk = stream.next();
			if (chunk.isLast) stream.close();
			reply = { ok: true, chunk };
		} catch (error) {
			const { reason, message } = toLedgerError(error, file);
			reply = { ok: false, reason, message };
		}
		port.postMessage(reply);
	});
}
