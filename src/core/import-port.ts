import type { DraftInput } from './draft.ts';

/**
 * What the import worker and the ledger worker say to each other over a port of their own, so that records on their way
 * to the ledger do not pass through the extension host's thread.
 */

/** How far a unit of records was read. */
export interface StateEntry {
	/** The unit, unique within its source. */
	key: string;
	/** The importer's own, opaque to the ledger. */
	value: string;
	/** Calls that were new to the ledger. Saved: to add, for several windows may import at once. Loaded: the sum. */
	calls: number;
}

/** What became of one draft. */
export interface ImportReceipt {
	outcome: 'appended' | 'superseded' | 'unchanged' | 'rejected';
}

export type ImportRequest =
	/** Answered once the drafts are durable, with one receipt each, in order. */
	| { kind: 'record'; drafts: DraftInput[] }
	| { kind: 'sourceState'; source: string }
	/** Adds or replaces entries. */
	| { kind: 'saveSourceState'; source: string; entries: StateEntry[] };

export interface ImportReplies extends Record<ImportRequest['kind'], unknown> {
	record: ImportReceipt[];
	sourceState: StateEntry[];
	saveSourceState: null;
}

/** Import worker → ledger worker. */
export interface ToLedgerPort {
	id: number;
	request: ImportRequest;
}

/** Ledger worker → import worker. `reason` is one of the ledger's. */
export type FromLedgerPort =
	| { id: number; ok: true; value: ImportReplies[ImportRequest['kind']] }
	| { id: number; ok: false; reason: string };
