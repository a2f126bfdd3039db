import { statSync } from 'node:fs';
import type { StateEntry } from '../core/import-port.ts';
import { builtInPrices } from '../core/pricing/built-in-prices.ts';
import type { Prices } from '../core/pricing/find-price.ts';
import type { ContentSetting } from '../core/redact.ts';
import type { CallFilter, CallRow, TimelinePage } from '../core/views.ts';
import { isNewer, isOlder, type OpenDatabase, openDatabase } from './database.ts';
import { erasable, erase } from './erase.ts';
import { EventImport } from './event-import/event-import.ts';
import type {
	CallQuery,
	Erasable,
	Erased,
	EraseRequest,
	LedgerError,
	SeriesQuery,
	TimelineQuery,
	VerifyReport,
} from './ledger.ts';
import { Presence } from './presence.ts';
import { analytics } from './queries/analytics.ts';
import { callDetail } from './queries/call-detail.ts';
import { CallLists } from './queries/call-lists.ts';
import { callPage, rowsOf } from './queries/call-rows.ts';
import { costsOf } from './queries/costs.ts';
import { facets } from './queries/facets.ts';
import { positionOf } from './queries/page-of-calls.ts';
import { preview } from './queries/preview.ts';
import { Reader } from './queries/reader.ts';
import { series } from './queries/series.ts';
import { servedBy } from './queries/served-by.ts';
import { sessionPage } from './queries/sessions.ts';
import { byModel, totals } from './queries/totals.ts';
import { type Recorded, Recorder } from './recorder.ts';
import { search } from './search.ts';
import { filesSetAside } from './set-aside.ts';
import { SourceStates } from './source-states.ts';
import { ledgerError, toLedgerError } from './sqlite-error.ts';
import { Timelines } from './timeline/timelines.ts';
import { pricesWith } from './user-prices.ts';
import { verify } from './verify.ts';
import type { WorkerOptions } from './worker-protocol.ts';
import { Writer } from './writer.ts';

const INDEXED_AT_ONCE = 1_000;

/**
 * An open ledger file: everything that is done with it, synchronously. Lives in the worker; every method throws
 * `LedgerError`.
 */
export class LedgerStore {
	readonly file: string;
	readonly isReadOnly: boolean;
	readonly setAside: OpenDatabase['setAside'];
	readonly fullText: OpenDatabase['fullText'];
	readonly codec: OpenDatabase['codec'];
	readonly #database: OpenDatabase;
	/** Which file it was, whatever it is called since. */
	readonly #identity: string | null;
	readonly #reader: Reader;
	readonly #lists: CallLists;
	readonly #timelines: Timelines;
	readonly #writer: Writer;
	readonly #presence: Presence | null;
	readonly #recorder: Recorder | null;
	/** What calls that can only be looked at are priced by; `null`: the table alone. */
	#prices: Prices | null = null;
	#states: SourceStates | null = null;

	/** `trust`: what to think of the file, see `DatabaseOptions`. */
	constructor(options: WorkerOptions, trust: 'full' | 'suspect' | 'condemned' = 'full') {
		const { file, readOnly, fullText, codec, maxPages } = options;
		this.file = file;
		this.isReadOnly = readOnly;
		const bound = maxPages === null ? {} : { maxPages };
		const before = identityOf(file);
		this.#database = openDatabase({ file, readOnly, fullText, codec, trust, ...bound });
		const { db } = this.#database;
		this.#identity = before ?? identityOf(file);
		this.setAside = this.#database.setAside;
		this.fullText = this.#database.fullText;
		this.codec = this.#database.codec;
		try {
			this.#reader = new Reader(db);
			this.#lists = new CallLists(this.#reader);
			this.#timelines = new Timelines(this.#reader);
			this.#writer = new Writer(this.#database);
			this.#presence = readOnly ? null : new Presence(db);
			this.#recorder = this.#presence && new Recorder(this.#writer, this.#presence.self, options.content);
			this.#usePrices(options.prices);
			if (!readOnly) this.#indexMissing();
		} catch (error) {
			// Of a newer version, and changed so much that not even reading works.
			const known = isNewer(db) ? ledgerError('newerVersion', file, error) : this.#errorOf(error);
			db.close();
			throw known;
		}
	}

	record(drafts: readonly unknown[]): Recorded {
		return this.#run(() => this.#writing().record(drafts));
	}

