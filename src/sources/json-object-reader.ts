import { isUtf8 } from 'node:buffer';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { HeldBytes } from './held-bytes.ts';

/** What was wrong with a top-level object. */
export interface ObjectReading {
	/** Members and elements that are not JSON, not UTF-8, or longer than the limit. */
	bad: number;
	/** The closing brace was there: the file was written to its end. */
	complete: boolean;
	bytes: number;
}

export interface ObjectReadOptions {
	/** The member whose value is an array that is handed over element by element. */
	array: string;
	onElement(value: unknown): void;
	/** Any other member. */
	onMember(key: string, value: unknown): void;
	/** A member or an element longer than this is skipped and counted as bad. Bytes. */
	maxValueBytes?: number;
	signal?: AbortSignal;
}

const chunkBytes = 1 << 18;
const defaultMaxValueBytes = 32 << 20;

/**
 * Reads a file that holds one JSON object with one long array in it, in memory that does not grow with the array: one
 * chunk and one element at a time. A bad element is counted and the rest still read; a file that ends in the middle
 * gives what came before. `null` when there is no such file; a link at the end of the path is not followed.
 *
 * Rejects with the file system's error, or with the signal's reason when it is aborted.
 */
export async function readJsonObject(path: string, options: ObjectReadOptions): Promise<ObjectReading | null> {
	const file = await openPlainFile(path);
	if (file === null) return null;
	try {
		const scanner = new JsonObjectScanner(options);
		const buffer = Buffer.allocUnsafe(chunkBytes);
		for (;;) {
			options.signal?.throwIfAborted();
			const { bytesRead } = await file.read(buffer, 0, chunkBytes, null);
			if (bytesRead === 0) return scanner.end();
			scanner.push(buffer.subarray(0, bytesRead));
		}
	} finally {
		await file.close();
	}
}

async function openPlainFile(path: string): Promise<FileHandle | null> {
	let file: FileHandle;
	try {
		file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
	} catch (error) {
		if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return null;
		throw error;
	}
	if ((await file.stat()).isFile()) return file;
	await file.close();
	return null;
}

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

type Place =
	| 'beforeObject'
	| 'beforeKey'
	| 'key'
	| 'colon'
	| 'beforeValue'
	| 'member'
	| 'elements'
	| 'element'
	| 'after'
	| 'lost';

/** Finds the members of a top-level object, and the elements of one of them, in a stream of bytes (RFC 8259). */
class JsonObjectScanner {
	readonly #options: ObjectReadOptions;
	readonly #held: HeldBytes;
	#place: Place = 'beforeObject';
	/** The member at hand. */
	#key = '';
	#depth = 0;
	#inString = false;
	#escaped = false;
	/** Bytes of the value at hand from earlier chunks. */
	#reading: ObjectReading = { bad: 0, complete: false, bytes: 0 };

	constructor(options: ObjectReadOptions) {
		this.#options = options;
		this.#held = new HeldBytes(options.maxValueBytes ?? defaultMaxValueBytes);
	}

	push(chunk: Buffer): void {
		this.#reading.bytes += chunk.length;
		let start = 0;
		let at = 0;
		while (at < chunk.length) {
			if (this.#isInValue) {
				at = this.#scanValue(chunk, at);
				if (this.#isInValue) break;
				this.#finish(chunk.subarray(start, at));
				continue;
			}
			const byte = chunk[at] ?? 0;
			this.#between(byte);
			// A value begins with this byte; one that is scanned to its end from here.
			if (this.#isInValue) start = at;
			else at++;
		}
		if (this.#isInValue) this.#held.hold(chunk.subarray(start));
	}

	end(): ObjectReading {
		if (this.#place === 'after') this.#reading.complete = true;
		else if (this.#isInValue) this.#reading.bad++;
		return this.#reading;
	}

	get #isInValue(): boolean {
		return this.#place === 'key' || this.#place === 'member' || this.#place === 'element';
	}

	/** Takes one byte that is in no value. */
	#between(byte: number): void {
		if (isSpace(byte)) return;
		switch (this.#place) {
			case 'beforeObject':
				if (byte === openBrace) this.#place = 'beforeKey';
				// A byte order mark may stand before the brace.
				else if (byte !== 0xef && byte !== 0xbb && byte !== 0xbf) this.#lose();
				return;
			case 'beforeKey':
				if (byte === quote) this.#place = 'key';
				else if (byte === closeBrace) this.#place = 'after';
				else if (byte !== comma) this.#lose();
				return;
			case 'colon':
				if (byte === colon) this.#place = 'beforeValue';
				else this.#lose();
				return;
			case 'beforeValue':
				this.#place = this.#key === this.#options.array && byte === openBracket ? 'elements' : 'member';
				return;
			case 'elements':
				if (byte === closeBracket) this.#place = 'beforeKey';
				else if (byte === closeBrace) this.#lose();
				else if (byte !== comma) this.#place = 'element';
				return;
			case 'after':
				if (byte !== 0) this.#lose();
				return;
			default:
				return;
		}
	}

	/** Goes to the end of the value, or of the chunk. Returns the position of the byte after it. */
	#scanValue(chunk: Buffer, from: number): number {
		for (let at = from; at < chunk.length; at++) {
			const byte = chunk[at] ?? 0;
			if (this.#inString) {
				if (this.#escaped) this.#escaped = false;
				else if (byte === backslash) this.#escaped = true;
				else if (byte === quote) {
					this.#inString = false;
					if (this.#place === 'key') return this.#leave('colon', at + 1);
				}
			} else if (byte === quote) {
				this.#inString = true;
			} else if (byte === openBrace || byte === openBracket) {
				this.#depth++;
			} else if (byte === closeBrace || byte === closeBracket) {
				if (this.#depth === 0) return this.#leave(this.#place === 'element' ? 'elements' : 'beforeKey', at);
				this.#depth--;
			} else if (byte === comma && this.#depth === 0) {
				return this.#leave(this.#place === 'element' ? 'elements' : 'beforeKey', at);
			}
		}
		return chunk.length;
	}

	#leave(place: Place, at: number): number {
		this.#place = place;
		return at;
	}

	#lose(): void {
		this.#place = 'lost';
		this.#reading.bad++;
	}

	/** Parses the value that has just ended; the place tells which kind it was. */
	#finish(part: Buffer): void {
		const bytes = this.#held.finish(part);
		const value = bytes === null ? undefined : parse(bytes);
		if (this.#place === 'colon') {
			this.#key = typeof value === 'string' ? value : '';
			if (typeof value !== 'string') this.#reading.bad++;
		} else if (value === undefined) {
			this.#reading.bad++;
		} else if (this.#place === 'elements') {
			this.#options.onElement(value);
		} else {
			this.#options.onMember(this.#key, value);
		}
	}
}

function parse(bytes: Buffer): unknown {
	try {
		return isUtf8(bytes) ? JSON.parse(bytes.toString('utf8')) : undefined;
	} catch {
		return undefined;
	}
}

function isSpace(byte: number): boolean {
	return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
