import type { LinesCursor } from '../jsonl/lines-cursor.ts';
import { readJsonLines } from '../jsonl/read-json-lines.ts';
import type { ReadOptions, RecordUnit } from '../source.ts';
import { type CompressedLine, compressedLines } from './compressed-lines.ts';
import type { Fold } from './fold.ts';
import type { FoldedCursor } from './folded-cursor.ts';

type Place = FoldedCursor['at'];

/** Whom the lines of a page are for. */
export interface PageTaker {
	fold: Fold;
	/** The file is another than before: a record that begins with the next line. */
	fresh(): Fold;
}

export interface FoldedPage {
	at: Place;
	stamp: string;
	changedAtMs: number;
	/** Lines of this page. */
	lines: number;
	/** Lines that could not be read, from the start of the file to here. */
	bad: number;
	more: boolean;
}

/** The lines of one record, a page at a time. A page ends early where the record turns out not to be wanted. */
export interface Pages {
	/** Takes the lines before a place once more. Yields now and then, so that other work gets its turn. */
	upTo(place: Place, fold: Fold, signal: AbortSignal): AsyncIterable<void>;
	/** `null` when the file is gone. */
	next(place: Place | null, taker: PageTaker, options: ReadOptions): Promise<FoldedPage | null>;
	close(): void;
}

const pageBytes = 4 << 20;

/** A plain file, which grows at its end. */
export class PlainPages implements Pages {
	readonly #path: string;
	readonly #withoutText: boolean;
	#bad = 0;

	/** `withoutText`: nothing of what was said is wanted, so that long lines need not be parsed. */
	constructor({ key }: RecordUnit, withoutText: boolean) {
		this.#path = key;
		this.#withoutText = withoutText;
	}

	async *upTo(place: Place, fold: Fold, signal: AbortSignal): AsyncIterable<void> {
		const end = 'lines' in place ? place.lines.offset : 0;
		let cursor: LinesCursor | null = null;
		while ((cursor?.offset ?? 0) < end) {
			const from: number = cursor?.offset ?? 0;
			const maxBytes = Math.min(pageBytes, end - from);
			const wanted = this.#unparsedBy(() => fold);
			const reading = readJsonLines(this.#path, (value) => fold.take(value), { cursor, maxBytes, wanted, signal });
			if (reading === null || reading.cursor.offset <= from) return;
			this.#bad += reading.bad;
			cursor = reading.cursor;
			yield;
		}
	}

	async next(place: Place | null, taker: PageTaker, options: ReadOptions): Promise<FoldedPage | null> {
		const cursor = place !== null && 'lines' in place ? place.lines : null;
		let { fold } = taker;
		let expected = cursor?.offset ?? 0;
		let lines = 0;
		let isWanted = false;
		const restart = (): void => {
			fold = taker.fresh();
			this.#bad = 0;
			isWanted = false;
		};
		const follow = (start: number, end: number): void => {
			if (start < expected) restart();
			expected = end;
			lines++;
		};
		const unparsed = this.#unparsedBy(() => fold);
		const reading = readJsonLines(
			this.#path,
			(value) => {
				fold.take(value);
				if (isWanted) return undefined;
				const verdict = fold.verdict(options);
				isWanted = verdict === 'yes';
				return isWanted || verdict === null ? undefined : 'stop';
			},
			{
				cursor,
				maxBytes: pageBytes,
				signal: options.signal,
				wanted: (line, { start, end }) => {
					follow(start, end);
					return unparsed(line);
				},
			},
		);
		if (reading === null) return null;
		if (reading.restarted && lines === 0) restart();
		this.#bad += reading.bad;
		const { stamp, changedAtMs, more } = reading;
		return { at: { lines: reading.cursor }, stamp, changedAtMs, lines, bad: this.#bad, more };
	}

	close(): void {
		// No file stays open between two pages.
	}

	/** Whether a line has to be parsed. `fold` may be another one from line to line. */
	#unparsedBy(fold: () => Fold): (line: Buffer) => boolean {
		if (!this.#withoutText) return () => true;
		return (line) => fold().takeUnparsed?.(line) !== true;
	}
}

/** A compressed file, which is written once. Between two pages the stream waits where it is. */
export class CompressedPages implements Pages {
	readonly #unit: RecordUnit;
	readonly #abort = new AbortController();
	#lines: AsyncGenerator<CompressedLine> | null = null;
	#bad = 0;

	constructor(unit: RecordUnit) {
		this.#unit = unit;
	}

	async *upTo(place: Place, fold: Fold, signal: AbortSignal): AsyncIterable<void> {
		if (!('bytes' in place) || place.stamp !== this.#unit.stamp) return;
		let read = 0;
		for (let end = 0; end < place.bytes; ) {
			signal.throwIfAborted();
			const line = await this.#nextLine();
			if (line === null) return;
			end = line.end;
			this.#take(fold, line);
			if (++read % 1_000 === 0) yield;
		}
	}

	async next(place: Place | null, taker: PageTaker, options: ReadOptions): Promise<FoldedPage | null> {
		const goesOn = place !== null && 'bytes' in place && place.stamp === this.#unit.stamp;
		const fold = place === null || goesOn ? taker.fold : taker.fresh();
		const from = goesOn ? place.bytes : 0;
		let bytes = from;
		let lines = 0;
		let more = false;
		let isWanted = false;
		while (!more) {
			options.signal.throwIfAborted();
			const line = await this.#nextLine();
			if (line === null) break;
			bytes = line.end;
			lines++;
			this.#take(fold, line);
			more = bytes - from >= pageBytes;
			if (isWanted) continue;
			const verdict = fold.verdict(options);
			isWanted = verdict === 'yes';
			if (!isWanted && verdict !== null) break;
		}
		const { stamp, changedAtMs } = this.#unit;
		return { at: { bytes, stamp }, stamp, changedAtMs, lines, bad: this.#bad, more };
	}

	close(): void {
		this.#abort.abort();
	}

	async #nextLine(): Promise<CompressedLine | null> {
		this.#lines ??= compressedLines(this.#unit.key, this.#abort.signal);
		const { value, done } = await this.#lines.next();
		return done ? null : value;
	}

	#take(fold: Fold, { value }: CompressedLine): void {
		if (value === undefined) this.#bad++;
		else fold.take(value);
	}
}
