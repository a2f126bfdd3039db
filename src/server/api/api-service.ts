import { ServedWorker, type ServedWorkerOptions } from '../served-worker.ts';
import type { ApiRequest, FromApiWorker, ToApiWorker } from './api-protocol.ts';

/** Bodies that may be under way at once, in bytes and in number. What comes on top is asked to come again. */
const maxBytesUnderWay = 64 << 20;
const maxRequestsUnderWay = 256;
/** How long a stopping worker may take for what it has, in milliseconds. */
const stopMs = 3_000;

/** Takes the answer to one request: `begin`, then, if there is more, parts until `end`. Or `fail`, at any time. */
export interface AnswerSink {
	begin(status: number, headers: Readonly<Record<string, string>>, body: Uint8Array, more: boolean): void;
	/** Calls `taken` when the client has room for more. */
	part(part: Uint8Array, taken: () => void): void;
	end(): void;
	/** The worker is gone, or gave up on this client. */
	fail(): void;
}

/** One request on its way to the worker. */
export interface ApiDelivery {
	/** Whether there was room for it. Takes a copy. */
	write(chunk: Uint8Array): boolean;
	/** All is there. */
	end(): void;
	/** The client is gone, or its body is refused. The sink hears nothing any more. */
	drop(): void;
}

interface UnderWay {
	sink: AnswerSink;
	bytes: number;
	/** Streams last as long as they like, and take up none of the room for requests. */
	streams: boolean;
}

/** The listening thread's face of the API worker. Starts nothing until the first request; whoever made it stops it. */
export class ApiService {
	readonly #worker: ServedWorker<ToApiWorker, FromApiWorker>;
	readonly #underWay = new Map<number, UnderWay>();
	readonly #about: { version: string; instance: string };
	#nextId = 1;
	#bytes = 0;
	#requests = 0;
	#stopped: (() => void) | null = null;
	#introduced = false;

	constructor(options: ServedWorkerOptions, about: { version: string; instance: string }) {
		this.#about = about;
		this.#worker = new ServedWorker(
			options,
			(message) => this.#receive(message),
			() => this.#failAll(),
		);
	}

	/** Requests and streams that have not ended. */
	get underWay(): number {
		return this.#underWay.size;
	}

	/** Begins to hand over a request. `busy`: too many are under way. `unavailable`: no worker, or no ledger. */
	deliver(request: ApiRequest, sink: AnswerSink): ApiDelivery | 'busy' | 'unavailable' {
		if (this.#requests >= maxRequestsUnderWay || this.#bytes >= maxBytesUnderWay) return 'busy';
		if (!this.#worker.ready()) return 'unavailable';
		if (!this.#introduced) this.#worker.send({ type: 'about', product: this.#about });
		this.#introduced = true;
		const id = this.#nextId++;
		const underWay: UnderWay = { sink, bytes: 0, streams: false };
		this.#underWay.set(id, underWay);
		this.#requests++;
		this.#worker.send({ type: 'request', id, request });
		return {
			write: (chunk) => {
				if (this.#bytes + chunk.length > maxBytesUnderWay) return false;
				underWay.bytes += chunk.length;
				this.#bytes += chunk.length;
				// A copy of its own: what the socket reads into is shared, and large.
				const own = new Uint8Array(chunk);
				this.#worker.send({ type: 'chunk', id, chunk: own }, [own.buffer]);
				return true;
			},
			end: () => this.#worker.send({ type: 'end', id }),
			drop: () => {
				if (this.#over(id) !== null) this.#worker.send({ type: 'drop', id });
			},
		};
	}

	/** Ends all streams. What else is under way goes on. */
	endStreams(): void {
		this.#worker.send({ type: 'stop' });
	}

	/** Lets the worker finish what it has, and ends it. */
	async stop(): Promise<void> {
		if (this.#underWay.size > 0) {
			const { promise, resolve } = Promise.withResolvers<void>();
			this.#stopped = resolve;
			const timer = setTimeout(resolve, stopMs);
			this.#worker.send({ type: 'stop' });
			await promise;
			clearTimeout(timer);
		}
		await this.#worker.dispose();
	}

	#receive(message: Exclude<FromApiWorker, { type: 'ledgerClosed' }>): void {
		if (message.type === 'stopped') {
			this.#stopped?.();
			return;
		}
		const { id } = message;
		const underWay = this.#underWay.get(id);
		if (underWay === undefined) return;
		switch (message.type) {
			case 'answer':
				if (message.more) this.#free(underWay);
				else this.#over(id);
				underWay.sink.begin(message.status, message.headers, message.body, message.more);
				return;
			case 'part':
				underWay.sink.part(message.part, () => this.#worker.send({ type: 'taken', id }));
				return;
			case 'done':
				this.#over(id);
				underWay.sink.end();
				return;
			case 'cut':
				this.#over(id);
				underWay.sink.fail();
		}
	}

	#over(id: number): UnderWay | null {
		const underWay = this.#underWay.get(id);
		if (underWay === undefined) return null;
		this.#underWay.delete(id);
		this.#free(underWay);
		return underWay;
	}

	/** Its body has been read. */
	#free(underWay: UnderWay): void {
		if (underWay.streams) return;
		underWay.streams = true;
		this.#requests--;
		this.#bytes -= underWay.bytes;
	}

	#failAll(): void {
		this.#introduced = false;
		this.#stopped?.();
		for (const id of [...this.#underWay.keys()]) this.#over(id)?.sink.fail();
	}
}
