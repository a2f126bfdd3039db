/** A stretch of a text, `[start, end)`. */
export interface TextChunk {
	/** `code`: the inside of a fenced block too long for one chunk. `markdown`: anything else, shorter fences included. */
	kind: 'markdown' | 'code';
	/** What stands after the opening fence, such as `ts`; empty for Markdown. */
	language: string;
	start: number;
	end: number;
	/** Goes on with the code of the chunk before it. */
	continued: boolean;
}

interface Fence {
	/** The backticks or tildes that opened it. */
	mark: string;
	language: string;
}

/**
 * Cuts a text into stretches that can be read as Markdown each by itself, one at a time, so that only as much of a long
 * text is read as is shown. It cuts between blocks where it can, and never inside a fenced block that fits. A fence (three
 * or more backticks or tildes) that is never closed runs to the end, as CommonMark has it.
 */
export class TextChunks {
	/** What comes before has been given. */
	position = 0;
	readonly #text: string;
	#fence: Fence | null = null;
	#continued = false;

	constructor(text: string) {
		this.#text = text;
	}

	/** The next stretch, of at most about `limit` characters; `null` at the end. */
	next(limit: number): TextChunk | null {
		if (this.#fence !== null) return this.#code(this.#fence, limit);
		if (this.position >= this.#text.length) return null;
		const start = this.position;
		const end = this.#endOfMarkdown(limit);
		if (end > start) {
			this.position = end;
			return { kind: 'markdown', language: '', start, end, continued: false };
		}
		const opening = lineEnd(this.#text, start);
		this.#fence = openingFence(this.#text, start, opening);
		this.position = opening;
		return this.#fence === null ? null : this.#code(this.#fence, limit);
	}

	/** Nothing is left but blank lines, and the fence that closes the block before them. */
	get ended(): boolean {
		const text = this.#text;
		if (text.length - this.position > 200) return false;
		const next = lineEnd(text, this.position);
		const closed = this.#fence !== null && closes(text, this.position, next, this.#fence);
		return text.slice(closed ? next : this.position).trim() === '';
	}

	/** Where the Markdown from here on is cut; here itself, when a fence opens here that does not fit. */
	#endOfMarkdown(limit: number): number {
		const text = this.#text;
		const start = this.position;
		const latest = start + limit;
		let between = 0;
		let wasBlank = false;
		for (let line = start, next = 0; line < text.length; line = next) {
			next = lineEnd(text, line);
			const fence = openingFence(text, line, next);
			if (fence !== null) {
				const closed = closingFence(text, next, latest, fence);
				// One that runs to the end of the text fits if the text does.
				if (closed === null && latest < text.length) return line;
				next = closed ?? text.length;
			} else if (wasBlank && line > start && !isSpace(text, line)) between = line;
			wasBlank = text.slice(line, Math.min(next, line + 200)).trim() === '';
			if (next > latest) {
				if (between >= start + limit * 0.3) return between;
				return fence === null ? cutPoint(text, start, text.length, limit) : next;
			}
		}
		return text.length;
	}

	#code({ mark, language }: Fence, limit: number): TextChunk | null {
		const text = this.#text;
		const start = this.position;
		const continued = this.#continued;
		const latest = start + limit;
		const atLineStart = start === 0 || text[start - 1] === '\n';
		for (let line = atLineStart ? start : lineEnd(text, start); line <= latest && line < text.length; ) {
			const next = lineEnd(text, line);
			if (closes(text, line, next, { mark, language })) {
				this.#fence = null;
				this.#continued = false;
				this.position = next;
				// The end of a block that was cut just there: nothing is left to show of it.
				if (line === start && continued) return this.next(limit);
				return { kind: 'code', language, start, end: line, continued };
			}
			line = next;
		}
		if (start >= text.length) {
			this.#fence = null;
			return continued ? null : { kind: 'code', language, start, end: start, continued };
		}
		const end = cutPoint(text, start, text.length, limit);
		this.position = end;
		this.#continued = true;
		return { kind: 'code', language, start, end, continued };
	}
}

/**
 * Where to cut a text so that at most `limit` characters from `start` come before: after a line break or a space when
 * one is near, and never inside a surrogate pair or between CR and LF.
 */
export function cutPoint(text: string, start: number, end: number, limit: number): number {
	const latest = start + limit;
	if (latest >= end) return end;
	const earliest = start + Math.floor(limit / 2);
	const lineBreak = text.lastIndexOf('\n', latest - 1);
	if (lineBreak >= earliest) return lineBreak + 1;
	const space = text.lastIndexOf(' ', latest - 1);
	if (space >= earliest) return space + 1;
	const before = text.charCodeAt(latest - 1);
	return before >= 0xd800 && before <= 0xdbff ? Math.max(start + 1, latest - 1) : latest;
}

/** How many characters of a text the first `lines` lines take, from `start`. */
export function lengthOfLines(text: string, start: number, lines: number): number {
	let at = start;
	for (let line = 0; line < lines && at < text.length; line++) at = lineEnd(text, at);
	return at - start;
}

/** The index after the line break that ends the line at `from`. */
function lineEnd(text: string, from: number): number {
	const end = text.indexOf('\n', from);
	return end === -1 ? text.length : end + 1;
}

function isSpace(text: string, at: number): boolean {
	return text[at] === ' ' || text[at] === '\t' || text[at] === '\n' || text[at] === '\r';
}

const fenceSigns = ['`', '~'];

function openingFence(text: string, start: number, end: number): Fence | null {
	const at = skipIndent(text, start);
	const sign = text[at];
	if (sign === undefined || !fenceSigns.includes(sign)) return null;
	let after = at;
	while (text[after] === sign) after++;
	if (after - at < 3) return null;
	const info = text.slice(after, Math.min(end, after + 100)).trim();
	if (sign === '`' && info.includes('`')) return null;
	return { mark: text.slice(at, after), language: info };
}

/** The index after the line that closes a fence, looked for in `[from, latest)`. */
function closingFence(text: string, from: number, latest: number, fence: Fence): number | null {
	for (let line = from; line < text.length && line < latest; ) {
		const next = lineEnd(text, line);
		if (closes(text, line, next, fence)) return next;
		line = next;
	}
	return null;
}

function closes(text: string, start: number, end: number, fence: Fence): boolean {
	const at = skipIndent(text, start);
	if (!text.startsWith(fence.mark, at)) return false;
	let after = at;
	while (text[after] === fence.mark[0]) after++;
	return text.slice(after, Math.min(end, after + 1000)).trim() === '';
}

/** A fence may be indented by up to three spaces. */
function skipIndent(text: string, from: number): number {
	let at = from;
	while (at < from + 3 && text[at] === ' ') at++;
	return at;
}
