import { EventEmitter } from 'node:events';
import { type MessagePort, Worker } from 'node:worker_threads';
import type {
	FromImportWorker,
	ImportSettings,
	LiveFactsBySource,
	SourceStatus,
	ToImportWorker,
} from './import-protocol.ts';
import type { LiveFacts } from './source.ts';

/** How long a stopping worker may take to hand over what it has read, in milliseconds. */
const stopMs = 2_000;

/** The first and the longest wait before the ledger's worker is asked for a new port, in milliseconds. */
const firstReconnectMs = 500;
const lastReconnectMs = 60_000;
/** Keeps what was read and handed over from piling up before it is collected: half the memory for a tenth more time. */
const youngGenerationMb = 16;

export interface ImportClientOptions {
	/** The worker's bundle: absolute path or file URL. */
	workerFile: string | URL;
	settings: ImportSettings;
	/** A new port whose other end the ledger's worker serves. Asked for again when the worker is started again. */
	connectLedger(): MessagePort;
	/** All that was seen of calls while they ran; asked whenever the worker is started. */
	live(): LiveFactsBySource;
	/** Never told any content. */
	log(level: 'info' | 'warn', message: string): void;
}

interface ImportClientEvents {
	/** Always the whole picture. */
	status: [sources: SourceStatus[]];
	/** Calls that were seen live and whose ends were read from records. */
	recorded: [source: string, callIds: string[]];
	/** The worker died a second time: nothing is imported until the next start of the extension. */
	failed: [];
	/** With `once`: all is read. */
	idle: [];
}

/** The host's face of the import worker. Starts nothing until `start`; whoever made it disposes of it. */
export class ImportClient {
	readonly #options: ImportClientOptions;
	readonly #events = new EventEmitter<ImportClientEvents>();
	#settings: ImportSettings;
	#worker: Worker | null = null;
	#restarted = false;
	#reconnect: NodeJS.Timeout | null = null;
	#reconnectMs = firstReconnectMs;
	#disposed = false;
	#status: SourceStatus[] = [];
	/** Live calls that were counted while no worker ran, by source. */
	readonly #uncounted = new Map<string, number>();

	constructor(options: ImportClientOptions) {
		this.#options = options;
		this.#settings = options.settings;
	}

	/** What is known of each source; empty before the worker has first told. */
	get status(): readonly SourceStatus[] {
		return this.#status;
	}

	/** When the backfill was cancelled, epoch milliseconds; for the host to keep over a restart. */
	get heldSinceMs(): number | null {
		return this.#settings.heldSinceMs;
	}

