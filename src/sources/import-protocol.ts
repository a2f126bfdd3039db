import type { MessagePort } from 'node:worker_threads';
import type { LiveFacts, Places } from './source.ts';
import type { Skipped } from './unit-state.ts';
import type { RecordingScope } from './workspace-filter.ts';

/** What is imported. */
export interface ImportSettings {
	scope: RecordingScope;
	places: Places;
	/** Source ids that are switched off. */
	off: readonly string[];
	/** Calls older than this many days are left out; `null` = all. */
	metadataDays: number | null;
	/** Content of calls older than this many days is left out; `null` = all. */
	contentDays: number | null;
	/** The backfill was cancelled at this time, epoch milliseconds: only what changed since is read. `null` = it runs. */
	heldSinceMs: number | null;
	/** What there is now is read, and nothing followed. `within`: only units at this path, absolute; `null` = all. */
	once?: { within: string | null };
}

/**
 * `off`: switched off. `notFound`: the agent keeps no records here. `reading`: catching up. `following`: all is read, and
 * changes are taken as they come. `held`: the backfill was cancelled; only what changed since is read.
 * `waiting`: the ledger does not take calls at the moment. `failed`: its places cannot be read.
 */
export type SourceCondition = 'off' | 'notFound' | 'reading' | 'following' | 'held' | 'waiting' | 'failed';

/** One agent in the panel's Sources section. */
export interface SourceStatus {
	id: string;
	title: string;
	state: SourceCondition;
	/** Folders or files that hold its records. */
	places: string[];
	/** Oldest and newest change of a record, epoch milliseconds. */
	sinceMs: number | null;
	lastSeenMs: number | null;
	/** Task folders, databases, transcripts: read, and there. */
	unitsDone: number;
	unitsTotal: number;
	/** Calls that came into the ledger from here. */
	calls: number;
	/** What was left out, and why. */
	skipped: Skipped;
	/** What went wrong, in words without content; `null` = nothing. */
	problem: string | null;
}

/** What was seen of calls while they ran, by source and `callId`. */
export type LiveFactsBySource = Readonly<Record<string, Readonly<Record<string, LiveFacts>>>>;

/** Host → import worker. */
export type ToImportWorker =
	/** Sent once, first, with the port that leads to the ledger. */
	| { type: 'start'; settings: ImportSettings; ledger: MessagePort; live: LiveFactsBySource }
	/** Another way to the ledger, after the first was closed. */
	| { type: 'ledger'; ledger: MessagePort }
	| { type: 'settings'; settings: ImportSettings }
	/** More that was seen of calls, and how many of them only that made known to the ledger. */
	| { type: 'live'; source: string; facts: Readonly<Record<string, LiveFacts>>; calls: number }
	/** Looks everywhere again. */
	| { type: 'importNow' }
	| { type: 'stop' };

/** Import worker → host. */
export type FromImportWorker =
	/** Always of all sources. */
	| { type: 'status'; sources: SourceStatus[] }
	| { type: 'log'; level: 'info' | 'warn'; message: string }
	/** The ends of these calls, which were seen live too, were read and are in the ledger. */
	| { type: 'recorded'; source: string; callIds: string[] }
	/** The way to the ledger is closed: its worker was ended or started anew. */
	| { type: 'ledgerClosed' }
	/** Everything listed so far is read, and in the ledger or refused by it. Told with `once` only. */
	| { type: 'idle' }
	| { type: 'stopped' };
