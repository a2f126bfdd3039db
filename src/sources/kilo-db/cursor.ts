import * as z from 'zod';

const openCall = z.object({
	callId: z.string(),
	sessionId: z.string(),
	provider: z.string(),
	model: z.string(),
	/** When it was last read. */
	seenAtMs: z.number(),
	/** How many messages its session had then. */
	messages: z.number(),
});

/** How far one database has been read. Kept as text by the importer and handed back at the next reading. */
const cursorSchema = z.object({
	version: z.literal(1),
	/** Which file it was: another one in its place is read from the start. */
	file: z.string(),
	/**
	 * The session down to which history was read, newest first, and the time of last change from which on sessions are
	 * read at all; `null` once all were.
	 */
	history: z.object({ createdAtMs: z.number(), id: z.string(), untilMs: z.number() }).nullable(),
	/** New messages are looked for above this. */
	marks: z.object({ rowid: z.number(), updatedAtMs: z.number() }),
	/** Calls that had not ended, by message. */
	open: z.record(z.string(), openCall),
	/** Signatures of messages written lately, so that looking again with some overlap costs nothing. */
	seen: z.record(z.string(), z.string()),
	/** Sessions of other workspaces, counted once. */
	foreign: z.array(z.string()),
});
export type Cursor = z.infer<typeof cursorSchema>;

/** History from the newest session on, without those last changed before `untilMs`; 0 = all. */
export function historyDownTo(untilMs: number): NonNullable<Cursor['history']> {
	return { createdAtMs: Number.MAX_SAFE_INTEGER, id: '', untilMs };
}

/** `null` when there is none, or it is of another file or another version. */
export function parseCursor(text: string | null, file: string): Cursor | null {
	if (text === null) return null;
	try {
		const cursor = cursorSchema.parse(JSON.parse(text));
		return cursor.file === file ? cursor : null;
	} catch {
		return null;
	}
}
