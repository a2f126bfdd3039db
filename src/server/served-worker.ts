import { type MessagePort, type Transferable, Worker } from 'node:worker_threads';
import type { ServerLog } from './local-server.ts';

/** A worker that dies is started again, but not one that dies twice within this time. */
const restartPauseMs = 60_000;
const reconnectMs = 500;
/** Enough for one body of the greatest size, decoded. */
const oldGenerationMb = 768;

/** Every worker of a server is told of the ledger like this, and tells when it has lost it. */
export interface LedgerMessage {
	type: 'ledger';
	/** A port that leads to the ledger's worker; another one when that was started again. */
	ledger: MessagePort;
}
export interface LedgerClosedMessage {
	type: 'ledgerClosed';
}

export interface ServedWorkerOptions {
	/** For logs: `OTLP`. */
	name: string;
	/** The worker's bundle: absolute path or file URL. */
	workerFile: string | URL;
	/** A new port whose other end the ledger's worker serves. Throws while the ledger is not open. */
	connectLedger(): MessagePort;
	log: ServerLog;
}

/**
 * A worker behind the server that reads what requests bring and has the ledger at hand. Started when it is first needed,
 * again when it died, and led to the ledger again when that was. Whoever made it disposes of it.
 */
export class ServedWorker<To extends { type: string }, From extends { type: string }> {
	readonly #options: ServedWorkerOptions;
	readonly #onMessage: (message: Exclude<From, LedgerClosedMessage>) => void;
	readonly #onGone: () => void;
	#worker: Worker | null = null;
	#startedAt = Number.NEGATIVE_INFINITY;
	#reconnect: NodeJS.Timeout | null = null;
	#disposed = false;

	/** `onGone`: what was asked of the worker will have no answer. */
	constructor(
		options: ServedWorkerOptions,
		onMessage: (message: Exclude<From, LedgerClosedMessage>) => void,
		onGone: () => void,
	) {
		this.#options = options;
		this.#onMessage = onMessage;
		this.#onGone = onGone;
	}

	/** Starts it if it must be. `false`: it died just now, or the ledger is not open. */
	ready(): boolean {
		if (this.#worker !== null) return true;
		if (this.#disposed || performance.now() - this.#startedAt < restartPauseMs) return false;
		let ledger: MessagePort;
		try {
			ledger = this.#options.connectLedger();
		} catch {
			return false;
		}
		this.#start(ledger);
		return true;
	}

	/** Nothing happens when the worker is gone. */
	send(message: To, transfer: readonly Transferable[] = []): void {
		this.#worker?.postMessage(message, transfer);
	}

	/** Ends the worker at once. */
	async dispose(): Promise<void> {
		this.#disposed = true;
		if (this.#reconnect !== null) clearTimeout(this.#reconnect);
		const worker = this.#worker;
		this.#worker = null;
		await worker?.terminate();
		if (worker !== null) this.#onGone();
	}

	#start(ledger: MessagePort): void {
		const { name, workerFile, log } = this.#options;
		this.#startedAt = performance.now();
		const worker = new Worker(workerFile, {
			name: `callmeter-${name.toLowerCase()}`,
			resourceLimits: { maxOldGenerationSizeMb: oldGenerationMb },
		});
		worker.unref();
		worker.on('message', (message: From) => {
			if (this.#worker !== worker) return;
			if (message.type === 'ledgerClosed') this.#connectAgain();
			else this.#onMessage(message as Exclude<From, LedgerClosedMessage>);
		});
		worker.on('error', (error) => log.warn(`The ${name} worker stopped: ${error.name}`));
		worker.on('exit', () => {
			if (this.#worker !== worker) return;
			this.#worker = null;
			this.#onGone();
		});
		this.#worker = worker;
		worker.postMessage({ type: 'ledger', ledger } satisfies LedgerMessage, [ledger]);
	}

	/** The ledger's worker is started again by its own client; the next port leads to that one. */
	#connectAgain(): void {
		if (this.#disposed || this.#reconnect !== null) return;
		this.#reconnect = setTimeout(() => {
			this.#reconnect = null;
			if (this.#worker === null) return;
			try {
				const ledger = this.#options.connectLedger();
				this.#worker.postMessage({ type: 'ledger', ledger } satisfies LedgerMessage, [ledger]);
			} catch {
				this.#connectAgain();
			}
		}, reconnectMs);
		this.#reconnect.unref();
	}
}
