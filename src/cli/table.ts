import stringWidth from 'string-width';
import { printable } from './printable.ts';

/** A column: how its cells stand, and whether it may be cut when the terminal is narrow. */
export interface Column {
	title: string;
	align?: 'right';
	/** Cut first, from the end, when the table is wider than the terminal. */
	shrink?: true;
	/** Left out first when even cutting is not enough; the highest goes first. */
	drop?: number;
	/** Colours a cell: given as it is laid out, and the whole of its text. */
	paint?: (shown: string, text: string) => string;
}

const gap = '  ';
/** Narrower than this a cut text tells nothing. */
const smallestShrunk = 8;

/**
 * Lays out a table for a terminal: a header, a rule, and columns as wide as their widest cell. Where it is wider than
 * `width`, columns that may be cut are, then those that may go do. `null`: no terminal, and nothing is cut.
 */
export function table(
	columns: readonly Column[],
	rows: readonly (readonly string[])[],
	width: number | null,
	heading: (line: string) => string = (line) => line,
): string {
	const cells = rows.map((row) => row.map(printable));
	let shown = columns.map((column, index) => ({ column, index }));
	let widths = natural(shown, cells);
	while (width !== null && !fits(widths, width)) {
		const shrunk = shrink(shown, widths, width);
		if (shrunk !== null) {
			widths = shrunk;
			break;
		}
		const dropped = shown
			.filter(({ column }) => column.drop !== undefined)
			.sort((a, b) => (b.column.drop ?? 0) - (a.column.drop ?? 0))[0];
		if (dropped === undefined) break;
		shown = shown.filter((each) => each !== dropped);
		widths = natural(shown, cells);
	}
	const laidOut = (texts: readonly string[]) =>
		shown.map(({ column }, at) => {
			const cell = padded(texts[at] ?? '', widths[at] ?? 0, column.align === 'right');
			return at === shown.length - 1 ? cell.trimEnd() : cell;
		});
	const painted = (row: readonly string[]) =>
		laidOut(shown.map(({ index }) => row[index] ?? '')).map((cell, at) => {
			const { column, index } = shown[at] ?? { column: null, index: 0 };
			return column?.paint?.(cell, row[index] ?? '') ?? cell;
		});
	return [
		heading(laidOut(shown.map(({ column }) => column.title)).join(gap)),
		widths.map((each) => '─'.repeat(each)).join(gap),
		...cells.map((row) => painted(row).join(gap).trimEnd()),
	].join('\n');
}

/** Whether a table of all these columns has room, when those that may be cut are. */
export function fitsIn(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): boolean {
	const shown = columns.map((column, index) => ({ column, index }));
	const widths = natural(
		shown,
		rows.map((row) => row.map(printable)),
	);
	return fits(widths, width) || shrink(shown, widths, width) !== null;
}

type Shown = readonly { column: Column; index: number }[];

function natural(shown: Shown, rows: readonly (readonly string[])[]): number[] {
	return shown.map(({ column, index }) =>
		rows.reduce((widest, row) => Math.max(widest, stringWidth(row[index] ?? '')), stringWidth(column.title)),
	);
}

function fits(widths: readonly number[], width: number): boolean {
	return sum(widths) + gap.length * (widths.length - 1) <= width;
}

/** The widths when what may be cut is; `null` when that is not enough. */
function shrink(shown: Shown, widths: readonly number[], width: number): number[] | null {
	const room = width - gap.length * (widths.length - 1);
	const result = [...widths];
	while (sum(result) > room) {
		const widest = shown
			.map(({ column }, at) => ({ at, width: column.shrink === true ? (result[at] ?? 0) : 0 }))
			.sort((a, b) => b.width - a.width)[0];
		if (widest === undefined || widest.width <= smallestShrunk) return null;
		result[widest.at] = widest.width - 1;
	}
	return result;
}

function padded(text: string, width: number, right: boolean): string {
	const cut = stringWidth(text) > width ? cutTo(text, width) : text;
	const spaces = ' '.repeat(Math.max(0, width - stringWidth(cut)));
	return right ? spaces + cut : cut + spaces;
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

function cutTo(text: string, width: number): string {
	let cut = '';
	let used = 1;
	for (const { segment } of graphemes.segment(text)) {
		used += stringWidth(segment);
		if (used > width) break;
		cut += segment;
	}
	return `${cut}…`;
}

function sum(values: readonly number[]): number {
	return values.reduce((total, value) => total + value, 0);
}
