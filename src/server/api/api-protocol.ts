import type { LedgerClosedMessage, LedgerMessage } from '../served-worker.ts';

/** A request that may pass: its sender is known, and it is one that the API answers. */
export interface ApiRequest {
	method: 'GET' | 'POST';
	/** Below `/api`, query included, as it was sent. */
	path: string;
	/** The body is compressed. */
	gzip: boolean;
	/** Who sends it, by its user agent: our SDK, or any other program. */
	source: 'http' | 'sdk';
	/** What a stream was last told, by the header `Last-Event-ID`. */
	lastEventId: string | null;
}

/** Listening thread → API worker. A request is itself, chunks of its body, and an end; or a drop, at any time. */
export type ToApiWorker =
	| LedgerMessage
	| { type: 'about'; product: { version: string; instance: string } }
	| { type: 'request'; id: number; request: ApiRequest }
	| { type: 'chunk'; id: number; chunk: Uint8Array }
	| { type: 'end'; id: number }
	/** The client went away, or sent what is refused. */
	| { type: 'drop'; id: number }
	/** The client has taken the last part of its answer: room for the next. */
	| { type: 'taken'; id: number }
	/** No request comes any more. Streams end; what is under way is answered, and then `stopped` is told. */
	| { type: 'stop' };

/** API worker → listening thread. An answer, and where `more` is set parts of it and an end. */
export type FromApiWorker =
	| LedgerClosedMessage
	| {
			type: 'answer';
			id: number;
			status: number;
			headers: Record<string, string>;
			body: Uint8Array;
			more: boolean;
	  }
	| { type: 'part'; id: number; part: Uint8Array }
	| { type: 'done'; id: number }
	/** The rest of the answer will not come: its reader is too slow. */
	| { type: 'cut'; id: number }
	| { type: 'stopped' };
