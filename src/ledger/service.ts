import type { MessagePort } from 'node:worker_threads';
import type { Draft } from '../core/draft.ts';
import { FileJobs } from './file-jobs.ts';
import type { LedgerError, LedgerErrorReason, LedgerNews } from './ledger.ts';
import { HEARTBEAT_MS } from './presence.ts';
import type { Recorded } from './recorder.ts';
import { serveImportPort } from './serve-import-port.ts';
import { ledgerError, toLedgerError } from './sqlite-error.ts';
import { LedgerStore } from './store.ts';
import type { FromWorker, Method, Operations, ToWorker, WorkerHealth, WorkerOptions } from './worker-protocol.ts';

const WRITES: ReadonlySet<Method> = new Set(['record', 'erase', 'erasable', 'saveSourceState']);
const READS: ReadonlySet<Method> = new Set([
	'calls',
	'call',
	'servedBy',
	'costs',
	'sessions',
	'totals',
	'byModel',
	'series',
	'search',
]);

/** Where answers go. */
type Send = (message: FromWorker) => void;

/** These tell of one request, not of the ledger's condition. */
const ONE_REQUEST: ReadonlySet<LedgerErrorReason> = new Set(['badInput', 'internal']);
const CANNOT_WRITE: ReadonlySet<LedgerErrorReason> = new Set(['readOnly', 'diskFull', 'locked', 'newerVersion']);

/** How often a listener's ledger is looked at for what other windows wrote. Reads a counter, no page. */
const POLL_MS = 150;
/** How often calls of vanished processes are looked for. */
const INTERRUPTED_MS = 30_000;

/**
 * Answers the host's requests, one at a time. Opens the file when it is first needed, and again when it was not to be
 * had or turned out damaged; tells of commits, its own at once and other windows' within `POLL_MS`.
 */
export class LedgerService {
	readonly #options: WorkerOptions;
	/** The host, which opened the ledger and closes it. */
	readonly #host: Send;
	/** The host, and other threads with a port of their own. */
	readonly #clients = new Set<Send>();
	/** Those of them that listen to news. */
	readonly #watchers = new Set<Send>();
	readonly #timers: NodeJS.Timeout[] = [];
	readonly #files: FileJobs;
	readonly #operations: Operations;
	#store: LedgerStore | null = null;
	#trust: 'full' | 'suspect' | 'condemned' = 'full';
	/** What failed last and has not worked since. That something can be read says nothing of writing. */
	#failure: { reason: LedgerErrorReason; message: string; atWriting: boolean } | null = null;
	#setAside: string | null = null;
	#poll: NodeJS.Timeout | null = null;
	#seen = { dataVersion: -1, revision: -1 };

