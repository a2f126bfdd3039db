import { type MessagePort, Worker } from 'node:worker_threads';
import type { ServerLog } from '../local-server.ts';
import type { FromOtlpWorker, OtlpAnswer, RequestHead, ToOtlpWorker } from './otlp-protocol.ts';

export interface OtlpReceiverOptions {
	/** The worker's bundle: absolute path or file URL. */
	workerFile: string | URL;
	/** A new port whose other end the ledger's worker serves. Throws while the ledger is not open. */
	connectLedger(): MessagePort;
	log: ServerLog;
}

/** What was received since the start. */
export interface OtlpCounts {
	requests: number;
	/** Calls that were new to the ledger. */
	calls: number;
	/** Records that told of no call. */
	ignored: number;
	/** Records that told of a call and could not be taken. */
	rejected: number;
	/** When a call last came, epoch milliseconds. */
	lastSeenMs: number | null;
}

/** Bodies that may be under way at once, in bytes and in number. What comes on top is asked to come again. */
const maxBytesUnderWay = 64 << 20;
const maxRequestsUnderWay = 256;
/** A worker that dies is started again, but not one that dies twice within this time. */
const restartPauseMs = 60_000;
const reconnectMs = 500;
/** Enough for one body of the greatest size, decoded. */
const oldGenerationMb = 768;

/** One body on its way to the worker. */
export interface Delivery {
	/** Whether there was room for it; without, nothing else may be called. */
	write(chunk: Uint8Array): boolean;
	/** All is there. `null`: the worker is gone. */
	end(): Promise<OtlpAnswer | null>;
	drop(): void;
}

/** The host's face of the OTLP worker. Starts nothing until the first request; whoever made it disposes of it. */
export class OtlpReceiver {
	readonly #options: OtlpReceiverOptions;
	readonly #answers = new Map<number, (answer: OtlpAnswer | null) => void>();
	readonly #counts: OtlpCounts = { requests: 0, calls: 0, ignored: 0, rejected: 0, lastSeenMs: null };
	readonly #listeners = new Set<() => void>();
	#worker: Worker | null = null;
	#startedAt = Number.NEGATIVE_INFINITY;
	#reconnect: NodeJS.Timeout | null = null;
	#nextId = 1;
	#bytesUnderWay = 0;
	#requestsUnderWay = 0;
	#disposed = false;

	constructor(options: OtlpReceiverOptions) {
		this.#options = options;
	}

	get counts(): Readonly<OtlpCounts> {
		return this.#counts;
	}

	/** Called when `counts` changed. Returns the way to stop it. */
	onCounts(listener: () => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/** Begins to hand over a body. `busy`: too many are under way. `unavailable`: no worker, or no ledger. */
	deliver(head: RequestHead): Delivery | 'busy' | 'unavailable' {
		if (this.#requestsUnderWay >= maxRequestsUnderWay || this.#bytesUnderWay >= maxBytesUnderWay) return 'busy';
		const worker = this.#workerNow();
		if (worker === null) return 'unavailable';
		const id = this.#nextId++;
		let bytes = 0;
		this.#requestsUnderWay++;
		let isOver = false;
		const over = (): void => {
			if (isOver) return;
			isOver = true;
			this.#requestsUnderWay--;
			this.#bytesUnderWay -= bytes;
		};
		const send = (message: ToOtlpWorker, transfer: readonly ArrayBuffer[] = []) =>
			worker.postMessage(message, transfer);
		send({ type: 'head', id, ...head });
		return {
			write: (chunk) => {
				if (this.#bytesUnderWay + chunk.length > maxBytesUnderWay) return false;
				bytes += chunk.length;
				this.#bytesUnderWay += chunk.length;
				// A copy of its own: what the socket reads into is shared, and large.
				const own = new Uint8Array(chunk);
				send({ type: 'chunk', id, chunk: own }, [own.buffer]);
				return true;
			},
			end: () => this.#answerOf(worker, id, send).finally(over),
			drop: () => {
				send({ type: 'drop', id });
				over();
			},
		};
	}

	/** Ends the worker. What was not answered is sent again by its sender. */
	async dispose(): Promise<void> {
		this.#disposed = true;
		if (this.#reconnect !== null) clearTimeout(this.#reconnect);
		this.#listeners.clear();
		const worker = this.#worker;
		this.#worker = null;
		await worker?.terminate();
		this.#failAll();
	}

	#answerOf(worker: Worker, id: number, send: (message: ToOtlpWorker) => void): Promise<OtlpAnswer | null> {
		if (this.#worker !== worker) return Promise.resolve(null);
		return new Promise((resolve) => {
			this.#answers.set(id, resolve);
			send({ type: 'end', id });
		});
	}

	#workerNow(): Worker | null {
		if (this.#worker !== null || this.#disposed) return this.#worker;
		if (performance.now() - this.#startedAt < restartPauseMs) return null;
		let ledger: MessagePort;
		try {
			ledger = this.#options.connectLedger();
		} catch {
			return null;
		}
		this.#startedAt = performance.now();
		const worker = new Worker(this.#options.workerFile, {
			name: 'callmeter-otlp',
			resourceLimits: { maxOldGenerationSizeMb: oldGenerationMb },
		});
		worker.unref();
		worker.on('message', (message: FromOtlpWorker) => this.#handle(message));
		worker.on('error', (error) => this.#options.log.warn(`The OTLP worker stopped: ${error.name}`));
		worker.on('exit', () => {
			if (this.#worker !== worker) return;
			this.#worker = null;
			this.#failAll();
		});
		this.#worker = worker;
		worker.postMessage({ type: 'ledger', ledger } satisfies ToOtlpWorker, [ledger]);
		return worker;
	}

	#handle(message: FromOtlpWorker): void {
		if (message.type === 'ledgerClosed') {
			this.#connectAgain();
			return;
		}
		const answer = this.#answers.get(message.id);
		this.#answers.delete(message.id);
		this.#counts.requests++;
		this.#counts.calls += message.calls;
		this.#counts.ignored += message.ignored;
		this.#counts.rejected += message.rejected;
		if (message.calls > 0) this.#counts.lastSeenMs = Date.now();
		answer?.(message);
		for (const listener of this.#listeners) listener();
	}

	/** The ledger's worker is started again by its own client; the next port leads to that one. */
	#connectAgain(): void {
		if (this.#disposed || this.#reconnect !== null) return;
		this.#reconnect = setTimeout(() => {
			this.#reconnect = null;
			if (this.#worker === null) return;
			try {
				const ledger = this.#options.connectLedger();
				this.#worker.postMessage({ type: 'ledger', ledger } satisfies ToOtlpWorker, [ledger]);
			} catch {
				this.#connectAgain();
			}
		}, reconnectMs);
		this.#reconnect.unref();
	}

	#failAll(): void {
		const waiting = [...this.#answers.values()];
		this.#answers.clear();
		for (const answer of waiting) answer(null);
	}
}
