import { LedgerError, type LedgerErrorReason } from './ledger.ts';

/** Primary result codes of SQLite (sqlite.org/rescode.html), the low byte of an extended code. */
const REASONS: Record<number, LedgerErrorReason> = {
	5: 'locked',
	6: 'locked',
	8: 'readOnly',
	10: 'io',
	11: 'damaged',
	13: 'diskFull',
	14: 'io',
	26: 'damaged',
};

/** Extended codes that say more than their primary code. 4874 is IOERR_SHMSIZE: no room for the WAL's index. */
const EXTENDED: Record<number, LedgerErrorReason> = { 4874: 'diskFull' };

const SYSTEM: Record<string, LedgerErrorReason> = {
	ENOSPC: 'diskFull',
	EDQUOT: 'diskFull',
	EROFS: 'readOnly',
	EACCES: 'readOnly',
	EPERM: 'readOnly',
	EBUSY: 'locked',
};

const ADVICE: Record<LedgerErrorReason, string> = {
	diskFull: 'The disk is full. Free some space: calls recorded meanwhile are kept in memory and written then.',
	readOnly:
		'The ledger cannot be written there. Check the permissions, or choose another folder in "callmeter.ledger.directory".',
	locked: 'Another program holds the ledger. Callmeter tries again by itself.',
	foreignFile: 'The file belongs to another program.',
	newerVersion: 'A newer version of Callmeter wrote the ledger. Update the extension.',
	olderVersion:
		'An earlier version of Callmeter wrote the ledger. It is brought up to date when its folder is opened in VS Code, or by callmeter import.',
	damaged: 'The ledger file is damaged. It is put aside, never deleted, and a fresh one begins.',
	workerGone: 'The ledger stopped unexpectedly. Reload the window to start it again.',
	closed: 'The ledger is closed.',
	badInput: 'The request is not valid.',
	internal: 'Callmeter met a fault of its own. Please report it.',
	io: 'The ledger file could not be read or written. Check the disk and the path.',
};

/** Any failure as a `LedgerError`: its reason from SQLite's or the system's code, else `internal`; its message for a person. */
export function toLedgerError(error: unknown, file?: string): LedgerError {
	if (error instanceof LedgerError) return error;
	return ledgerError(reasonOf(error), file, error);
}

/** A `LedgerError` with the message of its reason. `detail` names the file, or what was wrong. */
export function ledgerError(reason: LedgerErrorReason, detail?: string, cause?: unknown): LedgerError {
	return new LedgerError(reason, detail === undefined ? ADVICE[reason] : `${ADVICE[reason]} (${detail})`, { cause });
}

function reasonOf(error: unknown): LedgerErrorReason {
	if (typeof error !== 'object' || error === null) return 'internal';
	if ('errcode' in error && typeof error.errcode === 'number') {
		return EXTENDED[error.errcode] ?? REASONS[error.errcode & 0xff] ?? 'io';
	}
	// What is neither SQLite's nor the system's says nothing of the disk: trying again would meet the same.
	const isSystem = 'code' in error && typeof error.code === 'string' && !error.code.startsWith('ERR_');
	return isSystem ? (SYSTEM[String(error.code)] ?? 'io') : 'internal';
}
