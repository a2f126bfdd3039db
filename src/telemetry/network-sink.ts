import { setTimeout as wait } from 'node:timers/promises';
import type { CompletionProperties } from '../core/completion-event.ts';
import { completionRecord, completionRequest } from './completion-record.ts';
import { type Backoff, defaultBackoff, retryDelayMs } from './deliver.ts';
import { type Batch, EventQueue } from './event-queue.ts';
import type { EventSpool } from './event-spool.ts';
import type { OtlpSender, SendResult } from './otlp-sender.ts';
import { type SinkCounts, type SinkLog, SinkReport } from './sink-report.ts';

type Sender = Pick<OtlpSender, 'send' | 'origin'>;

export interface NetworkSinkOptions {
	/** The queue on disk. */
	spool: EventSpool;
	/** Whom to send to, asked before each request; `null`: nobody at present, and what waits goes on waiting. */
	sender(): Promise<Sender | null>;
	log: SinkLog;
	limits?: Partial<typeof defaultLimits>;
	backoff?: Backoff;
}

const defaultLimits = {
	/** In one request. */
	batchRecords: 200,
	/** From the first event that waits to the request, in milliseconds. */
	batchDelayMs: 5_000,
	/** That wait in memory while the disk takes none. */
	memoryRecords: 1_000,
	/** Until it is asked again whether another window still sends, in milliseconds. */
	leaseRetryMs: 30_000,
	/** That `sender` may take, in milliseconds: the system may ask its user for leave to read keys. */
	senderMs: 60_000,
	/** What is on its way when the window closes may take so long, in milliseconds. */
	closeMs: 1_000,
};

/**
 * Brings `LLM Completion` events to an OTLP receiver: in batches, in order, over failures and restarts. Events go to disk
 * first; of the windows that share the folder one sends at a time (`Lease`). Each event is sent until it is taken or
 * refused; a receiver may see one twice only if its own answer got lost, with the same `log.record.uid`.
 *
 * Never throws, and waits for nothing on behalf of the caller: all its I/O is asynchronous.
 */
export class NetworkSink {
	readonly #options: NetworkSinkOptions;
	readonly #limits: typeof defaultLimits;
	readonly #report: SinkReport;
	readonly #queue: EventQueue;
	/** Ends with what was collected until telemetry was switched off. */
	#life = new AbortController();
	/** Ends a wait between attempts. */
	#pause = new AbortController();
	#draining: Promise<void> | null = null;
	/** Events since the last drain began. */
	#sinceSent = 0;
	/** Something may have come that the drain under way has not seen. */
	#again = false;
	#timer: { handle: NodeJS.Timeout; dueMs: number } | null = null;
	#closed = false;

	constructor(options: NetworkSinkOptions) {
		this.#options = options;
		this.#limits = { ...defaultLimits, ...options.limits };
		this.#report = new SinkReport(options.log);
		this.#queue = new EventQueue(options.spool, this.#limits, this.#report);
	}

	get counts(): Readonly<SinkCounts> {
		return this.#report.counts;
	}

