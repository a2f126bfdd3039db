import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { Draft } from '../core/draft.ts';
import type { ContentSetting } from '../core/redact.ts';
import { snapshotRecord } from '../core/snapshot-value.ts';
import type { CallFilter } from '../core/views.ts';
import { DraftQueue } from './draft-queue.ts';
import type { EventImportReport, LineBatch } from './event-import/event-import.ts';
import type { CheckedLines } from './file-jobs.ts';
import {
	type CallQuery,
	type EraseRequest,
	type Ledger,
	LedgerError,
	type LedgerErrorReason,
	type LedgerHealth,
	type LedgerNews,
	type Receipt,
	type SeriesQuery,
	type TimelineQuery,
} from './ledger.ts';
import type { LedgerLink, OpenLedgerLink } from './ledger-link.ts';
import { ledgerError } from './sqlite-error.ts';
import type { FromWorker, Method, Operations, ToWorker, WorkerHealth, WorkerOptions } from './worker-protocol.ts';

type ClientOptions = Pick<WorkerOptions, 'file' | 'content' | 'prices'>;

/** What becomes of drafts that the disk does not take, and of a way to the worker that is gone. */
export interface LedgerPatience {
	/** Drafts wait for the disk and are sent again, and a worker that died is started again. `false`: all is told at once. */
	patient: boolean;
}

/** The disk, not the draft, was the trouble: worth trying again. */
const WORTH_RETRYING: ReadonlySet<LedgerErrorReason> = new Set(['diskFull', 'readOnly', 'locked', 'io', 'damaged']);
const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 15_000;
/** A worker that dies is started again, but not one that dies twice within this time. */
const RESTART_PAUSE_MS = 60_000;
const MAX_REASONS = 50;

type Value<M extends Method> = ReturnType<Operations[M]>;

interface Pending {
	resolve: (value: never) => void;
	reject: (error: LedgerError) => void;
}

/** An import of events in the worker. */
export interface EventImportLink {
	check(batch: LineBatch): Promise<CheckedLines>;
	write(batch: LineBatch): Promise<EventImportReport>;
	close(): Promise<void>;
}

/** The ledger's face, before the worker that has the file. */
export class LedgerClient implements Ledger {
	readonly #openLink: OpenLedgerLink;
	readonly #patient: boolean;
	/** What the worker is to know of settings when it is started again: shared with the link that starts it. */
	readonly #options: ClientOptions;
	readonly #queue = new DraftQueue();
	readonly #pending = new Map<number, Pending>();
	readonly #news = new Set<(news: LedgerNews) => void>();
	readonly #healthListeners = new Set<(health: LedgerHealth) => void>();
	readonly #reasons: string[] = [];
	#link: LedgerLink | null = null;
	#nextId = 1;
	#rejected = 0;
	#lastHealth: WorkerHealth;
	#retryMs = FIRST_RETRY_MS;
	#retry: NodeJS.Timeout | null = null;
	#flushing = false;
	#startedAt = Number.NEGATIVE_INFINITY;
	#deaths = 0;
	#gone: LedgerError | null = null;
	#closing: Promise<void> | null = null;
	#idle: (() => void) | null = null;

