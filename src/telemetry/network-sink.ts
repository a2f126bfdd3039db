import { setTimeout as wait } from 'node:timers/promises';
import type { CompletionProperties } from '../core/completion-event.ts';
import { type CompletionRecord, completionRecord, completionRequest } from './completion-record.ts';
import { type Backoff, defaultBackoff, retryDelayMs } from './deliver.ts';
import type { EventSpool } from './event-spool.ts';
import { Lease } from './lease.ts';
import type { OtlpSender, SendResult } from './otlp-sender.ts';

export interface NetworkSinkOptions {
	/** The queue on disk. */
	spool: EventSpool;
	/** Whom to send to, asked before each request; `null`: nobody at present, and what waits goes on waiting. */
	sender(): Promise<Pick<OtlpSender, 'send' | 'origin'> | null>;
	/** Gets sentences without content, keys and headers. */
	log: Record<'debug' | 'info' | 'warn', (message: string) => void>;
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
	/** What is on its way when the window closes may take so long, in milliseconds. */
	closeMs: 1_000,
};

/** Records that are to be sent next, and what to do with them afterwards. */
interface Batch {
	records: readonly CompletionRecord[];
	/** There are others behind these. */
	more: boolean;
	remove(): Promise<void>;
	putBack(): void;
}

/** What became of events, since this window began. */
export interface SinkCounts {
	delivered: number;
	/** Not taken by a receiver that took the request. */
	rejected: number;
	/** Dropped because the receiver does not want them. */
	refused: number;
	/** Dropped because too many waited. */
	dropped: number;
}

/**
 * Brings `LLM Completion` events to an OTLP receiver: in batches, in order, over failures and restarts. Events go to disk
 * first; of the windows that share the folder one sends at a time (`Lease`). Each event is sent until it is taken or
 * refused; a receiver may see one twice only if its own answer got lost, with the same `log.record.uid`.
 *
 * Never throws, and waits for nothing on behalf of the caller: all its I/O is asynchronous.
 */