	/** Takes an event; returns at once. */
	add(properties: CompletionProperties): void {
		if (this.#closed) return;
		this.#queue.add(completionRecord(properties, Date.now()));
		this.#sinceSent++;
		this.#schedule(this.#sinceSent >= this.#limits.batchRecords ? 0 : this.#limits.batchDelayMs);
	}

	/** Sends what an earlier window left, and what waits for a receiver or a key that has changed. */
	wake(): void {
		this.#pause.abort();
		this.#pause = new AbortController();
		this.#schedule(this.#limits.batchDelayMs);
	}

	/** Telemetry is off: stops what is on its way and deletes what waits, in memory at once, and on disk, of all windows. */
	async discard(): Promise<void> {
		this.#life.abort();
		this.#life = new AbortController();
		this.#unschedule();
		await this.#queue.clear();
	}

	/** Ends it: what has not been delivered is on disk when this resolves. */
	async close(): Promise<void> {
		this.#closed = true;
		this.#unschedule();
		this.#pause.abort();
		if (this.#draining !== null) {
			const enough = new AbortController();
			await Promise.race([this.#draining, sleep(this.#limits.closeMs, enough.signal)]);
			enough.abort();
			this.#life.abort();
			await this.#draining;
		}
		await this.#queue.flush();
	}

	#schedule(delayMs: number): void {
		const dueMs = performance.now() + delayMs;
		if (this.#closed || (this.#timer !== null && this.#timer.dueMs <= dueMs)) return;
		this.#unschedule();
		const handle = setTimeout(() => {
			this.#timer = null;
			this.#drain();
		}, delayMs);
		// Nothing stays open for telemetry's sake.
		handle.unref();
		this.#timer = { handle, dueMs };
	}

	#unschedule(): void {
		if (this.#timer !== null) clearTimeout(this.#timer.handle);
		this.#timer = null;
	}

	#drain(): void {
		this.#again = this.#draining !== null;
		if (this.#again) return;
		this.#sinceSent = 0;
		this.#draining = this.#send(this.#life.signal)
			.catch((error: unknown) => {
				this.#report.sendingFailed(error);
				this.#schedule(this.#limits.leaseRetryMs);
			})
			.finally(() => {
				this.#draining = null;
				if (this.#again) this.#schedule(this.#limits.batchDelayMs);
			});
	}

	async #send(life: AbortSignal): Promise<void> {
		await this.#queue.flush();
		const { lease, isAway } = await this.#queue.lease(life);
		if (isAway) this.#schedule(this.#limits.leaseRetryMs);
		try {
			let failures = 0;
			while (!life.aborted && !this.#closed) {
				if (lease !== null && !(await lease.isHeld())) return;
				const batch = await this.#queue.next(lease);
				if (batch === null) return;
				const result = await this.#attempt(batch, life);
				if (result === null || result.kind === 'aborted') return batch.putBack();
				if (result.kind === 'later') {
					failures++;
					batch.putBack();
					await this.#waitAfter(failures, result, life);
					continue;
				}
				failures = 0;
				await batch.remove();
				// What came in the meantime has a timer of its own.
				if (!batch.more) return;
			}
		} finally {
			await lease?.release();
		}
	}

	/** `null`: there is nobody to send to. */
	async #attempt({ records }: Batch, life: AbortSignal): Promise<SendResult | null> {
		let sender: Sender | null;
		try {
			const tooLong = AbortSignal.timeout(this.#limits.senderMs);
			sender = await unlessAborted(this.#options.sender(), AbortSignal.any([life, tooLong]));
		} catch {
			if (life.aborted) return { kind: 'aborted' };
			// Where keys are kept may be locked; what it says may hold one.
			return { kind: 'later', retryAfterMs: null, reason: 'the headers cannot be read' };
		}
		if (sender === null) return null;
		const result = await sender.send(completionRequest(records), 'application/json', life);
		this.#report.answered(result, records.length, sender.origin);
		return result;
	}

	async #waitAfter(failures: number, result: SendResult & { kind: 'later' }, life: AbortSignal): Promise<void> {
		const delayMs = retryDelayMs(failures, result.retryAfterMs, this.#options.backoff ?? defaultBackoff);
		this.#report.waits(failures, result.reason, delayMs);
		await sleep(delayMs, AbortSignal.any([life, this.#pause.signal]));
	}
}

/** Resolves after the time, or when the signal is given. */
async function sleep(delayMs: number, signal: AbortSignal): Promise<void> {
	await wait(delayMs, undefined, { signal, ref: false }).catch(() => undefined);
}

/** What a promise gives, unless the signal comes first: then it rejects, and nobody waits for the promise any more. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
	const { promise: aborted, reject } = Promise.withResolvers<never>();
	const stop = () => reject(signal.reason);
	signal.addEventListener('abort', stop, { once: true });
	if (signal.aborted) stop();
	try {
		return await Promise.race([promise, aborted]);
	} finally {
		signal.removeEventListener('abort', stop);
	}
}
