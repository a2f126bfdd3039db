/** A stretch of a text: prose, or the inside of a fenced code block. Offsets are into the text, `[start, end)`. */
export interface TextBlock {
	kind: 'prose' | 'code';
	/** The word after the opening fence, such as `ts`; empty for prose. */
	language: string;
	start: number;
	end: number;
	/** Goes on with the block before it, which was cut for its length. */
	continued: boolean;
}

/** A block is cut after this many characters, so that the first of a long text comes without reading all of it. */
const longBlock = 32_000;

/**
 * Splits a text at its fenced code blocks (three or more backticks or tildes at the start of a line), one block at a
 * time, so that only as much of a long text is read as is shown. A fence that is never closed runs to the end, as
 * CommonMark has it.
 */
export function* textBlocks(text: string): Generator<TextBlock, void, undefined> {
	let fence: Fence | null = null;
	let start = 0;
	let continued = false;
	const block = (end: number): TextBlock => ({
		kind: fence === null ? 'prose' : 'code',
		language: fence?.language ?? '',
		start,
		end,
		continued,
	});
	for (let line = 0, next = 0; line < text.length; line = next) {
		next = lineEnd(text, line);
		const opened: Fence | null = fence === null ? openingFence(text, line, next) : null;
		if (opened !== null || (fence !== null && closes(text, line, next, fence))) {
			if (line > start || fence !== null) yield block(line);
			fence = opened;
			start = next;
			continued = false;
		} else if (next - start > longBlock && next < text.length) {
			yield block(next);
			start = next;
			continued = true;
		}
	}
	if (start < text.length || (fence !== null && !continued)) yield block(text.length);
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

interface Fence {
	/** The backticks or tildes that opened it. */
	mark: string;
	language: string;
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
	return { mark: text.slice(at, after), language: info.split(/\s/)[0] ?? '' };
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
