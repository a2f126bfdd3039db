/**
 * What `callmeter doctor --json` prints: what was found where, fit to be shown to others. No content and no tokens; the
 * user's home is `~` everywhere. Unknown is `null`, times are ISO 8601.
 */
export interface DoctorJson {
	/** Nothing is wrong: `problems` is empty. */
	ok: boolean;
	/** What is wrong, and what to do. */
	problems: Finding[];
	/** What is worth knowing and does no harm. */
	notes: Finding[];
	versions: { callmeter: string; node: string; sqlite: string; system: string };
	/** What this Node's SQLite and zlib can do; without either things work, slower. */
	abilities: { fullText: boolean; zstd: boolean };
	ledgers: LedgerFound[];
	agents: AgentFound[];
	servers: ServerFound[];
	/** The built-in price table and the day it is of. */
	prices: { source: string; asOf: string };
	/** Disks that hold ledgers. */
	disks: { path: string; freeBytes: number | null }[];
}

export interface Finding {
	/** A sentence. */
	what: string;
	/** What to do about it, a sentence; `null`: nothing need be done. */
	advice: string | null;
	/** A command that does it. */
	command: string | null;
}

export interface LedgerFound {
	file: string;
	/** Commands read this one in the current folder. */
	isCurrent: boolean;
	/** Whose calls it holds. */
	folders: string[];
	condition: string;
	/** All of the file was looked at; a large one is not. */
	isChecked: boolean;
	bytes: number | null;
	/** Octal, as `0600`; `null`: this system has none. */
	mode: string | null;
	folderMode: string | null;
	calls: number | null;
	sessions: number | null;
	lastCallAt: string | null;
	/** How content is kept: as VS Code is set to, where it has told, else as the newest call has it. */
	content: 'full' | 'redacted' | 'off' | null;
}

export interface AgentFound {
	source: string;
	title: string;
	found: boolean;
	/** Folders or files of its records. */
	places: string[];
	/** Task folders, databases, transcripts. */
	records: number;
	newestAt: string | null;
}

export interface ServerFound {
	port: number;
	pid: number;
	version: string;
	startedAt: string;
	folders: string[];
	/** It answered, and is the one on the list. */
	answers: boolean;
}
