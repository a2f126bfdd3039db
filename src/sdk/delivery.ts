import { type EventInput, maxEventsAtOnce } from '../core/outside/event-input.ts';
import { CallmeterError } from './callmeter-error.ts';
import { type DiskQueue, type QueueFile, type QueueTarget, targetKey } from './disk-queue.ts';
import { eventJson } from './event-json.ts';
import { type PostOutcome, postEvents, type Way } from './post-events.ts';
import type { ServerConnection } from './server-connection.ts';
import type { ServerFinder } from './server-finder.ts';
import { asProblem, noServer, noToken } from './server-problem.ts';
import type { CallmeterStatus } from './types.ts';

/** Of one request. The server takes 16 MB. */
const maxBatchBytes = 4 << 20;
/** What waits in memory while a server answers; what is more goes to the queue. */
const maxPendingBytes = 16 << 20;
/** How long events are gathered that go to the queue, ms: one file for many calls. */
const gatherMs = 20;
/** How long newer events wait while older ones are delivered from the queue, ms. */
const heedMs = 250;
const firstRetryMs = 1_000;
const longestRetryMs = 30_000;
/** When events that another program has left for another server are tried again, ms. */
const othersRetryMs = 30_000;

/** Events that belong together and go in one request. */
interface Submission {
	events: readonly string[];
	bytes: number;
	/** Server or queue has them, or `error` says why not. */
	settle(error: CallmeterError | null): void;
}

export interface DeliveryOptions {
	finder: ServerFinder;
	/** `null`: what no server takes is lost. */
	queue: DiskQueue | null;
	folder: string;
	/** The server that was named, if one was. */
	url: string | undefined;
	/** Never throws. */
	onProblem(problem: CallmeterError): void;
}

/**
 * Brings events to the server, in order, in batches; what it does not take waits in the queue on disk and is delivered
 * later, with growing pauses between attempts. Sending the same twice changes nothing: events have ids.
 */
export class Delivery {
	readonly #options: DeliveryOptions;
	readonly #target: QueueTarget;
	readonly #way: Way = { connect: () => this.connect(), forget: () => this.forget() };
	#connection: Promise<ServerConnection | null> | null = null;
	#server: string | null = null;
	#pending: Submission[] = [];
	#pendingBytes = 0;
	/** Handed to the server or to the file system, and not yet taken. */
	readonly #underWay = new Set<Submission>();
	#pump: Promise<void> | null = null;
	/** What waits on disk should be looked at. */
	#lookAtQueue = true;
	/** Events of this client wait on disk: newer ones must not pass them. */
	#queued = false;
	#retryMs = firstRetryMs;
	#retryAtMs = 0;
	#retry: { dueMs: number; timer: NodeJS.Timeout } | null = null;
	#closed = false;
	#counts = { delivered: 0, dropped: 0, refused: 0 };
	#lastProblem: CallmeterError | null = null;

	constructor(options: DeliveryOptions) {
		this.#options = options;
		this.#target = options.url === undefined ? { folder: options.folder } : { url: options.url };
	}

