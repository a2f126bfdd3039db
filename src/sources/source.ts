import type { DraftInput } from '../core/draft.ts';

/** Where an agent may keep its records on this machine. */
export interface Places {
	/** The user's home, or the one to look in instead. */
	home: string;
	env: Readonly<Record<string, string | undefined>>;
	platform: NodeJS.Platform;
	/** `globalStorage` folders of VS Code and its relatives, the running one first. Absolute. */
	globalStorage: string[];
	/** The agent's own setting for another place, by source id: absolute folders. */
	customPlaces: Readonly<Record<string, string[]>>;
}

/** Why a record, or a whole task, was left out. Counted and shown; never fatal. */
export type SkipReason =
	| 'otherWorkspace'
	| 'noFolder'
	| 'unknownVersion'
	| 'unreadable'
	| 'malformed'
	| 'tooOld'
	| 'noUsage'
	| 'inherited'
	| 'outsideAgentFolder';

/** One unit that is read as a whole and can change as a whole: a task folder, a database, a transcript. */
export interface RecordUnit {
	/** Stable within the source: usually the path. */
	key: string;
	/** Last change, epoch milliseconds: newest are read first. */
	changedAtMs: number;
	/** Changes whenever the unit's content may have changed (size, mtime, inode …). Equal = skip unread. */
	stamp: string;
}

/** What reading one unit gives. Drafts come in the order of the calls; a call before its response. */
export interface UnitReading {
	drafts: DraftInput[];
	/** Of this reading. Given a cursor, only what came after it: the counts add to those before, save `unreadable`. */
	skipped: Partial<Record<SkipReason, number>>;
	/** Opaque, handed back at the next reading of this unit, for sources that can go on from where they were. */
	cursor: string | null;
	/** The stamp that the reading saw: a unit that changed meanwhile is read again. */
	stamp: string;
	/** The record was cut or rewritten, and read from its start despite a cursor: the counts replace those before. */
	restarted?: boolean;
	/** There is more to read from `cursor` on at once: a large unit comes in pages. */
	more?: boolean;
	/** Read again at this time, epoch milliseconds, though the stamp is the same: it was locked, or a call is open. */
	recheckAtMs?: number;
}

/**
 * What was seen of a call while it ran, where its record does not tell. Plain data: it goes to the import worker. With it,
 * what the record tells is still live: it has the last word over what was seen.
 */
export interface LiveFacts {
	/** The agent's own name of the provider, and the model, as configured when the call began. */
	provider: string | null;
	model: string;
	mode: string | null;
	/** When the agent told that the call was over, epoch milliseconds. */
	endedAtMs: number | null;
	parentSessionId: string | null;
	state: 'pending' | 'ok' | 'error' | 'cancelled';
}

export interface ReadOptions {
	/** Whether a working directory belongs to what is being recorded. */
	accepts(folder: string | null): 'yes' | 'otherWorkspace' | 'noFolder';
	/** Absolute folders of the workspace, for records that name theirs by a hash. */
	folders?: readonly string[];
	/** Calls that started before this are left out; 0 = all. */
	metadataSinceMs: number;
	/** Content of calls that started before this is left out; 0 = all. */
	contentSinceMs: number;
	cursor: string | null;
	/**
	 * Without a cursor: that of a reading when other things were recorded. Everything is to be handed over again, but what
	 * was handed over then is known.
	 */
	earlierCursor?: string | null;
	/** The backfill was cancelled: what a unit that comes in pages has not handed over yet stays for later. */
	held?: boolean;
	signal: AbortSignal;
	/** Calls of this unit, or of any, that were seen live, by `callId`. */
	live?: Readonly<Record<string, LiveFacts>>;
}

/** What was found of an agent, for the panel's Sources section. */
export interface Found {
	/** Folders or files that hold its records. */
	places: string[];
	units: number;
	/** Oldest and newest change seen, epoch milliseconds. */
	sinceMs: number | null;
	lastSeenMs: number | null;
}

/**
 * One origin of records: detect → units → read. Runs in the import worker. Never throws for bad records:
 * it counts what it skipped. Each source states in its docstring whether its origin's input is inclusive.
 */
export interface Source {
	/** `kilo-code`, `roo-code`, `cline`, `kilo-db`, … also `Origin.source`. */
	readonly id: string;
	/** What people call the agent. */
	readonly title: string;
	detect(places: Places): Promise<Found | null>;
	/** Folders of its own that its units lie in. With them, a listing of the units tells all that `detect` would. */
	folders?(places: Places): string[];
	/** Every unit there is, cheaply (directory listing and stat only). */
	units(places: Places): AsyncIterable<RecordUnit>;
	/** The unit to which a changed path belongs, when that is cheaper to tell than listing all of them. */
	unitAt?(path: string, places: Places): Promise<RecordUnit | null>;
	read(unit: RecordUnit, options: ReadOptions): Promise<UnitReading>;
	/** Folders and files to watch; a change there means "list the units again". */
	watch(places: Places): { path: string; recursive: boolean }[];
	/** How often to look when the file system gives no notice, in milliseconds. */
	readonly pollMs: number;
	/** How often to look for a while after a change, where changes come without notice; absent = `pollMs`. */
	readonly busyPollMs?: number;
}
