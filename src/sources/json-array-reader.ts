import { isUtf8 } from 'node:buffer';
import { type FileHandle, open } from 'node:fs/promises';
import { HeldBytes } from './held-bytes.ts';

/** What was wrong with a top-level array. `elements` were good and were handed over. */
export interface ArrayReading {
	elements: number;
	/** Elements that are not JSON, not UTF-8, or longer than the limit. */
	bad: number;
	/** The closing bracket was there: the file was written to its end. */
	complete: boolean;
	bytes: number;
}

export interface ArrayReadOptions {
	/** An element longer than this is skipped and counted as bad. Bytes. */
	maxElementBytes?: number;
	/** Elements for which this answers `false` are not parsed. The bytes are valid only during the call. */
	wanted?(element: Buffer, index: number): boolean;
	signal?: AbortSignal;
}

const chunkBytes = 1 << 18;
const defaultMaxElementBytes = 32 << 20;

/**
 * Reads a file that holds one JSON array, element by element, in memory that does not grow with the file: one chunk and
 * one element at a time. Hands each parsed element over, in order. A bad element is counted and the rest still read; a
 * file that ends in the middle gives what came before.
 *
 * Rejects with the file system's error, or with the signal's reason when it is aborted.
 */
export async function readJsonArray(
	path: string,
	onElement: (value: unknown, index: number) => void,
	options: ArrayReadOptions = {},
): Promise<ArrayReading> {
	const scanner = new JsonArrayScanner(onElement, options);
	let file: FileHandle | null = null;
	try {
		file = await open(path, 'r');
		const buffer = Buffer.allocUnsafe(chunkBytes);
		for (;;) {
			options.signal?.throwIfAborted();
			const { bytesRead } = await file.read(buffer, 0, chunkBytes, null);
			if (bytesRead === 0) return scanner.end();
			scanner.push(buffer.subarray(0, bytesRead));
		}
	} finally {
		await file?.close();
	}
}

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;

type Place = 'beforeArray' | 'betweenElements' | 'inElement' | 'afterArray' | 'lost';

/** Finds the elements of a top-level array in a stream of bytes (RFC 8259). */
class JsonArrayScanner {
	readonly #onElement: (value: unknown, index: number) => void;
	readonly #wanted: ((element: Buffer, index: number) => boolean) | null;
	readonly #held: HeldBytes;
	#place: Place = 'beforeArray';
	#depth = 0;
	#inString = false;
	#escaped = false;
	/** Bytes of the element at hand from earlier chunks. */
	#index = 0;
	#reading: ArrayReading = { elements: 0, bad: 0, complete: false, bytes: 0 };

	constructor(onElement: (value: unknown, index: number) => void, options: ArrayReadOptions) {
		this.#onElement = onElement;
		this.#wanted = options.wanted ?? null;
		this.#held = new HeldBytes(options.maxElementBytes ?? defaultMaxElementBytes);
	}

	push(chunk: Buffer): void {
		this.#reading.bytes += chunk.length;
		let start = 0;
		let at = 0;
		while (at < chunk.length) {
			if (this.#place === 'inElement') {
				at = this.#scanElement(chunk, at);
				if (this.#place === 'inElement') break;
				this.#finish(chunk.subarray(start, at));
				continue;
			}
			const byte = chunk[at] ?? 0;
			if (this.#place === 'betweenElements' && !isSpace(byte) && byte !== comma && byte !== 0x5d && byte !== 0x7d) {
				this.#place = 'inElement';
				start = at;
				continue;
			}
			this.#outside(byte);
			at++;
		}
		if (this.#place === 'inElement') this.#held.hold(chunk.subarray(start));
	}

	end(): ArrayReading {
		const reading = this.#reading;
		if (this.#place === 'afterArray') reading.complete = true;
		else if (this.#place === 'inElement') reading.bad++;
		return reading;
	}

	/** Goes to the end of the element, or of the chunk. Returns the position of the byte after the element. */
	#scanElement(chunk: Buffer, from: number): number {
		for (let at = from; at < chunk.length; at++) {
			const byte = chunk[at] ?? 0;
			if (this.#inString) {
				if (this.#escaped) this.#escaped = false;
				else if (byte === backslash) this.#escaped = true;
				else if (byte === quote) this.#inString = false;
			} else if (byte === quote) {
				this.#inString = true;
			} else if (byte === 0x7b || byte === 0x5b) {
				this.#depth++;
			} else if (byte === 0x7d || byte === 0x5d) {
				if (this.#depth === 0) {
					this.#place = 'betweenElements';
					return at;
				}
				this.#depth--;
			} else if (byte === comma && this.#depth === 0) {
				this.#place = 'betweenElements';
				return at;
			}
		}
		return chunk.length;
	}

	#outside(byte: number): void {
		switch (this.#place) {
			case 'beforeArray':
				if (byte === 0x5b) this.#place = 'betweenElements';
				// A byte order mark may stand before the bracket.
				else if (!isSpace(byte) && byte !== 0xef && byte !== 0xbb && byte !== 0xbf) this.#lose();
				return;
			case 'betweenElements':
				if (byte === 0x5d) this.#place = 'afterArray';
				// No element begins with a closing brace.
				else if (byte === 0x7d) this.#lose();
				return;
			case 'afterArray':
				if (!isSpace(byte) && byte !== 0) this.#lose();
				return;
			default:
				return;
		}
	}

	#lose(): void {
		this.#place = 'lost';
		this.#reading.bad++;
	}

	#finish(part: Buffer): void {
		const index = this.#index++;
		const element = this.#held.finish(part);
		if (element === null) {
			this.#reading.bad++;
			return;
		}
		if (this.#wanted !== null && !this.#wanted(element, index)) return;
		let value: unknown;
		try {
			if (!isUtf8(element)) throw new TypeError('not UTF-8');
			value = JSON.parse(element.toString('utf8'));
		} catch {
			this.#reading.bad++;
			return;
		}
		this.#reading.elements++;
		this.#onElement(value, index);
	}
}

function isSpace(byte: number): boolean {
	return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
