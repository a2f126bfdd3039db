import * as z from 'zod';
import { linesCursorSchema } from '../jsonl/lines-cursor.ts';

const timesSchema = z.object({ main: z.number().optional(), side: z.number().optional() });

/** How far a transcript was read. Holds no content: it is kept when content is erased. */
const cursorSchema = z.object({
	version: z.literal(1),
	lines: linesCursorSchema.nullable(),
	/** Times of the latest lines before `lines.offset`. */
	times: timesSchema,
	/** What was handed over of answers that are read again, by key: only what differs is handed over again. */
	told: z.record(z.string(), z.string()),
	/** Answers that begin before this were counted, where they were left out. */
	countedTo: z.number(),
	/** The transcript was counted as one of which something is left out for these reasons. */
	foreign: z.array(z.enum(['otherWorkspace', 'noFolder'])),
	/** Transcripts that begin like this one, and those of them that are older. */
	relatives: z.array(z.string()),
	older: z.array(z.string()),
	/** Prompts are rebuilt. `null`: not known yet whether anything in it belongs here. */
	content: z.boolean().nullable(),
});
export type TranscriptCursor = z.infer<typeof cursorSchema>;

export function parseTranscriptCursor(text: string | null): TranscriptCursor | null {
	if (text === null) return null;
	try {
		return cursorSchema.safeParse(JSON.parse(text)).data ?? null;
	} catch {
		return null;
	}
}
