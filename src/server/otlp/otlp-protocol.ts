import type { LedgerClosedMessage, LedgerMessage } from '../served-worker.ts';
import type { Encoding, Signal } from './wire.ts';

/** What is known of a request before its body. */
export interface RequestHead {
	signal: Signal;
	encoding: Encoding;
	gzip: boolean;
}

/** Extension host → OTLP worker. A request is a head, chunks and an end, or a head, chunks and a drop. */
export type ToOtlpWorker =
	| LedgerMessage
	| ({ type: 'head'; id: number } & RequestHead)
	| { type: 'chunk'; id: number; chunk: Uint8Array }
	| { type: 'end'; id: number }
	/** The client went away, or sent too much. */
	| { type: 'drop'; id: number };

/** What to answer to a request, and what it brought. */
export interface OtlpAnswer {
	status: number;
	body: Uint8Array;
	retryAfterSeconds: number | null;
	/** Calls that were new to the ledger. */
	calls: number;
	/** Records that tell of no call. */
	ignored: number;
	/** Records that tell of a call and could not be taken. */
	rejected: number;
}

/** OTLP worker → extension host. */
export type FromOtlpWorker = ({ type: 'answer'; id: number } & OtlpAnswer) | LedgerClosedMessage;
