import { parentPort, workerData } from 'node:worker_threads';
import { LedgerService } from './service.ts';
import type { FromWorker, ToWorker, WorkerOptions } from './worker-protocol.ts';

/** Entry of the ledger worker: everything in `service.ts`, behind a message port. */
if (parentPort) {
	const port = parentPort;
	const service = new LedgerService(workerData as WorkerOptions, (message: FromWorker) => port.postMessage(message));
	port.on('message', (message: ToWorker) => {
		service.handle(message);
		if (message.method === 'close') port.close();
	});
}
