import type { DraftInput } from './draft.ts';

/**
 * What the import worker and the ledger worker say to each other over a port of their own, so that records on their way
 * to the ledger do not pass through the extension host's thread.
 */

/** A unit's state as its source's importer stores it: opaque text. */
export interface StateEntry {
	/** The unit, unique within its source. */
	key: string;
	value: string;
}

/** What became of one draft. */
export interface ImportReceipt {
	outcome: 'appended' | 'superseded' | 'unchanged' | 'rejected';
}

export type ImportRequest =
	/** Answered once the drafts are durable, with one receipt each, in order. */
	| { kind: 'record'; drafts: DraftInput[] }
	| { kind: 'sourceState'; source: string }
	/** Adds or replaces entries; answered once they are durable. */
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
