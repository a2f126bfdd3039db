import { ServedWorker, type ServedWorkerOptions } from '../served-worker.ts';
import type { FromOtlpWorker, OtlpAnswer, RequestHead, ToOtlpWorker } from './otlp-protocol.ts';

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
	readonly #worker: ServedWorker<ToOtlpWorker, FromOtlpWorker>;
	readonly #answers = new Map<number, (answer: OtlpAnswer | null) => void>();
	readonly #counts: OtlpCounts = { requests: 0, calls: 0, ignored: 0, rejected: 0, lastSeenMs: null };
	readonly #listeners = new Set<() => void>();
	#nextId = 1;
	#bytesUnderWay = 0;
	#requestsUnderWay = 0;
	/** Grows with each worker that is gone: what was handed to one is not asked of the next. */
	#generation = 0;

	constructor(options: Omit<ServedWorkerOptions, 'name'>) {
		this.#worker = new ServedWorker(
			{ ...options, name: 'OTLP' },
			(message) => this.#handle(message),
			() => this.#failAll(),
		);
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
		if (!this.#worker.ready()) return 'unavailable';
		const generation = this.#generation;
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
		this.#worker.send({ type: 'head', id, ...head });
		return {
			write: (chunk) => {
				if (this.#bytesUnderWay + chunk.length > maxBytesUnderWay) return false;
				bytes += chunk.length;
				this.#bytesUnderWay += chunk.length;
				// A copy of its own: what the socket reads into is shared, and large.
				const own = new Uint8Array(chunk);
				this.#worker.send({ type: 'chunk', id, chunk: own }, [own.buffer]);
				return true;
			},
			end: () => this.#answerOf(generation, id).finally(over),
			drop: () => {
				this.#worker.send({ type: 'drop', id });
				over();
			},
		};
	}

	/** Ends the worker. What was not answered is sent again by its sender. */
	async dispose(): Promise<void> {
		this.#listeners.clear();
		await this.#worker.dispose();
	}

	#answerOf(generation: number, id: number): Promise<OtlpAnswer | null> {
		if (this.#generation !== generation) return Promise.resolve(null);
		return new Promise((resolve) => {
			this.#answers.set(id, resolve);
			this.#worker.send({ type: 'end', id });
		});
	}

	#handle(message: Extract<FromOtlpWorker, { type: 'answer' }>): void {
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

	#failAll(): void {
		this.#generation++;
		const waiting = [...this.#answers.values()];
		this.#answers.clear();
		for (const answer of waiting) answer(null);
	}
}
