import type { Draft } from '../core/draft.ts';
import type { Cost } from '../core/pricing/cost.ts';
import type { ContentSetting } from '../core/redact.ts';
import type {
	Analytics,
	CallDetail,
	CallFilter,
	CallPreview,
	CallRow,
	CallSort,
	Facets,
	Granularity,
	GroupTotals,
	SearchResult,
	SeriesBucket,
	SessionRow,
	SessionSort,
	TimelinePage,
	TimeRange,
	Totals,
} from '../core/views.ts';

/** What happened to one draft. */
export interface Receipt {
	/** `null` for a `cost_tracked` without a call. */
	callId: string | null;
	/** `appended`: new. `superseded`: replaced an earlier event of this call. `unchanged`: said nothing new. */
	outcome: 'appended' | 'superseded' | 'unchanged' | 'rejected';
	eventId: string | null;
	/** Hash of the event, hex. */
	hash: string | null;
	/** Why a draft was rejected, with the path of the offending field. */
	reason: string | null;
}

/**
 * News after a commit. Always complete in itself: a listener that missed one needs only the next. A commit of another
 * window brings its revision only: calls are named by the window that recorded them.
 */
export interface LedgerNews {
	/** Grows with every commit by any window. */
	revision: number;
	/** Calls that ended in this commit, live ones only, as they now stand. */
	completed: CallRow[];
	/** Calls that began in this commit, live ones only. */
	started: CallRow[];
}

export type LedgerErrorReason =
	| 'diskFull'
	| 'readOnly'
	| 'locked'
	| 'foreignFile'
	| 'newerVersion'
	/** Of a ledger that is only looked at. */
	| 'olderVersion'
	| 'damaged'
	| 'workerGone'
	| 'closed'
	| 'badInput'
	/** A fault in this program, not of the disk: trying again would meet it again. */
	| 'internal'
	| 'io';

/** Every failure of the ledger. `message` says what happened and what to do. */
export class LedgerError extends Error {
	readonly reason: LedgerErrorReason;
	constructor(reason: LedgerErrorReason, message: string, options?: { cause?: unknown }) {
		super(message, options);
		this.name = 'LedgerError';
		this.reason = reason;
	}
}

/** What the ledger tells about itself. */
export interface LedgerHealth {
	state: 'ready' | 'failed';
	/** What is stored can be read, also while nothing can be written: a view shows it, and says what failed beside it. */
	readable: boolean;
	file: string;
	/** Set when a damaged or foreign file was put aside: its new path. */
	setAside: string | null;
	error: { reason: LedgerErrorReason; message: string } | null;
	fullText: 'fts5' | 'scan';
	codec: 'zstd' | 'gzip';
	bytes: number;
	/** Drafts refused since start, and why, newest last (at most 50). */
	rejected: { count: number; reasons: string[] };
	/** Drafts waiting in memory for a disk that does not take them. */
	waiting: number;
}

/** What an origin told of who answered a call, beyond provider and model. */
export interface ServedBy {
	callId: string;
	/** Of a call that went through a router. */
	inferenceProvider: string | null;
	serviceTier: string | null;
}

/** What a call cost, bucket by bucket. */
export interface CallCost {
	callId: string;
	cost: Cost;
	/** What a token read from cache costs at the price of this call, pico-USD; `null`: not known, or `neverCached`. */
	cacheReadRatePicoUsd: number | null;
	/** The price of this call knows no reading from a cache. */
	neverCached: boolean;
}

export interface CallQuery {
	filter: CallFilter;
	sort: CallSort;
	offset: number;
	limit: number;
}

export interface TimelineQuery {
	filter: CallFilter;
	/** Tasks by their last call, and calls within a task by their start. */
	sort: 'newest' | 'oldest';
	/** Tasks whose calls are left out, by session id. */
	closed: string[];
	limit: number;
	/** From this line on; or from half a page before this call, whose task is then taken for open. */
	from: { offset: number } | { callId: string };
}

export interface SeriesQuery {
	range: TimeRange;
	granularity: Granularity;
	/** IANA zone, such as `Europe/Berlin`; buckets are local days and ISO 8601 weeks. */
	timeZone: string;
	filter: CallFilter;
}

/** Result of checking one session's chain. `ok` cannot tell a cut-off tail; `note` says so. */
export interface VerifyReport {
	sessions: number;
	events: number;
	ok: boolean;
	firstBroken: {
		/** Empty, as `eventId` is, where sums over time are wrong: those are of no one session. */
		sessionId: string;
		seq: number;
		eventId: string;
		/** `row`: what lists show of a call is not what its event says. `sums`: they are not those of the calls. */
		problem: 'hash' | 'prevHash' | 'missing' | 'content' | 'row' | 'sums';
	} | null;
	note: string;
}