	/** `options` is kept as it is, and changed as settings change. */
	constructor(openLink: OpenLedgerLink, options: ClientOptions, { patient }: LedgerPatience) {
		this.#openLink = openLink;
		this.#patient = patient;
		this.#options = options;
		this.#lastHealth = {
			state: 'ready',
			readable: true,
			file: options.file,
			setAside: null,
			error: null,
			fullText: 'scan',
			codec: 'gzip',
			bytes: 0,
		};
		this.#start();
	}

	record(drafts: Draft[]): Promise<Receipt[]> {
		if (this.#gone) return Promise.reject(this.#gone);
		const receipts = this.#queue.add([...drafts]);
		this.#flushSoon();
		return receipts;
	}

	calls(query: CallQuery): Promise<Value<'calls'>> {
		return this.#ask('calls', [query]);
	}

	call(callId: string): Promise<Value<'call'>> {
		return this.#ask('call', [callId]);
	}

	servedBy(callIds: string[]): Promise<Value<'servedBy'>> {
		return this.#ask('servedBy', [callIds]);
	}

	costs(callIds: string[]): Promise<Value<'costs'>> {
		return this.#ask('costs', [callIds]);
	}

	sessions(query: Parameters<Ledger['sessions']>[0]): Promise<Value<'sessions'>> {
		return this.#ask('sessions', [query]);
	}

	timeline(query: TimelineQuery): Promise<Value<'timeline'>> {
		return this.#ask('timeline', [query]);
	}

	positionOf(query: Parameters<Ledger['positionOf']>[0]): Promise<Value<'positionOf'>> {
		return this.#ask('positionOf', [query]);
	}

	preview(callId: string, length: number): Promise<Value<'preview'>> {
		return this.#ask('preview', [callId, length]);
	}

	facets(filter: CallFilter): Promise<Value<'facets'>> {
		return this.#ask('facets', [filter]);
	}

	analytics(query: SeriesQuery): Promise<Value<'analytics'>> {
		return this.#ask('analytics', [query]);
	}

	totals(filter: CallFilter): Promise<Value<'totals'>> {
		return this.#ask('totals', [filter]);
	}

	byModel(filter: CallFilter): Promise<Value<'byModel'>> {
		return this.#ask('byModel', [filter]);
	}

	series(query: SeriesQuery): Promise<Value<'series'>> {
		return this.#ask('series', [query]);
	}

	search(query: Parameters<Ledger['search']>[0]): Promise<Value<'search'>> {
		return this.#ask('search', [query]);
	}

	verify(sessionId?: string): Promise<Value<'verify'>> {
		return this.#ask('verify', sessionId === undefined ? [] : [sessionId]);
	}

	erase(request: EraseRequest): Promise<Value<'erase'>> {
		return this.#ask('erase', [request]);
	}

	erasable(request: EraseRequest): Promise<Value<'erasable'>> {
		return this.#ask('erasable', [request]);
	}

	async health(): Promise<LedgerHealth> {
		if (!this.#gone) this.#lastHealth = await this.#ask('health', []).catch(() => this.#lastHealth);
		return this.#health();
	}

	async setContent(setting: ContentSetting): Promise<void> {
		this.#options.content = setting;
		await this.#ask('setContent', [setting]);
	}

	async setPriceOverrides(overrides: unknown): Promise<void> {
		await this.#ask('setPriceOverrides', [overrides]);
		this.#options.prices = overrides;
	}

	/**
	 * A port for the import worker that leads straight to the ledger's. It closes when that worker ends; where it was
	 * started again, the next port leads there.
	 */
	importPort(): MessagePort {
		const { port1, port2 } = new MessageChannel();
		this.#ask('connectImport', [port1], [port1]).catch(() => port1.close());
		return port2;
	}

	/**
	 * A port for another thread that leads straight to the ledger's, with all that a client can ask (`ledgerOverPort`). It
	 * closes when the ledger's worker ends.
	 */
	clientPort(): MessagePort {
		const { port1, port2 } = new MessageChannel();
		this.#ask('connectClient', [port1], [port1]).catch(() => port1.close());
		return port2;
	}

	/** Takes in a file of exported events: all of it is checked, then all of it written. `importEventFile` does that. */
	async openEventImport(): Promise<EventImportLink> {
		const id = await this.#ask('openEventImport', []);
		return {
			check: (batch) => this.#ask('checkEvents', [id, batch]),
			write: (batch) => this.#ask('writeEvents', [id, batch]),
			close: async () => {
				await this.#ask('closeEventImport', [id]).catch(() => null);
			},
		};
	}

	onNews(listener: (news: LedgerNews) => void): () => void {
		this.#news.add(listener);
		if (this.#news.size === 1) this.#watch(true);
		return () => {
			if (this.#news.delete(listener) && this.#news.size === 0) this.#watch(false);
		};
	}

	onHealth(listener: (health: LedgerHealth) => void): () => void {
		this.#healthListeners.add(listener);
		return () => this.#healthListeners.delete(listener);
	}

	close(): Promise<void> {
		this.#closing ??= this.#close();
		return this.#closing;
	}

	async #close(): Promise<void> {
		if (!this.#gone && !this.#queue.isIdle) {
			const idle = new Promise<void>((resolve) => {
				this.#idle = resolve;
			});
			if (this.#retry) clearTimeout(this.#retry);
			this.#retry = null;
			this.#flush();
			await idle;
		}
		const link = this.#link;
		if (!this.#gone && link) {
			await this.#ask('close', []).catch(() => null);
			link.hold(true);
			await link.gone;
		}
		this.#end(ledgerError('closed'));
	}

	#ask<M extends Method>(
		method: M,
		args: Parameters<Operations[M]>,
		transfer: readonly MessagePort[] = [],
	): Promise<Value<M>> {
		if (this.#gone) return Promise.reject(this.#gone);
		const link = this.#link;
		if (!link) return Promise.reject(ledgerError('workerGone'));
		const id = this.#nextId++;
		return new Promise<Value<M>>((resolve, reject) => {
			this.#pending.set(id, { resolve, reject });
			link.hold(true);
			try {
				link.send({ id, method, args } as ToWorker, transfer);
			} catch (error) {
				// Only what cannot be cloned, such as a function in tool arguments, is refused here.
				this.#settle(id);
				reject(ledgerError('badInput', error instanceof Error ? error.message : undefined, error));
			}
		});
	}

	#settle(id: number): Pending | undefined {
		const pending = this.#pending.get(id);
		this.#pending.delete(id);
		if (this.#pending.size === 0) this.#link?.hold(false);
		return pending;
	}

	#flushSoon(): void {
		if (this.#flushing || this.#retry) return;
		this.#flushing = true;
		queueMicrotask(() => {
			this.#flushing = false;
			this.#flush();
		});
	}

	#flush(): void {
		if (this.#queue.isSending || this.#queue.isIdle || this.#gone) return;
		const drafts = this.#queue.next();
		this.#ask('record', [drafts])
			.catch((error: LedgerError) => {
				if (error.reason !== 'badInput') throw error;
				return this.#ask('record', [drafts.map(toSendable)]);
			})
			.then(
				(receipts) => this.#taken(receipts),
				(error: LedgerError) => this.#refused(error),
			);
	}

	#taken(receipts: Receipt[]): void {
		for (const { outcome, reason } of receipts) {
			if (outcome !== 'rejected') continue;
			this.#rejected++;
			this.#reasons.push(reason ?? '');
			if (this.#reasons.length > MAX_REASONS) this.#reasons.shift();
		}
		this.#retryMs = FIRST_RETRY_MS;
		this.#queue.settle(receipts);
		if (this.#queue.isIdle) this.#idle?.();
		else this.#flush();
	}

	#refused(error: LedgerError): void {
		this.#queue.unsend();
		const retries = WORTH_RETRYING.has(error.reason) || error.reason === 'workerGone';
		if (this.#closing || this.#gone || !retries || !this.#patient) {
			this.#queue.rejectAll(this.#gone ?? error);
			this.#idle?.();
			return;
		}
		this.#queue.bound(error);
		this.#retry = setTimeout(() => {
			this.#retry = null;
			this.#flush();
		}, this.#retryMs);
		this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
		this.#announceHealth();
	}

	#start(): void {
		this.#startedAt = performance.now();
		const link: LedgerLink = this.#openLink(
			(message) => this.#receive(message),
			(cause) => this.#died(link, cause),
		);
		this.#link = link;
		link.hold(false);
		if (this.#news.size > 0) this.#watch(true);
	}

	#receive(message: FromWorker): void {
		switch (message.type) {
			case 'reply': {
				const pending = this.#settle(message.id);
				if (message.ok) pending?.resolve(message.value as never);
				else pending?.reject(new LedgerError(message.error.reason, message.error.message));
				return;
			}
			case 'news':
				for (const listener of this.#news) quietly(() => listener(message.news));
				return;
			case 'health':
				this.#lastHealth = message.health;
				this.#announceHealth();
		}
	}

	#died(link: LedgerLink, cause: unknown): void {
		if (this.#link !== link) return;
		this.#link = null;
		const error = ledgerError('workerGone', undefined, cause);
		const pending = [...this.#pending.values()];
		this.#pending.clear();
		const again = this.#patient && !this.#closing && performance.now() - this.#startedAt > this.#restartPause();
		if (again) this.#start();
		else this.#end(this.#closing ? ledgerError('closed') : error);
		for (const { reject } of pending) reject(error);
	}

	/** The first death is always forgiven. */
	#restartPause(): number {
		return this.#deaths++ === 0 ? 0 : RESTART_PAUSE_MS;
	}

	#end(error: LedgerError): void {
		if (this.#gone) return;
		this.#gone = error;
		this.#link = null;
		if (this.#retry) clearTimeout(this.#retry);
		this.#queue.rejectAll(error);
		this.#idle?.();
		if (error.reason === 'closed') return;
		this.#lastHealth = {
			...this.#lastHealth,
			state: 'failed',
			readable: false,
			error: { reason: error.reason, message: error.message },
		};
		this.#announceHealth();
	}

	#watch(on: boolean): void {
		this.#ask('watch', [on]).catch(() => null);
	}

	#announceHealth(): void {
		for (const listener of this.#healthListeners) quietly(() => listener(this.#health()));
	}

	#health(): LedgerHealth {
		return {
			...this.#lastHealth,
			rejected: { count: this.#rejected, reasons: [...this.#reasons] },
			waiting: this.#queue.waiting,
		};
	}
}

/** A draft as it can be sent to another thread: functions and the like in tool arguments are left out, depth is cut. */
function toSendable(draft: Draft): Draft {
	try {
		return structuredClone(draft);
	} catch {
		try {
			return snapshotRecord(draft) as Draft;
		} catch {
			// A getter that throws: what remains is refused by the Recorder, with its reason, and counted.
			return { eventType: draft.eventType } as Draft;
		}
	}
}

/** A listener that throws must not keep the others from hearing. */
function quietly(action: () => void): void {
	try {
		action();
	} catch {
		// The listener's own trouble.
	}
}
