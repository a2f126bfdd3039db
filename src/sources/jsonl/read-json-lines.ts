import { isUtf8 } from 'node:buffer';
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { type FileStamp, stampOf } from './file-stamp.ts';
import { fingerprint, isSameFile, type LinesCursor } from './lines-cursor.ts';

/** Where a line stands in its file, in bytes: from its first to the first of the next line. */
export interface LineAt {
	start: number;
	end: number;
}

/** What one page of a file gave. */
export interface LinesReading extends FileStamp {
	/** Hand it in to go on from here. */
	cursor: LinesCursor;
	/** A cursor was handed in, but the file is another, or was cut or rewritten since: it was read from its start. */
	restarted: boolean;
	/** The page is full, and there is more. */
	more: boolean;
	/** Lines that were left out: no JSON, or too long. Those that an earlier reading counted are not counted again. */
	bad: number;
	/** Lines of which some bytes are not UTF-8: handed over with U+FFFD in their place. Counted once, too. */
	replaced: number;
	/** The last line has no end yet: left for the next reading, and not counted. */
	cutOff: boolean;
	/** Bytes of the file that were looked at. */
	bytes: number;
}

export interface LinesOptions {
	/** Where an earlier reading ended; `null` = from the start. */
	cursor: LinesCursor | null;
	/** The page ends with the line that passes this. Bytes. */
	maxBytes?: number;
	/** A line longer than this is skipped and counted, at no cost in memory. Bytes. */
	maxLineBytes?: number;
	/** Lines for which this answers `false` are not parsed. The bytes are valid only during the call. */
	wanted?(line: Buffer, at: LineAt): boolean;
	/**
	 * Asked at the end of a page: the start of an earlier line of this page from which to read again next time, since what
	 * begins there may go on. `null` = from the first line that was not handed over. `more`: this was not the last page.
	 */
	readAgainFrom?(more: boolean): number | null;
	/** Called before the first line when the file is read from its start although a cursor was handed in. */
	onRestart?(): void;
	signal?: AbortSignal;
}

const chunkBytes = 1 << 20;
const smallestRead = 1 << 16;
const defaultPageBytes = 8 << 20;
const defaultMaxLineBytes = 32 << 20;
const newline = 0x0a;
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Reads a page of a file of JSON lines from where the last one ended, and hands over each value, in order. Answering
 * `stop` ends the page after that line. `null` when there is no such file. Memory is bounded by the longest line allowed.
 *
 * Works at a stretch, without giving way to other work: a page takes tens of milliseconds, and small files are read at
 * the rate of the disk. For worker threads. Throws the file system's error, or the signal's reason when it is aborted.
 */
export function readJsonLines(
	path: string,
	onValue: (value: unknown, at: LineAt) => unknown,
	options: LinesOptions,
): LinesReading | null {
	const file = openPlainFile(path);
	if (file === null) return null;
	try {
		return new Page(file, onValue, options).read();
	} finally {
		closeSync(file);
	}
}

/** Neither follows a link at the end of the path nor waits for a pipe to be written. */
function openPlainFile(path: string): number | null {
	try {
		const file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
		if (fstatSync(file).isFile()) return file;
		closeSync(file);
		return null;
	} catch (error) {
		if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return null;
		throw error;
	}
}

/** A buffer that one page after the other uses; taken while a page is read, since a page may begin within another. */
let spare: Buffer<ArrayBuffer> | null = null;

/** The same bytes, as many of them as there is room for. Frees what was there at once, not when the collector comes by. */
function resized(buffer: Buffer<ArrayBuffer>, bytes: number): Buffer<ArrayBuffer> {
	return buffer.length === bytes ? buffer : Buffer.from(buffer.buffer.transfer(bytes));
}

class Page {
	readonly #file: number;
	readonly #onValue: (value: unknown, at: LineAt) => unknown;
	readonly #options: LinesOptions;
	readonly #maxLineBytes: number;
	#buffer: Buffer<ArrayBuffer>;
	#filled = 0;
	/** Position in the file of the buffer's first byte. */
	#base = 0;
	/** Position in the buffer of the first byte of the line at hand, and of the first byte not looked at. */
	#line = 0;
	#next = 0;
	/** Where in the file a line begins that is too long to be kept: only its end is looked for. */
	#longLine: number | null = null;
	#bytes = 0;
	/** Lines that begin before this were counted by an earlier reading. */
	#seen = 0;
	#stopped = false;
	#bad = 0;
	#replaced = 0;

	constructor(file: number, onValue: (value: unknown, at: LineAt) => unknown, options: LinesOptions) {
		this.#file = file;
		this.#onValue = onValue;
		this.#options = options;
		this.#maxLineBytes = options.maxLineBytes ?? defaultMaxLineBytes;
		this.#buffer = spare ?? Buffer.from(new ArrayBuffer(chunkBytes));
		spare = null;
	}