export interface EraseRequest {
	/** Erase content of everything that ended before this; absent = everything. */
	beforeMs?: number;
	sessionId?: string;
	/** Only of these; together with `sessionId` of that one too. Many in one request: the file is written anew only once. */
	sessionIds?: string[];
	/** `content` keeps counts, costs and the chain; `all` deletes the sessions' events too. */
	what: 'content' | 'all';
}

/** What an erasing would do, were it done now. */
export interface Erasable {
	/** Sessions that go as a whole, and their calls. */
	sessions: number;
	calls: number;
	/** Sessions that stay and lose content, and the calls whose content that is. */
	emptiedSessions: number;
	emptiedCalls: number;
	/** Distinct texts that go. */
	messages: number;
}

/** What an erasing did. */
export interface Erased {
	/** Distinct texts that are gone. */
	messages: number;
	/** Sessions that lost something. */
	sessions: number;
	/**
	 * The words are out of the files too. `false`: another window was reading all the while, and they stand in the log
	 * beside the ledger until it is closed, or until something is erased again.
	 */
	scrubbed: boolean;
	/** Files that were set aside earlier, whole paths: they keep all they had, and only a person can delete them. */
	setAside: string[];
}

/**
 * The one face of the store: the host, the CLI and the servers talk to this, never to SQLite.
 * Every method rejects with `LedgerError`.
 */
export interface Ledger {
	/**
	 * Appends drafts. Resolves once they are in the file, with one receipt a draft, in order: what was resolved survives a
	 * crash of the process. A loss of power can take the last commits with it; the file stays whole.
	 * The same draft twice changes nothing.
	 */
	record(drafts: Draft[]): Promise<Receipt[]>;
	calls(query: CallQuery): Promise<{ rows: CallRow[]; total: number; revision: number }>;
	call(callId: string): Promise<CallDetail | null>;
	/** Who answered these calls, and on which tier. At most 500; calls that have not ended are left out. */
	servedBy(callIds: string[]): Promise<ServedBy[]>;
	/** What these calls cost, in full. At most 500; calls that have not ended are left out. */
	costs(callIds: string[]): Promise<CallCost[]>;
	sessions(query: {
		filter: CallFilter;
		/** `newest` when absent. */
		sort?: SessionSort;
		offset: number;
		limit: number;
	}): Promise<{ rows: SessionRow[]; total: number }>;
	/** Tasks and their calls, as one list of lines. */
	timeline(query: TimelineQuery): Promise<TimelinePage>;
	/** Where a call stands in the list that `query` gives; `null`: not in it. */
	positionOf(query: { filter: CallFilter; sort: CallSort; callId: string }): Promise<number | null>;
	/** `null`: no such call. Each text at most `length` UTF-16 code units, never half a character. */
	preview(callId: string, length: number): Promise<CallPreview | null>;
	facets(filter: CallFilter): Promise<Facets>;
	analytics(query: SeriesQuery): Promise<Analytics>;
	totals(filter: CallFilter): Promise<Totals>;
	byModel(filter: CallFilter): Promise<GroupTotals[]>;
	series(query: SeriesQuery): Promise<SeriesBucket[]>;
	/** One hit a call, newest first. `more`: there are others after these. */
	search(query: {
		text: string;
		offset?: number;
		limit: number;
		filter: CallFilter;
	}): Promise<{ hits: SearchResult[]; more: boolean }>;
	verify(sessionId?: string): Promise<VerifyReport>;
	erase(request: EraseRequest): Promise<Erased>;
	/** What `erase` would do: found by doing it and taking it back, so that it is what it says. */
	erasable(request: EraseRequest): Promise<Erasable>;
	health(): Promise<LedgerHealth>;
	/** How content is kept from now on. Does not touch what is stored. */
	setContent(setting: ContentSetting): Promise<void>;
	/**
	 * User's prices, as in the setting `callmeter.prices`; replaces earlier ones. Recorded calls of the models that they
	 * name are priced anew. Rejects `badInput` with the path.
	 */
	setPriceOverrides(overrides: unknown): Promise<void>;
	/** Calls the listener after each commit, also another window's. Returns the way to stop it. */
	onNews(listener: (news: LedgerNews) => void): () => void;
	/** Called when the store fails or recovers. */
	onHealth(listener: (health: LedgerHealth) => void): () => void;
	/** Flushes and closes. */
	close(): Promise<void>;
}
