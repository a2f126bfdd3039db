import type { MessagePort } from 'node:worker_threads';
import type { FromLedgerPort, ImportReceipt, ImportReplies, StateEntry, ToLedgerPort } from '../core/import-port.ts';
import { LedgerError } from './ledger.ts';

/** What the import worker may do with the ledger. */
export interface ImportTarget {
	record(drafts: readonly unknown[]): readonly ImportReceipt[] | Promise<readonly ImportReceipt[]>;
	sourceState(source: string): StateEntry[] | Promise<StateEntry[]>;
	saveSourceState(source: string, entries: readonly StateEntry[]): void | Promise<void>;
}

/**
 * Serves the import worker over a port of its own, until the port closes. What fails is answered with the ledger's
 * reason; the importer waits and comes again.
 */
export function serveImportPort(port: MessagePort, target: ImportTarget): void {
	port.on('message', async ({ id, request }: ToLedgerPort) => {
		let reply: FromLedgerPort;
		try {
			reply = { id, ok: true, value: await answer(target, request) };
		} catch (error) {
			reply = { id, ok: false, reason: error instanceof LedgerError ? error.reason : 'io' };
		}
		port.postMessage(reply);
	});
	// The import worker alone does not keep the ledger's running.
	port.unref();
}

async function answer(
	target: ImportTarget,
	request: ToLedgerPort['request'],
): Promise<ImportReplies[ToLedgerPort['request']['kind']]> {
	switch (request.kind) {
		case 'record': {
			const receipts = await target.record(request.drafts);
			return receipts.map(({ outcome }) => ({ outcome }));
		}
		case 'sourceState':
			return target.sourceState(request.source);
		case 'saveSourceState':
			await target.saveSourceState(request.source, request.entries);
			return null;
	}
}
