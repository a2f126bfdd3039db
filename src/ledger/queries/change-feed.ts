import type { Reader } from './reader.ts';

/** More changes than this are not followed one by one. */
const MAX_FOLLOWED = 2_000;

/** A state of the ledger, as far as it was looked at. */
export interface Mark {
	revision: number;
	lastEvent: number;
}

/** Numbers of the calls and sessions that got new events since a mark. */
export interface Changes {
	calls: ReadonlySet<number>;
	sessions: ReadonlySet<number>;
}

/** Where the ledger stands now. */
export function markOf(reader: Reader): Mark {
	const lastEvent = Number(reader.sql('SELECT max(n) AS n FROM event').get()?.n ?? 0);
	return { revision: reader.revision(), lastEvent };
}

/**
 * What any window changed since a mark: whatever happens to a call appends an event. `null` when that is not known, since
 * calls were taken out, or too much: who remembers calls must then look anew.
 */
export function changesSince(reader: Reader, mark: Mark): Changes | null {
	if (reader.revision() === mark.revision) return { calls: new Set(), sessions: new Set() };
	if (!reader.isCurrent || reader.removedAt() > mark.revision) return null;
	const rows = reader
		.columns('SELECT call_n, session_n FROM event WHERE n > ? LIMIT ?')
		.all(mark.lastEvent, MAX_FOLLOWED + 1) as unknown as [number | null, number][];
	if (rows.length > MAX_FOLLOWED) return null;
	const calls = new Set<number>();
	for (const [call] of rows) if (call !== null) calls.add(call);
	return { calls, sessions: new Set(rows.map(([, session]) => session)) };
}
