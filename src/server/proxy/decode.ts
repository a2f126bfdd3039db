import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import type { KeptBytes } from './exchange.ts';

/** Bytes that a body may have once it is unpacked. */
const maxUnpacked = 256 * 1024 * 1024;

/** A piece of a body's text, and when it came. */
export interface TimedText {
	atMs: number;
	text: string;
}

/** The text of a body, piece by piece; ends early where it cannot be unpacked. */
export async function* textOf(body: KeptBytes): AsyncGenerator<TimedText> {
	const decoder = new TextDecoder('utf-8');
	for await (const { atMs, bytes } of unpacked(body)) yield { atMs, text: decoder.decode(bytes, { stream: true }) };
	const rest = decoder.decode();
	if (rest !== '') yield { atMs: body.chunks.at(-1)?.atMs ?? 0, text: rest };
}

async function* unpacked({ chunks, encoding }: KeptBytes): AsyncGenerator<KeptBytes['chunks'][number]> {
	if (encoding === null) {
		yield* chunks;
		return;
	}
	const unpacker = unpackerOf(encoding);
	if (unpacker === null) return;
	let out: Buffer[] = [];
	let failed = false;
	let size = 0;
	unpacker.on('data', (piece: Buffer) => {
		size += piece.length;
		if (size <= maxUnpacked) out.push(piece);
	});
	unpacker.on('error', () => {
		failed = true;
	});
	for (const { atMs, bytes } of chunks) {
		await new Promise<void>((resolve) => unpacker.write(bytes, () => resolve()));
		if (failed || size > maxUnpacked) break;
		const pieces = out;
		out = [];
		for (const piece of pieces) yield { atMs, bytes: piece };
	}
	unpacker.destroy();
}

function unpackerOf(encoding: string): Transform | null {
	switch (encoding) {
		case 'gzip':
		case 'x-gzip':
			return createGunzip();
		case 'deflate':
			return createInflate();
		case 'br':
			return createBrotliDecompress();
		case 'zstd':
			return createZstdDecompress();
		default:
			return null;
	}
}
