import { type Stats, statSync } from 'node:fs';

/** What tells one state of a file from the next, without reading it. */
export interface FileStamp {
	/** Changes with every write, also with one by rename. */
	stamp: string;
	/** Epoch milliseconds. */
	changedAtMs: number;
}

/** `null` when there is no such file, or it is something else: a folder, a pipe, a device. */
export function stampOfFile(path: string): FileStamp | null {
	try {
		const stats = statSync(path, { throwIfNoEntry: false });
		return stats?.isFile() ? stampOf(stats) : null;
	} catch {
		return null;
	}
}

export function stampOf({ size, mtimeMs, ino }: Stats): FileStamp {
	return { stamp: `${size}.${mtimeMs}.${ino}`, changedAtMs: Math.floor(mtimeMs) };
}