export class NetworkSink {
	readonly counts: SinkCounts = { delivered: 0, rejected: 0, refused: 0, dropped: 0 };
	readonly #options: NetworkSinkOptions;
	readonly #limits: typeof defaultLimits;
	/** What is not on disk yet, oldest first. */
	#memory: CompletionRecord[] = [];
	/** Ends with what was collected until telemetry was switched off. */
	#life = new AbortController();
	/** Ends a wait between attempts. */
	#pause = new AbortController();
	/** Why the disk does not take events; `null`: it does. */
	#diskProblem: string | null = null;
	/** A batch from memory is on its way: nothing may overtake it onto the disk. */
	#memoryIsSent = false;
	#disk: Promise<unknown> = Promise.resolve();
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
	}

	/** Takes an event; returns at once. */
	add(properties: CompletionProperties): void {
		if (this.#closed) return;
		this.#memory.push(completionRecord(properties, Date.now()));
		const over = this.#memory.length - this.#limits.memoryRecords;
		if (over > 0) {
			this.#memory.splice(0, over);
			this.#dropped(over);
		}
		void this.#write();
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
		this.#memory = [];
		this.#unschedule();
		await this.#inTurn(() => this.#options.spool.clear()).catch((error: unknown) => {
			this.#options.log.warn(`Telemetry: the queue could not be deleted: ${reasonOf(error)}`);
		});
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
		await this.#write();
	}

	/** Moves what is in memory to disk. */
	#write(): Promise<void> {
		return this.#inTurn(async () => {
			const life = this.#life;
			while (this.#memory.length > 0 && !this.#memoryIsSent) {
				const records = this.#memory.splice(0, this.#limits.batchRecords);
				try {
					this.#dropped(await this.#options.spool.write(records));
					this.#diskProblem = null;
				} catch (error) {
					if (life === this.#life) this.#memory.unshift(...records);
					this.#diskFails(error);
					return;
				}
			}
		});
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
				this.#options.log.warn(`Telemetry: sending failed: ${reasonOf(error)}`);
				this.#schedule(this.#limits.leaseRetryMs);
			})
			.finally(() => {
				this.#draining = null;
				if (this.#again) this.#schedule(this.#limits.batchDelayMs);
			});
	}

	async #send(life: AbortSignal): Promise<void> {
		await this.#write();
		const lease = await this.#lease(life);
		try {
			let failures = 0;
			while (!life.aborted && !this.#closed) {
				if (lease !== null && !(await lease.isHeld())) return;
				const batch = await this.#next(lease);
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

	/** `null`: another window sends, or the disk does not let anyone tell. */
	async #lease(life: AbortSignal): Promise<Lease | null> {
		const { spool } = this.#options;
		try {
			return await this.#inTurn(async () => {
				if (life.aborted || (await spool.count()) === 0) return null;
				const lease = await Lease.take(spool.directory);
				if (lease === null) this.#schedule(this.#limits.leaseRetryMs);
				return lease;
			});
		} catch (error) {
			this.#diskFails(error);
			this.#schedule(this.#limits.leaseRetryMs);
			return null;
		}
	}

	/** What lies on disk is older than what it did not take. */
	async #next(lease: Lease | null): Promise<Batch | null> {
		const { batchRecords } = this.#limits;
		const spooled = lease === null ? null : await this.#options.spool.oldest(batchRecords);
		if (spooled !== null) return { ...spooled, putBack: () => undefined };
		// Else it is on its way to the disk, and from there to whoever may send.
		if (this.#diskProblem === null) return null;
		const life = this.#life;
		const records = this.#memory.splice(0, batchRecords);
		if (records.length === 0) return null;
		this.#memoryIsSent = true;
		const done = () => {
			this.#memoryIsSent = false;
		};
		const putBack = () => {
			done();
			if (life === this.#life) this.#memory.unshift(...records);
		};
		return { records, more: this.#memory.length > 0, remove: async () => done(), putBack };
	}

	/** `null`: there is nobody to send to. */
	async #attempt({ records }: Batch, life: AbortSignal): Promise<SendResult | null> {
		let sender: Awaited<ReturnType<NetworkSinkOptions['sender']>>;
		try {
			sender = await this.#options.sender();
		} catch {
			// Where keys are kept may be locked; what it says may hold one.
			return { kind: 'later', retryAfterMs: null, reason: 'the headers cannot be read' };
		}
		if (sender === null) return null;
		const result = await sender.send(completionRequest(records), 'application/json', life);
		this.#account(result, records.length, sender.origin);
		return result;
	}

	#account(result: SendResult, count: number, origin: string): void {
		const { log } = this.#options;
		if (result.kind === 'ok') {
			const rejected = Math.min(result.rejected, count);
			this.counts.rejected += rejected;
			this.counts.delivered += count - rejected;
			if (rejected < count) log.info(`Telemetry: ${events(count - rejected)} delivered to ${origin}`);
			const said = result.message === '' ? '' : ` It says: ${result.message}`;
			if (rejected > 0) log.warn(`Telemetry: ${origin} did not take ${rejected} of ${events(count)}.${said}`);
			else if (said !== '') log.warn(`Telemetry: ${origin} took ${events(count)}.${said}`);
		} else if (result.kind === 'refused') {
			this.counts.refused += count;
			log.warn(`Telemetry: ${origin} refused ${events(count)} (${result.reason}), which are dropped`);
		}
	}

	async #waitAfter(failures: number, result: SendResult & { kind: 'later' }, life: AbortSignal): Promise<void> {
		const delayMs = retryDelayMs(failures, result.retryAfterMs, this.#options.backoff ?? defaultBackoff);
		const next = `next attempt in ${Math.ceil(delayMs / 1000)} s`;
		this.#options.log[failures === 1 ? 'warn' : 'debug'](
			`Telemetry: events cannot be delivered at present (${result.reason}); they are kept, ${next}`,
		);
		await sleep(delayMs, AbortSignal.any([life, this.#pause.signal]));
	}

	#dropped(count: number): void {
		if (count === 0) return;
		const before = this.counts.dropped;
		this.counts.dropped += count;
		// The first is news, each single one after it is not.
		if (before !== 0 && Math.floor(before / 100) === Math.floor(this.counts.dropped / 100)) return;
		this.#options.log.warn(
			`Telemetry: too many events wait; the oldest are dropped (${this.counts.dropped} since this window was opened)`,
		);
	}

	#diskFails(error: unknown): void {
		const problem = reasonOf(error);
		if (this.#diskProblem !== problem) {
			this.#options.log.warn(`Telemetry: the queue cannot be kept on disk (${problem}); events wait in memory`);
		}
		this.#diskProblem = problem;
	}

	/** One disk operation after the other. */
	#inTurn<T>(work: () => Promise<T>): Promise<T> {
		const result = this.#disk.then(work);
		this.#disk = result.catch(() => undefined);
		return result;
	}
}

/** Resolves after the time, or when the signal is given. */
async function sleep(delayMs: number, signal: AbortSignal): Promise<void> {
	await wait(delayMs, undefined, { signal, ref: false }).catch(() => undefined);
}

function events(count: number): string {
	return count === 1 ? '1 event' : `${count} events`;
}

/** A code rather than a message, which would name a path. */
function reasonOf(error: unknown): string {
	if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
	return error instanceof Error ? error.message : String(error);
}
