import type { MessagePort } from 'node:worker_threads';
import type { Draft } from '../core/draft.ts';
import type { StateEntry } from '../core/import-port.ts';
import type { ContentSetting } from '../core/redact.ts';
import type {
	CallDetail,
	CallFilter,
	CallRow,
	GroupTotals,
	SearchHit,
	SeriesBucket,
	SessionRow,
	Totals,
} from '../core/views.ts';
import type {
	CallQuery,
	Erased,
	EraseRequest,
	LedgerErrorReason,
	LedgerHealth,
	LedgerNews,
	Receipt,
	SeriesQuery,
	VerifyReport,
} from './ledger.ts';

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
export interface Operations {
	record: (drafts: Draft[]) => Receipt[];
	calls: (query: CallQuery) => { rows: CallRow[]; total: number; revision: number };
	call: (callId: string) => CallDetail | null;
	sessions: (query: { filter: CallFilter; offset: number; limit: number }) => { rows: SessionRow[]; total: number };
	totals: (filter: CallFilter) => Totals;
	byModel: (filter: CallFilter) => GroupTotals[];
	series: (query: SeriesQuery) => SeriesBucket[];
	search: (query: { text: string; limit: number; filter: CallFilter }) => SearchHit[];
	verify: (sessionId?: string) => VerifyReport;
	erase: (request: EraseRequest) => Erased;
	health: () => WorkerHealth;
	setContent: (setting: ContentSetting) => null;
	setPriceOverrides: (overrides: unknown) => null;
	sourceState: (source: string) => StateEntry[];
	saveSourceState: (source: string, entries: readonly StateEntry[]) => null;
	/** The import worker's own way in: the port is transferred. */
	connectImport: (port: MessagePort) => null;
	/** Whether anyone listens to news. */
	watch: (on: boolean) => null;
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