	read(): LinesReading {
		const stats = fstatSync(this.#file);
		const { cursor } = this.#options;
		const goesOn = cursor !== null && isSameFile(this.#file, stats, cursor);
		const from = goesOn ? cursor.offset : 0;
		const restarted = cursor !== null && !goesOn && cursor.seen > 0;
		if (restarted) this.#options.onRestart?.();
		this.#base = from;
		this.#seen = goesOn ? cursor.seen : 0;
		let consumed = from;
		let cutOff = false;
		try {
			const limit = from + (this.#options.maxBytes ?? defaultPageBytes);
			while (!this.#stopped) {
				this.#options.signal?.throwIfAborted();
				if (!this.#fill(limit)) {
					cutOff = !this.#takeRest();
					break;
				}
				this.#takeLines(limit);
			}
			// What was dropped of a line whose end is still to come is looked at again.
			consumed = this.#longLine ?? this.#base + this.#line;
		} finally {
			spare = resized(this.#buffer, chunkBytes);
		}
		const after = fstatSync(this.#file);
		const more = this.#stopped && consumed < after.size;
		const again = Math.max(0, Math.min(consumed, this.#options.readAgainFrom?.(more) ?? consumed));
		return {
			...stampOf(stats),
			// Cut while it was read: from the start, then.
			cursor: after.size < consumed ? fingerprint(this.#file, after, 0, 0) : this.#cursorAt(after, again, consumed),
			restarted,
			more,
			bad: this.#bad,
			replaced: this.#replaced,
			cutOff,
			bytes: this.#bytes,
		};
	}

	#cursorAt(stats: Stats, offset: number, consumed: number): LinesCursor {
		return fingerprint(this.#file, stats, offset, Math.max(consumed, this.#seen));
	}

	/** Reads on behind what is there, not far beyond the end of the page. `false` at the end of the file. */
	#fill(limit: number): boolean {
		if (this.#line > 0) {
			this.#buffer.copyWithin(0, this.#line, this.#filled);
			this.#base += this.#line;
			this.#filled -= this.#line;
			this.#next -= this.#line;
			this.#line = 0;
		}
		if (this.#longLine === null && this.#filled > this.#maxLineBytes) this.#longLine = this.#base;
		if (this.#longLine !== null) {
			this.#base += this.#filled;
			this.#filled = 0;
			this.#next = 0;
		} else if (this.#filled === this.#buffer.length) {
			this.#buffer = resized(this.#buffer, Math.min(this.#buffer.length * 2, this.#maxLineBytes + chunkBytes));
		}
		const position = this.#base + this.#filled;
		const room = Math.min(this.#buffer.length - this.#filled, Math.max(limit - position, smallestRead));
		const count = readSync(this.#file, this.#buffer, this.#filled, room, position);
		this.#filled += count;
		this.#bytes += count;
		return count > 0;
	}

	#takeLines(limit: number): void {
		const filled = this.#buffer.subarray(0, this.#filled);
		while (!this.#stopped) {
			const at = filled.indexOf(newline, this.#next);
			if (at < 0) {
				this.#next = this.#filled;
				return;
			}
			const line = this.#line;
			this.#line = at + 1;
			this.#next = at + 1;
			const longLine = this.#longLine ?? (at - line > this.#maxLineBytes ? this.#base + line : null);
			this.#longLine = null;
			if (longLine !== null) this.#countBad(longLine);
			else this.#take(line, at, this.#base + at + 1);
			if (this.#base + at + 1 >= limit) this.#stopped = true;
		}
	}

	/** The end of the file. A last line without a line break counts once it is whole; `false`: it is not. */
	#takeRest(): boolean {
		if (this.#longLine !== null) return false;
		const line = this.#content(this.#line, this.#filled, this.#base + this.#line);
		if (line.length > 0) {
			const value = line.at(-1) === 0x7d ? parsed(line) : undefined;
			if (value === undefined) return false;
			this.#handOver(line, { start: this.#base + this.#line, end: this.#base + this.#filled }, value);
		}
		this.#line = this.#filled;
		return true;
	}

	#take(from: number, to: number, end: number): void {
		const start = this.#base + from;
		const line = this.#content(from, to, start);
		if (line.length > 0) this.#handOver(line, { start, end });
	}

	#handOver(line: Buffer, at: LineAt, known?: unknown): void {
		if (this.#options.wanted?.(line, at) === false) return;
		const value = known ?? parsed(line);
		if (value === undefined) {
			this.#countBad(at.start);
			return;
		}
		if (!isUtf8(line) && at.start >= this.#seen) this.#replaced++;
		if (this.#onValue(value, at) === 'stop') this.#stopped = true;
	}

	#countBad(start: number): void {
		if (start >= this.#seen) this.#bad++;
	}

	/** A line without the blanks at its end, and without the mark at the start of a file that says it is UTF-8. */
	#content(from: number, to: number, start: number): Buffer {
		let first = from;
		let last = to;
		if (start === 0 && to - from >= 3 && this.#buffer.compare(byteOrderMark, 0, 3, from, from + 3) === 0) first += 3;
		while (last > first && isSpace(this.#buffer[last - 1])) last--;
		return this.#buffer.subarray(first, last);
	}
}

function parsed(line: Buffer): unknown {
	try {
		return JSON.parse(line.toString('utf8'));
	} catch {
		return undefined;
	}
}

function isSpace(byte: number | undefined): boolean {
	return byte === 0x20 || byte === 0x0d || byte === 0x09;
}
