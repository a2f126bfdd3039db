import { join } from 'node:path';
import type { ContentSetting } from '../core/redact.ts';
import { LedgerClient } from './ledger-client.ts';
import { workerLink } from './ledger-link.ts';
import type { WorkerOptions } from './worker-protocol.ts';

/** The ledger's name in a folder of its own. */
export const LEDGER_FILE = 'ledger.db';

export interface LedgerOptions {
	/** Folder of the ledger, absolute; made when missing, for its owner only. */
	directory?: string;
	/** The ledger itself, absolute, in place of `directory`. */
	file?: string;
	/** The bundled worker: `dist/ledger-worker.cjs`, or `src/ledger/worker.ts` where Node runs TypeScript. */
	workerPath: string;
	/** How content is kept. Default `full`. */
	content?: ContentSetting;
	/** The setting `callmeter.prices`. What is wrong in it is ignored here: `setPriceOverrides` tells. */
	prices?: unknown;
	/** Queries only, on a file that exists. */
	readOnly?: boolean;
	/** `scan` goes without FTS5 even where the runtime has it. */
	fullText?: 'auto' | 'scan';
	/** `gzip` goes without zstd even where the runtime has it. */
	codec?: 'auto' | 'gzip';
	/** Bounds the file, in pages of 4,096 bytes. */
	maxPages?: number;
}

/**
 * Opens the ledger in a worker thread and returns at once: whatever is wrong with the file comes back as `LedgerError`
 * from the methods, and as health. Nothing here blocks the calling thread or throws into it.
 */
export function openLedger(options: LedgerOptions): LedgerClient {
	const file = options.file ?? join(options.directory ?? '', LEDGER_FILE);
	const workerOptions: WorkerOptions = {
		file,
		readOnly: options.readOnly ?? false,
		content: options.content ?? 'full',
		prices: options.prices,
		fullText: options.fullText ?? 'auto',
		codec: options.codec ?? 'auto',
		maxPages: options.maxPages ?? null,
	};
	return new LedgerClient(workerLink(options.workerPath, workerOptions), workerOptions, { patient: true });
}
