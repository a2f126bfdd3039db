/**
 * `off`: switched off. `notFound`: the agent keeps no records here. `reading`: catching up. `following`: all is read, and
 * changes are taken as they come. `held`: the import was stopped; only what changed since is read. `waiting`: the ledger
 * does not take calls at the moment. `failed`: its places cannot be read. `listening`: calls are taken as they are sent.
 */
export type SourceCondition =
	| 'off'
	| 'notFound'
	| 'reading'
	| 'following'
	| 'held'
	| 'waiting'
	| 'failed'
	| 'listening';

/**
 * How an agent's extension is listened to. `none`: this agent tells nothing while it runs, only its records do.
 * `absent`: the extension is not installed. `inactive`: it has not started yet. `attached`: its calls are seen as they
 * happen. `noApi`: this version of it tells nothing.
 */
export type LiveCondition = 'none' | 'absent' | 'inactive' | 'attached' | 'noApi';

/** Why a record, or a whole task, was left out. */
export type SourceSkipReason =
	| 'otherWorkspace'
	| 'noFolder'
	| 'unknownVersion'
	| 'unreadable'
	| 'malformed'
	| 'tooOld'
	| 'noUsage'
	| 'inherited'
	| 'outsideAgentFolder';

/** One agent, or one way in which agents of a family keep their records. */
export interface SourceView {
	id: string;
	title: string;
	state: SourceCondition;
	live: LiveCondition;
	/** Folders or files that hold its records. */
	places: string[];
	/** Oldest and newest change of a record, epoch milliseconds. */
	sinceMs: number | null;
	lastSeenMs: number | null;
	/** Task folders or databases: read, and there. */
	unitsDone: number;
	unitsTotal: number;
	/** Calls that came into the ledger from here. */
	calls: number;
	skipped: Partial<Record<SourceSkipReason, number>>;
	/** What went wrong, in words without content; `null` = nothing. */
	problem: string | null;
}

export type SourceScope = 'thisWorkspace' | 'allProjects';

/** Everything that the panel's Sources section shows. */
export interface SourcesView {
	/** Empty before the import has first told. */
	sources: SourceView[];
	/** Whose calls this window's ledger takes. */
	scope: SourceScope;
	/** The window has a folder on disk. Without one only `allProjects` imports records. */
	hasFolder: boolean;
	/** How far back records are read, in days; `null` = all there are. */
	metadataDays: number | null;
	contentDays: number | null;
	/** Records are being read at this moment, how many, and of how many. */
	progress: { done: number; total: number } | null;
	/** The user stopped the import. */
	held: boolean;
	/** The import worker cannot run: only live calls are recorded. */
	failed: boolean;
}