	/** Resolves when server or queue has the events. Rejects with `CallmeterError` when neither takes them. */
	submit(events: readonly EventInput[]): Promise<void> {
		const texts = events.map(eventJson);
		const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
		const settled = new Promise<void>((resolve, reject) => {
			const settle = (error: CallmeterError | null) => (error === null ? resolve() : reject(error));
			this.#pending.push({ events: texts, bytes, settle });
		});
		this.#pendingBytes += bytes;
		// Who does not wait for it must not fall over it: `onProblem` hears of it.
		settled.catch(() => undefined);
		if (this.#pendingBytes > maxPendingBytes) this.#setAside();
		this.#start();
		return settled;
	}

	/** Whether there is anything that neither server nor queue has. */
	get idle(): boolean {
		return this.#pending.length === 0 && this.#underWay.size === 0;
	}

	/** Tries to deliver everything now, what waits on disk included. Never rejects. */
	async flush(): Promise<void> {
		// Not what is handed in meanwhile, which might never end.
		const newest = this.#pending.at(-1);
		await this.#pump;
		this.#retryAtMs = 0;
		this.#lookAtQueue = true;
		do {
			this.#start();
			await this.#pump;
		} while (newest !== undefined && (this.#pending.includes(newest) || this.#underWay.has(newest)));
	}

	/**
	 * The server; `null`: there is none. Rejects with `ConnectionError` when it does not answer, and with
	 * `CallmeterError` when its token is not known.
	 */
	connect(): Promise<ServerConnection | null> {
		if (this.#connection === null) {
			const connection = this.#find();
			this.#connection = connection;
			const forget = () => {
				if (this.#connection === connection) this.#connection = null;
			};
			connection.then((found) => found ?? forget(), forget);
		}
		return this.#connection;
	}

	/** The server does not answer as it should: whoever asks next looks again. */
	forget(): void {
		this.#connection?.then((connection) => connection?.close()).catch(() => undefined);
		this.#connection = null;
	}

	status(): CallmeterStatus {
		const { queue } = this.#options;
		const { delivered, dropped, refused } = this.#counts;
		const problem = this.#lastProblem;
		return {
			server: this.#server,
			pending: eventsOf([...this.#underWay, ...this.#pending]).length,
			waiting: queue?.totals() ?? { events: 0, bytes: 0 },
			delivered,
			dropped: dropped + (queue?.dropped ?? 0),
			refused,
			lastProblem: problem && { reason: problem.reason, message: problem.message },
		};
	}

	/** Ends timers and connections. What is still in memory goes to the queue. */
	close(): void {
		this.#closed = true;
		clearTimeout(this.#retry?.timer);
		this.saveNow();
		this.forget();
	}

	/** For a process that ends: what no one has taken yet goes to disk, at once. */
	saveNow(): void {
		const left = [...this.#underWay, ...this.#pending];
		this.#pending = [];
		this.#pendingBytes = 0;
		for (const batch of inBatches(left)) {
			const problem = this.#enqueueNow(batch);
			for (const submission of batch) this.#settle(submission, problem);
		}
	}

	#start(): void {
		this.#pump ??= this.#run().finally(() => {
			this.#pump = null;
			if (this.#pending.length > 0) this.#start();
		});
	}

	/** One batch, and one look at the queue: neither waits for the other for ever. */
	async #run(): Promise<void> {
		// What is handed in at the same moment goes together.
		await new Promise((resolve) => setImmediate(resolve));
		await this.#deliverBatch();
		if (this.#lookAtQueue && this.#mayTry() && !this.#closed) await this.#deliverQueue();
	}

	async #deliverBatch(): Promise<void> {
		if (this.#pending.length === 0) return;
		if (this.#queued || !this.#mayTry()) {
			await new Promise((resolve) => setTimeout(resolve, gatherMs));
			await this.#enqueue(this.#take());
		} else await this.#send(this.#take());
	}

	#mayTry(): boolean {
		return Date.now() >= this.#retryAtMs;
	}

	/** The next submissions that fit into one request. */
	#take(): Submission[] {
		const [batch = []] = inBatches(this.#pending);
		this.#pending = this.#pending.slice(batch.length);
		for (const submission of batch) {
			this.#pendingBytes -= submission.bytes;
			this.#underWay.add(submission);
		}
		return batch;
	}

	/** Too much waits in memory for an answer that does not come. */
	#setAside(): void {
		while (this.#pending.length > 0) void this.#enqueue(this.#take());
	}

	#settle(submission: Submission, error: CallmeterError | null): void {
		this.#underWay.delete(submission);
		submission.settle(error);
	}

	async #send(batch: readonly Submission[]): Promise<void> {
		const outcome = await this.#post(eventsOf(batch), this.#way);
		if (outcome === null) return this.#enqueue(batch);
		let at = 0;
		for (const submission of batch) {
			const end = at + submission.events.length;
			const wrong = outcome.slice(at, end).find((each) => each !== null) ?? null;
			this.#settle(submission, wrong === null ? null : new CallmeterError('refused', refusal(wrong)));
			at = end;
		}
	}

	async #enqueue(batch: readonly Submission[]): Promise<void> {
		// The process was about to end, and it is on disk already.
		const left = batch.filter((submission) => this.#underWay.has(submission));
		if (left.length === 0) return;
		const { queue } = this.#options;
		let problem: CallmeterError | null = null;
		try {
			if (queue === null) throw new CallmeterError('unavailable', noServer);
			await queue.add({ target: this.#target, events: eventsOf(left) });
			this.#isQueued();
		} catch (error) {
			problem = this.#drop(left, error);
		}
		for (const submission of left) this.#settle(submission, problem);
	}

	#enqueueNow(batch: readonly Submission[]): CallmeterError | null {
		const { queue } = this.#options;
		try {
			if (queue === null) throw new CallmeterError('unavailable', noServer);
			queue.addNow({ target: this.#target, events: eventsOf(batch) });
			this.#isQueued();
			return null;
		} catch (error) {
			return this.#drop(batch, error);
		}
	}

	#isQueued(): void {
		this.#queued = true;
		this.#retryLater();
	}

	#drop(batch: readonly Submission[], error: unknown): CallmeterError {
		this.#counts.dropped += eventsOf(batch).length;
		const problem = asProblem(error);
		this.#report(problem);
		return problem;
	}

	/** Delivers what waits on disk, the oldest first, each batch to the server that it waits for. */
	async #deliverQueue(): Promise<void> {
		const { queue } = this.#options;
		const lock = (queue?.files().length ?? 0) === 0 ? undefined : queue?.lock();
		this.#lookAtQueue = false;
		if (queue === null || lock === undefined) {
			this.#queued = false;
			return;
		}
		// Another program delivers them. Its lock may be a dead one's: look again later.
		if (lock === null) return this.#retryLater();
		const own = targetKey(this.#target);
		const ways = new Map([[own, this.#way]]);
		const down = new Set<string>();
		// Of all rounds: what a server that is down leaves lying would else be looked at for ever, without a pause.
		const seen = new Set<string>();
		let heededMs = Date.now();
		try {
			// What is added meanwhile is delivered as well.
			for (let files = queue.files(); files.length > 0; ) {
				for (const file of files) {
					if (this.#closed) return;
					lock.touch();
					await this.#deliverFile(queue, file, ways, down);
					// Who waits for newer events does not wait for all that is old, and yet makes less than is delivered.
					if (this.#queued && Date.now() - heededMs < heedMs) continue;
					heededMs = Date.now();
					await this.#deliverBatch();
				}
				for (const { name } of files) seen.add(name);
				files = queue.files().filter(({ name }) => !seen.has(name));
			}
		} finally {
			lock.release();
			for (const way of ways.values()) if (way !== this.#way) way.forget();
		}
		this.#queued = down.has(own);
		if (down.size > 0) this.#retryLater(this.#queued ? 0 : othersRetryMs);
	}

	async #deliverFile(queue: DiskQueue, file: QueueFile, ways: Map<string, Way>, down: Set<string>): Promise<void> {
		if (down.has(file.target)) return;
		const batch = await queue.read(file);
		if (batch === null) return queue.remove(file);
		const way = ways.get(file.target) ?? this.#wayTo(batch.target);
		ways.set(file.target, way);
		const outcome = await this.#post(batch.events, way);
		if (outcome === null) down.add(file.target);
		else queue.remove(file);
	}

	/** To the server of events that another program has left. */
	#wayTo(target: QueueTarget): Way {
		// Who named a server for these has its token, and no one else; and who named one for his own knows no other.
		if ('url' in target || 'url' in this.#target) return { connect: async () => null, forget: () => undefined };
		let connection: ServerConnection | null = null;
		return {
			connect: async () => {
				if (connection !== null) return connection;
				const found = await this.#options.finder.find(target.folder);
				connection = 'connection' in found ? found.connection : null;
				return connection;
			},
			forget: () => {
				connection?.close();
				connection = null;
			},
		};
	}

	/** @returns what became of each event: taken (`null`), or what is wrong with it; `null`: the server cannot be had */
	async #post(events: readonly string[], way: Way): Promise<readonly (string | null)[] | null> {
		const outcome = await postEvents(events, way);
		if (outcome.kind === 'taken') {
			const wrong = outcome.wrong.filter((each) => each !== null);
			this.#counts.delivered += events.length - wrong.length;
			this.#counts.refused += wrong.length;
			if (wrong[0] !== undefined) this.#report(new CallmeterError('refused', refusal(wrong[0])));
		}
		// That others' servers do not run is no problem of this client.
		if (way === this.#way) this.#learn(outcome);
		return outcome.kind === 'taken' ? outcome.wrong : null;
	}

	/** How this client's own server does. */
	#learn(outcome: PostOutcome): void {
		if (outcome.kind === 'taken') {
			this.#server = outcome.url;
			this.#retryMs = firstRetryMs;
			this.#retryAtMs = 0;
			return;
		}
		this.#report(outcome.problem);
		this.#retryAtMs = Math.max(this.#retryAtMs, Date.now() + Math.max(outcome.afterMs, this.#retryMs));
		this.#retryMs = Math.min(longestRetryMs, this.#retryMs * 2);
	}

	/** Keeps no process alive. */
	#retryLater(atLeastMs = firstRetryMs): void {
		// Programs that lost the same server do not all come back in the same moment.
		const spread = 1 + Math.random() / 4;
		const waitMs = Math.max(atLeastMs, firstRetryMs, this.#retryAtMs - Date.now()) * spread;
		const dueMs = Date.now() + waitMs;
		// An earlier attempt stands: events that go on coming must not put it off.
		if (this.#closed || (this.#retry !== null && this.#retry.dueMs <= dueMs)) return;
		clearTimeout(this.#retry?.timer);
		this.#retry = { dueMs, timer: setTimeout(() => this.#retryNow(), waitMs).unref() };
	}

	#retryNow(): void {
		this.#retry = null;
		// The server may have asked for more time since.
		if (this.#mayTry()) {
			this.#lookAtQueue = true;
			this.#start();
		} else this.#retryLater();
	}

	async #find(): Promise<ServerConnection | null> {
		const found = await this.#options.finder.find(this.#options.folder);
		if ('connection' in found) return found.connection;
		if (found.missing === 'noToken') throw new CallmeterError('unauthorized', noToken);
		return null;
	}

	#report(problem: CallmeterError): void {
		this.#lastProblem = problem;
		this.#options.onProblem(problem);
	}
}

function refusal(why: string): string {
	return `Callmeter refused a call: ${why}`;
}

function eventsOf(batch: readonly Submission[]): string[] {
	return batch.flatMap(({ events }) => events);
}

/** Submissions stay whole; one that is too large goes alone. */
function inBatches(submissions: readonly Submission[]): Submission[][] {
	const batches: Submission[][] = [];
	let [count, size] = [0, 0];
	for (const submission of submissions) {
		const { events, bytes } = submission;
		const last = batches.at(-1);
		if (last === undefined || count + events.length > maxEventsAtOnce || size + bytes > maxBatchBytes) {
			batches.push([submission]);
			[count, size] = [events.length, bytes];
		} else {
			last.push(submission);
			count += events.length;
			size += bytes;
		}
	}
	return batches;
}