	/** Starts the worker; returns at once. */
	start(): void {
		if (this.#worker !== null || this.#disposed) return;
		const ledger = this.#options.connectLedger();
		const worker = new Worker(this.#options.workerFile, {
			name: 'callmeter-import',
			resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb },
		});
		worker.unref();
		worker.on('message', (message: FromImportWorker) => this.#handle(message));
		worker.on('error', (error) => this.#options.log('warn', `The import worker stopped: ${error.name}`));
		worker.on('exit', () => this.#exited(worker));
		this.#worker = worker;
		const start = { type: 'start', settings: this.#settings, ledger, live: this.#options.live() } as const;
		worker.postMessage(start satisfies ToImportWorker, [ledger]);
		for (const [source, calls] of this.#uncounted) this.#send({ type: 'live', source, facts: {}, calls });
		this.#uncounted.clear();
	}

	/** Hands on what was seen of calls; `calls` of them are in the ledger by that alone. */
	seenLive(source: string, facts: Readonly<Record<string, LiveFacts>>, calls: number): void {
		if (this.#worker !== null) this.#send({ type: 'live', source, facts, calls });
		else if (calls > 0) this.#uncounted.set(source, (this.#uncounted.get(source) ?? 0) + calls);
	}

	/** Changes what is imported, at once. */
	setSettings(settings: ImportSettings): void {
		this.#settings = settings;
		this.#send({ type: 'settings', settings });
	}

	/** Switches one source on or off. What it brought stays. */
	setSource(id: string, on: boolean): void {
		const others = this.#settings.off.filter((each) => each !== id);
		this.setSettings({ ...this.#settings, off: on ? others : [...others, id] });
	}

	/** Stops reading history. What comes from now on is still taken. */
	cancelBackfill(nowMs = Date.now()): void {
		if (this.#settings.heldSinceMs === null) this.setSettings({ ...this.#settings, heldSinceMs: nowMs });
	}

	/** Looks everywhere now, and takes up a cancelled backfill. */
	importNow(): void {
		if (this.#settings.heldSinceMs !== null) this.setSettings({ ...this.#settings, heldSinceMs: null });
		this.#send({ type: 'importNow' });
	}

	/** Returns the way to stop listening. */
	onStatus(listener: (sources: SourceStatus[]) => void): () => void {
		this.#events.on('status', listener);
		return () => this.#events.off('status', listener);
	}

	/** Returns the way to stop listening. */
	onRecorded(listener: (source: string, callIds: string[]) => void): () => void {
		this.#events.on('recorded', listener);
		return () => this.#events.off('recorded', listener);
	}

	onFailed(listener: () => void): () => void {
		this.#events.on('failed', listener);
		return () => this.#events.off('failed', listener);
	}

	/** With `once` among the settings: called when all is read. Returns the way to stop listening. */
	onIdle(listener: () => void): () => void {
		this.#events.on('idle', listener);
		return () => this.#events.off('idle', listener);
	}

	/** Stops the worker. What it had read and not handed over is read again next time. */
	async dispose(): Promise<void> {
		if (this.#disposed) return;
		this.#disposed = true;
		const worker = this.#worker;
		if (this.#reconnect !== null) clearTimeout(this.#reconnect);
		if (worker !== null) {
			const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
			const timer = setTimeout(() => void worker.terminate(), stopMs);
			this.#send({ type: 'stop' });
			await ended;
			clearTimeout(timer);
		}
		this.#events.removeAllListeners();
	}

	#send(message: ToImportWorker): void {
		this.#worker?.postMessage(message);
	}

	#handle(message: FromImportWorker): void {
		switch (message.type) {
			case 'status':
				if (message.sources.some(({ state }) => state === 'following')) this.#reconnectMs = firstReconnectMs;
				this.#status = message.sources;
				this.#events.emit('status', message.sources);
				return;
			case 'log':
				this.#options.log(message.level, message.message);
				return;
			case 'recorded':
				this.#events.emit('recorded', message.source, message.callIds);
				return;
			case 'ledgerClosed':
				this.#connectAgain();
				return;
			case 'idle':
				this.#events.emit('idle');
				return;
			case 'stopped':
				return;
		}
	}

	/** The ledger's worker is started again by its own client; the next port leads to that one. */
	#connectAgain(): void {
		if (this.#disposed || this.#reconnect !== null) return;
		this.#reconnect = setTimeout(() => {
			this.#reconnect = null;
			if (this.#worker === null) return;
			const ledger = this.#options.connectLedger();
			this.#worker.postMessage({ type: 'ledger', ledger } satisfies ToImportWorker, [ledger]);
		}, this.#reconnectMs);
		this.#reconnect.unref();
		this.#reconnectMs = Math.min(lastReconnectMs, this.#reconnectMs * 2);
	}

	#exited(worker: Worker): void {
		if (this.#worker === worker) this.#worker = null;
		if (this.#disposed) return;
		if (this.#restarted) {
			this.#options.log('warn', 'The import worker stopped again and stays off.');
			this.#events.emit('failed');
			return;
		}
		this.#restarted = true;
		this.#options.log('warn', 'The import worker stopped unexpectedly and is started again.');
		this.start();
	}
}
