import * as z from 'zod';
import { linesCursorSchema } from '../jsonl/lines-cursor.ts';

const cursorSchema = z.object({
	version: z.literal(1),
	/** Where the next reading goes on. `lines`: in a plain file; `bytes`: in the text of a compressed one. */
	at: z.union([z.object({ lines: linesCursorSchema }), z.object({ bytes: z.int(), stamp: z.string() })]),
	/** What was counted as left out from the start of the file to there. */
	skipped: z.record(z.string(), z.number()),
	/** The record is not of what is being recorded: nothing more of it is read. */
	refused: z.boolean(),
});
/** How far one record was read. */
export type FoldedCursor = z.infer<typeof cursorSchema>;

/** `null` for none, and for one of another version. */
export function parseFoldedCursor(text: string | null): FoldedCursor | null {
	try {
		return text === null ? null : (cursorSchema.safeParse(JSON.parse(text)).data ?? null);
	} catch {
		return null;
	}
}
