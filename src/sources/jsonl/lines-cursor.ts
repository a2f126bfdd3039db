import { hash } from 'node:crypto';
import { readSync, type Stats } from 'node:fs';
import * as z from 'zod';

/** How far a file was read, and by what it is known again. Small, and plain JSON: for a unit's cursor. */
export const linesCursorSchema = z.object({
	/** Where to go on. */
	offset: z.int().min(0),
	/** Up to where lines were handed over before: behind `offset` when some are to be read again. */
	seen: z.int().min(0),
	inode: z.number(),
	/** Hashes of the first bytes of what was read, and of the last. */
	head: z.string(),
	tail: z.string(),
});
export type LinesCursor = z.infer<typeof linesCursorSchema>;

const markBytes = 512;

/** The cursor of an open file at `offset`, when lines up to `seen` were handed over. */
export function fingerprint(file: number, { ino }: Stats, offset: number, seen: number): LinesCursor {
	const length = Math.min(markBytes, offset);
	const head = hashAt(file, 0, length);
	const tail = offset <= markBytes ? head : hashAt(file, offset - length, length);
	return { offset, seen: Math.max(seen, offset), inode: ino, head, tail };
}

/**
 * Whether a file still is what was read before, with more at its end at most. An inode number alone is given again to
 * the next file, and a file can be rewritten in place.
 */
export function isSameFile(file: number, stats: Stats, cursor: LinesCursor): boolean {
	if (stats.ino !== cursor.inode || stats.size < cursor.offset) return false;
	const now = fingerprint(file, stats, cursor.offset, 0);
	return now.head === cursor.head && now.tail === cursor.tail;
}

function hashAt(file: number, position: number, length: number): string {
	const bytes = Buffer.alloc(length);
	const count = length === 0 ? 0 : readSync(file, bytes, 0, length, position);
	return hash('sha1', bytes.subarray(0, count), 'base64').slice(0, 12);
}
