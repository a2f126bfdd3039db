import { statSync } from 'node:fs';
import { isNewer, openDatabase } from './database.ts';
import { LedgerError, type LedgerErrorReason } from './ledger.ts';
import { filesSetAside } from './set-aside.ts';
import { toLedgerError } from './sqlite-error.ts';

/** Up to this size the whole file is checked. */
const checkedBytes = 64 * 1024 * 1024;

/** What can be told of a ledger file by looking at it. */
export interface Inspection {
	/** `missing`: there is no such file. `ok` is said of a large file by its start alone: see `isChecked`. */
	condition: 'ok' | 'missing' | LedgerErrorReason;
	/** All pages were looked at. */
	isChecked: boolean;
	/** The file and its log. */
	bytes: number | null;
	calls: number | null;
	sessions: number | null;
	/** Start of the newest call, epoch milliseconds. */
	lastCallAtMs: number | null;
	/** How content of the newest call was kept; `null`: it had none, or nobody knows. */
	content: 'full' | 'redacted' | 'off' | null;
	/** Files that were set aside beside it, absolute. */
	setAside: string[];
}

/** Looks at a ledger, in this thread, and changes nothing: what is damaged stays where it is. Never throws. */
export function inspectLedger(file: string): Inspection {
	const found: Inspection = {
		condition: 'ok',
		isChecked: false,
		bytes: null,
		calls: null,
		sessions: null,
		lastCallAtMs: null,
		content: null,
		setAside: [],
	};
	try {
		const size = statSync(file, { throwIfNoEntry: false })?.size;
		const log = statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0;
		// An empty file is a ledger that has not begun.
		if (size === undefined || size + log === 0) return { ...found, condition: 'missing' };
		found.bytes = size + log;
		found.setAside = filesSetAside(file);
		look(file, found);
	} catch (error) {
		found.condition = toLedgerError(error).reason;
	}
	return found;
}

function look(file: string, found: Inspection): void {
	const { db } = openDatabase({ file, readOnly: true });
	try {
		if (isNewer(db)) found.condition = 'newerVersion';
		if (found.bytes !== null && found.bytes <= checkedBytes) {
			const said = db.prepare('PRAGMA quick_check(1)').get()?.quick_check;
			if (said !== 'ok') throw new LedgerError('damaged', String(said));
			found.isChecked = true;
		}
		found.calls = Number(db.prepare('SELECT count(*) AS n FROM call').get()?.n);
		found.sessions = Number(db.prepare('SELECT count(*) AS n FROM session').get()?.n);
		const newest = db.prepare('SELECT started_ms, call_content FROM call ORDER BY started_ms DESC LIMIT 1').get();
		if (newest === undefined) return;
		found.lastCallAtMs = Number(newest.started_ms);
		const content = newest.call_content;
		if (content === 'full' || content === 'redacted' || content === 'off') found.content = content;
	} finally {
		db.close();
	}
}
