/** Opens each ledger whose file it is told of, and says what came of it: `ok`, or why not. */
import { parentPort } from 'node:worker_threads';
import { openDatabase } from '../../../src/ledger/database.ts';

parentPort?.on('message', (/** @type {string} */ file) => {
	try {
		openDatabase({ file }).db.close();
		parentPort?.postMessage('ok');
	} catch (error) {
		parentPort?.postMessage(error instanceof Error ? error.message : 'failed');
	}
});
