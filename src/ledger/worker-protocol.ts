import type { MessagePort } from 'node:worker_threads';
import type { Draft } from '../core/draft.ts';
import type { StateEntry } from '../core/import-port.ts';
import type { ContentSetting } from '../core/redact.ts';
import type {
	Analytics,
	CallDetail,
	CallFilter,
	CallPreview,
	CallRow,
	Facets,
	GroupTotals,
	SeriesBucket,
	SessionRow,
	TimelinePage,
	Totals,
} from '../core/views.ts';
import type { FileOperations } from './file-jobs.ts';
import type {
	CallCost,
	CallQuery,
	Erasable,
	Erased,
	EraseRequest,
	Ledger,
	LedgerErrorReason,
	LedgerHealth,
	LedgerNews,
	Receipt,
	SeriesQuery,
	ServedBy,
	TimelineQuery,
	VerifyReport,
} from './ledger.ts';

type Query<M extends 'sessions' | 'positionOf' | 'search'> = Parameters<Ledger[M]>[0];

/** What the worker is started with. */
export interface WorkerOptions {
	file: string;
	readOnly: boolean;
	content: ContentSetting;
	/** The setting `callmeter.prices`. */
	prices: unknown;
	fullText: 'auto' | 'scan';
	codec: 'auto' | 'gzip';
	maxPages: number | null;
}

/** What the worker does for the host: arguments and result of each request. */
export interface Operations extends FileOperations {
	record: (drafts: Draft[]) => Receipt[];
	calls: (query: CallQuery) => { rows: CallRow[]; total: number; revision: number };
	call: (callId: string) => CallDetail | null;
	servedBy: (callIds: string[]) => ServedBy[];
	costs: (callIds: string[]) => CallCost[];
	sessions: (query: Query<'sessions'>) => { rows: SessionRow[]; total: number };
	timeline: (query: TimelineQuery) => TimelinePage;
	positionOf: (query: Query<'positionOf'>) => number | null;
	preview: (callId: string, length: number) => CallPreview | null;
	facets: (filter: CallFilter) => Facets;
	analytics: (query: SeriesQuery) => Analytics;
	totals: (filter: CallFilter) => Totals;
	byModel: (filter: CallFilter) => GroupTotals[];
	series: (query: SeriesQuery) => SeriesBucket[];
	search: (query: Query<'search'>) => Awaited<ReturnType<Ledger['search']>>;
	verify: (sessionId?: string) => VerifyReport;
	erase: (request: EraseRequest) => Erased;
	erasable: (request: EraseRequest) => Erasable;
	health: () => WorkerHealth;
	setContent: (setting: ContentSetting) => null;
	setPriceOverrides: (overrides: unknown) => null;
	sourceState: (source: string) => StateEntry[];
	saveSourceState: (source: string, entries: readonly StateEntry[]) => null;
	/** The import worker's own way in: the port is transferred. */
	connectImport: (port: MessagePort) => null;
	/** Another thread's own way in, with all that the host can ask: the port is transferred. */
	connectClient: (port: MessagePort) => null;
	/** Whether anyone behind this way in listens to news. */
	watch: (on: boolean) => null;
	/** Closes the ledger for the host, and its port alone for another thread. */
	close: () => null;
}
export type Method = keyof Operations;

/** What the worker knows of the ledger's condition; the rest of `LedgerHealth` is the host's. */
export type WorkerHealth = Omit<LedgerHealth, 'rejected' | 'waiting'>;

/** Host → worker. */
export type ToWorker = { [M in Method]: { id: number; method: M; args: Parameters<Operations[M]> } }[Method];

/** Worker → host. */
export type FromWorker =
	| { type: 'reply'; id: number; ok: true; value: ReturnType<Operations[Method]> }
	| { type: 'reply'; id: number; ok: false; error: { reason: LedgerErrorReason; message: string } }
	| { type: 'news'; news: LedgerNews }
	| { type: 'health'; health: WorkerHealth };