	/** Ends the pending calls whose process is gone. `null` when there are none. */
	endInterrupted(): Recorded | null {
		return this.#run(() => {
			const drafts = this.#presence?.interrupted() ?? [];
			return drafts.length === 0 ? null : this.#writing().record(drafts);
		});
	}

	/** Says that this process is there. */
	beat(): void {
		this.#run(() => this.#presence?.beat());
	}

	calls(query: CallQuery): ReturnType<typeof callPage> {
		return this.#run(() => callPage(this.#reader, this.#lists, query));
	}

	servedBy(callIds: string[]): ReturnType<typeof servedBy> {
		return this.#run(() => servedBy(this.#reader, callIds));
	}

	costs(callIds: string[]): ReturnType<typeof costsOf> {
		return this.#run(() => costsOf(this.#reader, callIds, this.#pricesNow()));
	}

	positionOf(query: Parameters<typeof positionOf>[2]): number | null {
		return this.#run(() => this.#reader.snapshot(() => positionOf(this.#reader, this.#lists, query)));
	}

	call(callId: string): ReturnType<typeof callDetail> {
		return this.#run(() => callDetail(this.#reader, this.#writer, callId));
	}

	rows(numbers: readonly number[]): CallRow[] {
		return this.#run(() => rowsOf(this.#reader, numbers));
	}

	sessions(query: Parameters<typeof sessionPage>[2]): ReturnType<typeof sessionPage> {
		return this.#run(() => sessionPage(this.#reader, this.#timelines, query));
	}

	timeline(query: TimelineQuery): TimelinePage {
		return this.#run(() => this.#timelines.page(query));
	}

	totals(filter: CallFilter): ReturnType<typeof totals> {
		return this.#run(() => totals(this.#reader, filter));
	}

	byModel(filter: CallFilter): ReturnType<typeof byModel> {
		return this.#run(() => byModel(this.#reader, filter));
	}

	series(query: SeriesQuery): ReturnType<typeof series> {
		return this.#run(() => series(this.#reader, query));
	}

	preview(callId: string, length: number): ReturnType<typeof preview> {
		return this.#run(() => preview(this.#reader, this.#writer, callId, length));
	}

	facets(filter: CallFilter): ReturnType<typeof facets> {
		return this.#run(() => facets(this.#reader, filter));
	}

	analytics(query: SeriesQuery): ReturnType<typeof analytics> {
		return this.#run(() => analytics(this.#reader, query));
	}

	search(query: Parameters<typeof search>[2]): ReturnType<typeof search> {
		return this.#run(() => search(this.#reader, { messages: this.#writer.messages, fullText: this.fullText }, query));
	}

	verify(sessionId?: string): VerifyReport {
		const steps = this.verifySteps(sessionId);
		for (;;) {
			const step = steps.next();
			if (step.done) return step.value;
		}
	}

	/** The same session by session, so that other things can be done between. */
	*verifySteps(sessionId?: string): ReturnType<typeof verify> {
		const steps = verify(this.#reader, this.#writer, sessionId);
		for (;;) {
			const step = this.#run(() => steps.next());
			if (step.done) return step.value;
			yield;
		}
	}

	erase(request: EraseRequest): Erased & { revision: number } {
		this.#writing();
		return this.#run(() => ({ ...erase(this.#writer, this.fullText, request), setAside: filesSetAside(this.file) }));
	}

	erasable(request: EraseRequest): Erasable {
		this.#writing();
		return this.#run(() => erasable(this.#writer, request));
	}

	/** Takes in a file of exported events, batch by batch. */
	openEventImport(content: ContentSetting): EventImport {
		const recorder = this.#writing();
		return this.#run(() => new EventImport(this.#writer, recorder, content === 'full'));
	}

	setContent(setting: ContentSetting): void {
		this.#recorder?.setContent(setting);
	}

	/** Takes over the user's own prices, for recorded calls as well. Returns how many of those cost something else now. */
	setPriceOverrides(overrides: unknown): number {
		const recorder = this.#recorder;
		if (!recorder) {
			this.#prices = pricesWith(overrides);
			return 0;
		}
		const before = recorder.setPriceOverrides(overrides);
		return this.#run(() => recorder.reprice(before));
	}

	/** How far each unit of a source's records was read. */
	sourceState(source: string): StateEntry[] {
		this.#writing();
		return this.#run(() => this.#sourceStates().of(source));
	}

	saveSourceState(source: string, entries: readonly StateEntry[]): void {
		this.#writing();
		this.#run(() => this.#sourceStates().save(source, entries));
	}

	revision(): number {
		return this.#run(() => this.#reader.revision());
	}

	/** Changes when another connection has written. */
	dataVersion(): number {
		return this.#run(() => Number(this.#reader.sql('PRAGMA data_version').get()?.data_version));
	}

	bytes(): number {
		return ['', '-wal'].reduce((sum, suffix) => {
			return sum + (statSync(this.file + suffix, { throwIfNoEntry: false })?.size ?? 0);
		}, 0);
	}

	/**
	 * Whether another file has its name now: another process has put this one aside, and what is written here would not be
	 * found. One that is only looked at must also not outlive its file.
	 */
	isReplaced(): boolean {
		const now = identityOf(this.file);
		return now === null ? this.isReadOnly : now !== this.#identity;
	}

	close(): void {
		if (this.#database.db.isOpen) this.#database.db.close();
	}

	/** Rarely anything: only after a runtime without FTS5, or a damaged index. */
	#indexMissing(): void {
		while (!this.#writer.transaction(() => this.#writer.messages.indexMissing(INDEXED_AT_ONCE)).value);
	}

	/** Wrong prices in the settings must not keep calls from being recorded; `setPriceOverrides` reports them. */
	#usePrices(overrides: unknown): void {
		try {
			if (this.#recorder) this.#recorder.setPriceOverrides(overrides);
			else this.#prices = pricesWith(overrides);
		} catch (error) {
			if (toLedgerError(error).reason !== 'badInput') throw error;
		}
	}

	#pricesNow(): Prices {
		return this.#recorder?.prices ?? this.#prices ?? builtInPrices();
	}

	#sourceStates(): SourceStates {
		this.#states ??= new SourceStates(this.#database.db);
		return this.#states;
	}

	#writing(): Recorder {
		if (!this.#recorder) throw ledgerError('readOnly', this.file);
		return this.#recorder;
	}

	#run<T>(action: () => T): T {
		try {
			return action();
		} catch (error) {
			throw this.#errorOf(error);
		}
	}

	/** What is only looked at is not brought up to date: a schema of before then lacks what is asked for. */
	#errorOf(error: unknown): LedgerError {
		const known = toLedgerError(error, this.file);
		const isOld = known.reason === 'io' && this.isReadOnly && isOlder(this.#database.db);
		return isOld ? ledgerError('olderVersion', this.file, error) : known;
	}
}

/** Device and number of a file; `null`: there is none. */
function identityOf(file: string): string | null {
	const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
	return stat === undefined ? null : `${stat.dev}:${stat.ino}`;
}
