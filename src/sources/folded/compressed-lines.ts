import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import * as zlib from 'node:zlib';

/** One line of a compressed file. `value` is `undefined` for one that is no JSON, or too long. */
export interface CompressedLine {
	value: unknown;
	/** Where the next line begins, in bytes of the text. */
	end: number;
	/** Some of its bytes are not UTF-8. */
	replaced: boolean;
}

const maxLineBytes = 32 << 20;
const newline = 0x0a;

/** Whether this runtime can read them: zstd came to Node with version 22.15. */
export const canDecompress = typeof zlib.createZstdDecompress === 'function';

/**
 * The lines of a zstd file, one after the other, in memory bounded by the longest line allowed. Rejects with the file
 * system's error, or zlib's where the data is damaged: what came before was good.
 */
export async function* compressedLines(path: string, signal: AbortSignal): AsyncGenerator<CompressedLine> {
	const text = createReadStream(path, { signal }).pipe(zlib.createZstdDecompress());
	let held: Buffer[] = [];
	let heldBytes = 0;
	let tooLong = false;
	let end = 0;
	const take = (): CompressedLine | null => {
		const bytes = Buffer.concat(held);
		const isTooLong = tooLong;
		held = [];
		heldBytes = 0;
		tooLong = false;
		if (isTooLong) return { value: undefined, end, replaced: false };
		const line = bytes.toString('utf8').trimEnd();
		return line === '' ? null : { value: parsed(line), end, replaced: !isUtf8(bytes) };
	};
	for await (const chunk of text as AsyncIterable<Buffer>) {
		for (let from = 0; from < chunk.length; ) {
			const at = chunk.indexOf(newline, from);
			const part = chunk.subarray(from, at < 0 ? chunk.length : at);
			end += part.length + (at < 0 ? 0 : 1);
			heldBytes += part.length;
			if (heldBytes > maxLineBytes) {
				tooLong = true;
				held = [];
			} else held.push(Buffer.from(part));
			from = at < 0 ? chunk.length : at + 1;
			const line = at < 0 ? null : take();
			if (line !== null) yield line;
		}
	}
	const last = take();
	if (last !== null) yield last;
}

function parsed(line: string): unknown {
	try {
		return JSON.parse(line);
	} catch {
		return undefined;
	}
}
