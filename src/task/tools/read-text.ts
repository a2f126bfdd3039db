import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { ToolError } from './tool-error.ts';
import type { Found } from './workspace.ts';

/** How much of a file is looked at to tell text from binary. */
const sniffBytes = 8192;

/**
 * A text file's content, at most `maxBytes` of it; `cut` says whether there is more. `null` for a binary file (one
 * with a NUL in its first 8 KB). Throws `ToolError` if it is no regular file or cannot be read.
 */
export async function readText(file: Found, maxBytes: number): Promise<{ text: string; cut: boolean } | null> {
	// Before opening: to open a pipe or a device may block or do something.
	if (!file.stats.isFile()) throw new ToolError('wrongKind', `\`${file.name}\` is not a file.`);
	try {
		await using handle = await open(file.path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
		const buffer = Buffer.alloc(Math.min(maxBytes, file.stats.size) + 1);
		let length = 0;
		while (length < buffer.length) {
			const { bytesRead } = await handle.read(buffer, length, buffer.length - length, length);
			if (bytesRead === 0) break;
			length += bytesRead;
		}
		if (buffer.subarray(0, Math.min(length, sniffBytes)).includes(0)) return null;
		const cut = length > maxBytes;
		// `stream` leaves out a character that the cut went through.
		const text = new TextDecoder('utf-8').decode(buffer.subarray(0, Math.min(length, maxBytes)), { stream: cut });
		return { text, cut };
	} catch (cause) {
		throw new ToolError('io', `\`${file.name}\` could not be read.`, { cause });
	}
}
