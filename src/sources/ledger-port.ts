import type { MessagePort } from 'node:worker_threads';
import type { DraftInput } from '../core/draft.ts';
import type {
	FromLedgerPort,
	ImportReceipt,
	ImportReplies,
	ImportRequest,
	StateEntry,
	ToLedgerPort,
} from '../core/import-port.ts';
import type { ImportSink } from './outbox.ts';

/** The ledger did not do what it was asked. `reason` is one of its own, or `closed` when the port is. */
export class LedgerPortError extends Error {
	readonly reason: string;
	constructor(reason: string) {
		super(`The ledger refused: ${reason}`);
		this.name = 'LedgerPortError';
		this.reason = reason;
	}
}

/**
 * The ledger as the import worker sees it: a port that leads to the ledger's own worker. When that is started anew, the
 * port closes and another one takes its place; what was asked in between is refused as `closed`.
 */
export class LedgerPort implements ImportSink {
	readonly #onClosed: () => void;
	readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: LedgerPortError): void }>();
	#port: MessagePort | null = null;
	#nextId = 0;

	constructor(port: MessagePort, onClosed: () => void) {
		this.#onClosed = onClosed;
		this.connect(port);
	}

	connect(port: MessagePort): void {
		this.#port = port;
		port.on('message', (reply: FromLedgerPort) => {
			const waiting = this.#waiting.get(reply.id);
			this.#waiting.delete(reply.id);
			if (reply.ok) waiting?.resolve(reply.value);
			else waiting?.reject(new LedgerPortError(reply.reason));
		});
		port.on('close', () => {
			if (this.#port !== port) return;
			this.#fail();
			this.#onClosed();
		});
	}

	record(drafts: DraftInput[]): Promise<ImportReceipt[]> {
		return this.#ask({ kind: 'record', drafts });
	}

	sourceState(source: string): Promise<StateEntry[]> {
		return this.#ask({ kind: 'sourceState', source });
	}

	async saveSourceState(source: string, entries: StateEntry[]): Promise<void> {
		await this.#ask({ kind: 'saveSourceState', source, entries });
	}

	close(): void {
		const port = this.#port;
		this.#fail();
		port?.close();
	}

	#ask<K extends ImportRequest['kind']>(request: Extract<ImportRequest, { kind: K }>): Promise<ImportReplies[K]> {
		const port = this.#port;
		if (port === null) return Promise.reject(new LedgerPortError('closed'));
		const id = this.#nextId++;
		return new Promise((resolve, reject) => {
			// The reply to a request has the value of its kind: `ImportReplies` on both sides.
			this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
			port.postMessage({ id, request } satisfies ToLedgerPort);
		});
	}

	#fail(): void {
		this.#port = null;
		for (const { reject } of this.#waiting.values()) reject(new LedgerPortError('closed'));
		this.#waiting.clear();
	}
}