	constructor(options: WorkerOptions, send: Send) {
		this.#options = { ...options };
		this.#host = send;
		this.#clients.add(send);
		this.#files = new FileJobs({
			writable: () => this.#writable(),
			content: () => this.#options.content,
			changed: (revision) => this.#sendNews({ revision, started: [], completed: [] }),
		});
		this.#operations = this.#makeOperations();
		this.#every(HEARTBEAT_MS, () => this.#store?.beat());
		this.#every(INTERRUPTED_MS, () => this.#endInterrupted());
		try {
			this.#opened();
		} catch {
			// Told as health, and tried again with the next request.
		}
	}

	/** Answers a request of the host, or of another thread. */
	handle(request: ToWorker, send: Send = this.#host): void {
		if (request.method === 'verify') this.#verify(send, request.id, ...request.args);
		else if (request.method === 'watch') this.#reply(send, request.id, () => this.#watch(send, ...request.args));
		else this.#reply(send, request.id, () => this.#answer(request));
	}

	#reply(send: Send, id: number, answer: () => ReturnType<Operations[Method]>): void {
		try {
			send({ type: 'reply', id, ok: true, value: answer() });
		} catch (error) {
			const { reason, message } = toLedgerError(error, this.#options.file);
			send({ type: 'reply', id, ok: false, error: { reason, message } });
		}
	}

	#connect(port: MessagePort): void {
		const send: Send = (message) => port.postMessage(message);
		this.#clients.add(send);
		port.on('message', (request: ToWorker) => {
			if (request.method !== 'close') return this.handle(request, send);
			send({ type: 'reply', id: request.id, ok: true, value: null });
			port.close();
		});
		port.on('close', () => {
			this.#clients.delete(send);
			this.#watch(send, false);
		});
		// Another thread alone does not keep the ledger's running.
		port.unref();
	}

	#sendNews(news: LedgerNews): void {
		for (const send of this.#watchers) send({ type: 'news', news });
	}

	#sendHealth(): void {
		const health = this.#health();
		for (const send of this.#clients) send({ type: 'health', health });
	}

	/** A session at a time, letting other requests through between. */
	#verify(send: Send, id: number, sessionId?: string): void {
		const begin = () => this.#opened().verifySteps(sessionId);
		let steps: ReturnType<typeof begin> | null = null;
		const goOn = () => {
			try {
				steps ??= begin();
				const step = steps.next();
				if (step.done) this.#reply(send, id, () => step.value);
				else setImmediate(goOn);
			} catch (error) {
				this.#reply(send, id, () => {
					throw error;
				});
			}
		};
		goOn();
	}

	/** Does what is asked, and tells as health when the ledger fails at it or has recovered. */
	#answer<M extends Method>(request: { method: M; args: Parameters<Operations[M]> }): ReturnType<Operations[M]> {
		try {
			const value = this.#call(request as unknown as ToWorker);
			if (WRITES.has(request.method) || (READS.has(request.method) && !this.#failure?.atWriting)) this.#recovered();
			return value as ReturnType<Operations[M]>;
		} catch (error) {
			const known = toLedgerError(error, this.#options.file);
			if (!ONE_REQUEST.has(known.reason)) this.#failed(known, WRITES.has(request.method));
			throw known;
		}
	}

	/**
	 * Damage that SQLite meets in use: the file is opened again with a check of all of it and a new index, which helps
	 * when only the index was hurt, and puts the file aside when more was. If that is not enough it is put aside.
	 */
	#call(request: ToWorker): ReturnType<Operations[Method]> {
		for (const trust of ['suspect', 'condemned', null] as const) {
			try {
				return this.#dispatch(request);
			} catch (error) {
				if (toLedgerError(error).reason !== 'damaged' || this.#options.readOnly || trust === null) throw error;
				this.#closeStore();
				this.#trust = trust;
			}
		}
		throw ledgerError('damaged', this.#options.file);
	}

	#dispatch({ method, args }: ToWorker): ReturnType<Operations[Method]> {
		const operation = this.#operations[method] as (...args: unknown[]) => ReturnType<Operations[Method]>;
		return operation(...args);
	}

	#makeOperations(): Operations {
		return {
			...this.#files.operations,
			record: (drafts) => {
				const recorded = this.#writable().record(drafts);
				this.#tell(recorded);
				return recorded.receipts;
			},
			calls: (query) => this.#opened().calls(query),
			call: (callId) => this.#opened().call(callId),
			servedBy: (callIds) => this.#opened().servedBy(callIds),
			costs: (callIds) => this.#opened().costs(callIds),
			sessions: (query) => this.#opened().sessions(query),
			timeline: (query) => this.#opened().timeline(query),
			positionOf: (query) => this.#opened().positionOf(query),
			preview: (callId, length) => this.#opened().preview(callId, length),
			facets: (filter) => this.#opened().facets(filter),
			analytics: (query) => this.#opened().analytics(query),
			totals: (filter) => this.#opened().totals(filter),
			byModel: (filter) => this.#opened().byModel(filter),
			series: (query) => this.#opened().series(query),
			search: (query) => this.#opened().search(query),
			verify: (sessionId) => this.#opened().verify(sessionId),
			erase: (request) => {
				const { revision, ...erased } = this.#writable().erase(request);
				this.#sendNews({ revision, started: [], completed: [] });
				return erased;
			},
			erasable: (request) => this.#writable().erasable(request),
			health: () => this.#health(),
			setContent: (setting) => {
				this.#options.content = setting;
				this.#store?.setContent(setting);
				return null;
			},
			setPriceOverrides: (overrides) => {
				const store = this.#opened();
				const repriced = store.setPriceOverrides(overrides);
				this.#options.prices = overrides;
				if (repriced > 0) this.#sendNews({ revision: store.revision(), started: [], completed: [] });
				return null;
			},
			sourceState: (source) => this.#opened().sourceState(source),
			saveSourceState: (source, entries) => {
				this.#writable().saveSourceState(source, entries);
				return null;
			},
			connectImport: (port) => {
				serveImportPort(port, {
					record: (drafts) => this.#answer({ method: 'record', args: [drafts as Draft[]] }),
					sourceState: (source) => this.#answer({ method: 'sourceState', args: [source] }),
					saveSourceState: (source, entries) => {
						this.#answer({ method: 'saveSourceState', args: [source, entries] });
					},
				});
				return null;
			},
			connectClient: (port) => {
				this.#connect(port);
				return null;
			},
			watch: (on) => this.#watch(this.#host, on),
			close: () => {
				for (const timer of this.#timers) clearInterval(timer);
				for (const send of [...this.#watchers]) this.#watch(send, false);
				this.#closeStore();
				return null;
			},
		};
	}

	#opened(): LedgerStore {
		if (this.#store?.isReplaced()) this.#closeStore();
		if (this.#store) return this.#store;
		const store = this.#open();
		this.#store = store;
		if (store.setAside) this.#setAside = store.setAside.path;
		// With a failure: that it can be read nevertheless was not known when that was told.
		if (store.setAside || this.#failure) this.#sendHealth();
		this.#endInterrupted();
		return store;
	}

	/** Where nothing can be written, what is there can still be looked at. */
	#open(): LedgerStore {
		try {
			const store = new LedgerStore(this.#options, this.#trust);
			this.#trust = 'full';
			return store;
		} catch (error) {
			const known = toLedgerError(error, this.#options.file);
			this.#failed(known, true);
			if (!CANNOT_WRITE.has(known.reason) || this.#options.readOnly) throw error;
			try {
				return new LedgerStore({ ...this.#options, readOnly: true });
			} catch {
				throw error;
			}
		}
	}

	/** For writing: a ledger that could only be looked at is tried anew, and refuses for the reason that it has now. */
	#writable(): LedgerStore {
		if (this.#options.readOnly) return this.#opened();
		if (this.#store?.isReadOnly) this.#closeStore();
		const store = this.#opened();
		if (store.isReadOnly) throw ledgerError(this.#failure?.reason ?? 'readOnly', this.#options.file);
		return store;
	}

	#endInterrupted(): void {
		try {
			const recorded = this.#store?.endInterrupted();
			if (recorded) this.#tell(recorded);
		} catch {
			// Nothing waits for this: the next round tries again.
		}
	}

	#tell({ revision, started, completed }: Recorded): void {
		this.#seen.revision = revision;
		if (!this.#poll) return;
		const store = this.#opened();
		this.#sendNews({ revision, started: store.rows(started), completed: store.rows(completed) });
	}

	#watch(send: Send, wanted: boolean): null {
		if (wanted) this.#watchers.add(send);
		else this.#watchers.delete(send);
		this.#pollWhile(this.#watchers.size > 0);
		return null;
	}

	#pollWhile(on: boolean): void {
		if (on === (this.#poll !== null)) return;
		if (this.#poll) clearInterval(this.#poll);
		this.#poll = on ? setInterval(() => this.#lookForOthers(), POLL_MS) : null;
		if (on && this.#store) this.#seen = { dataVersion: this.#store.dataVersion(), revision: this.#store.revision() };
	}

	#lookForOthers(): void {
		if (!this.#store) return;
		try {
			const store = this.#opened();
			const dataVersion = store.dataVersion();
			if (dataVersion === this.#seen.dataVersion) return;
			const revision = store.revision();
			const isNew = revision !== this.#seen.revision;
			this.#seen = { dataVersion, revision };
			if (isNew) this.#sendNews({ revision, started: [], completed: [] });
		} catch {
			// A request that meets the same trouble will report it.
		}
	}

	#health(): WorkerHealth {
		return {
			state: this.#failure ? 'failed' : 'ready',
			readable: this.#failure === null || (this.#failure.atWriting && this.#store !== null),
			file: this.#options.file,
			setAside: this.#setAside,
			error: this.#failure && { reason: this.#failure.reason, message: this.#failure.message },
			fullText: this.#store?.fullText ?? 'scan',
			codec: this.#store?.codec ?? 'gzip',
			bytes: this.#store?.bytes() ?? 0,
		};
	}

	#failed({ reason, message }: LedgerError, atWriting: boolean): void {
		const before = this.#failure;
		if (before?.reason === reason && (atWriting || !before.atWriting)) return;
		this.#failure = { reason, message, atWriting };
		this.#sendHealth();
	}

	#recovered(): void {
		if (!this.#failure) return;
		this.#failure = null;
		this.#sendHealth();
	}

	#closeStore(): void {
		this.#files.end();
		this.#store?.close();
		this.#store = null;
		// Of another connection, or another file, these say nothing.
		this.#seen = { dataVersion: -1, revision: -1 };
	}

	#every(ms: number, action: () => void): void {
		this.#timers.push(
			setInterval(() => {
				try {
					action();
				} catch {
					// A sign of life that could not be written is written with the next beat.
				}
			}, ms).unref(),
		);
	}
}
