import type { MessagePort } from 'node:worker_threads';
import type { Ledger } from './ledger.ts';
import { LedgerClient } from './ledger-client.ts';
import { portLink } from './ledger-link.ts';

/**
 * The ledger that another thread has opened, through a port of its own (`LedgerClient.clientPort`). Everything fails at
 * once with its reason, also where the ledger's opener would wait for the disk. Once the port is closed all rejects as
 * `workerGone`: another port needs another face. `close` closes the port, not the ledger.
 */
export function ledgerOverPort(port: MessagePort): Ledger {
	return new LedgerClient(portLink(port), { file: '', content: 'full', prices: null }, { patient: false });
}
