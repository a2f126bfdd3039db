/** What `callmeter erase --json` prints. */
export interface EraseJson {
	/** Absolute. */
	ledger: string;
	/** `content`: counts, costs and the chains stay. `all`: whole sessions go. */
	what: 'content' | 'all';
	/** ISO 8601: only what began before; `null`: whatever its age. */
	before: string | null;
	/** Only this one; `null`: all. */
	session: string | null;
	/** What goes. */
	goes: {
		/** Sessions that go as a whole, and their calls. */
		sessions: number;
		calls: number;
		/** Sessions that stay and lose content, and the calls whose content that is. */
		emptiedSessions: number;
		emptiedCalls: number;
		/** Distinct texts. */
		messages: number;
	};
	/** What was done; `null`: nothing yet (`--dry-run`). */
	erased: {
		messages: number;
		sessions: number;
		/** `false`: another program was reading, and words may stand in the log beside the ledger until it ends. */
		scrubbed: boolean;
		/** Files that were set aside earlier, absolute: they keep all they had. */
		setAside: string[];
	} | null;
}
