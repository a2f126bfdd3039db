import stringWidth from 'string-width';

/** A stretch of text that is shown in one way. */
export interface Run {
	text: string;
	paint?: (text: string) => string;
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/**
 * Lays text out in lines of at most `width` characters, broken at spaces, and within a word only where it is longer than
 * a line. Runs of spaces become one. `null`: one line.
 */
export function wrap(runs: readonly Run[], width: number | null): string[] {
	const lines: string[] = [];
	let line = '';
	let used = 0;
	const breakLine = () => {
		lines.push(line);
		line = '';
		used = 0;
	};
	for (const word of words(runs)) {
		const wide = word.reduce((sum, { text }) => sum + stringWidth(text), 0);
		if (width !== null && used > 0 && used + 1 + wide > width) breakLine();
		if (used > 0) {
			line += ' ';
			used++;
		}
		for (const { text, paint = plain } of word) {
			for (const piece of pieces(text, width, () => used)) {
				if (width !== null && used > 0 && used + stringWidth(piece) > width) breakLine();
				line += paint(piece);
				used += stringWidth(piece);
			}
		}
	}
	if (used > 0) lines.push(line);
	return lines;
}

function plain(text: string): string {
	return text;
}

/** Words, each of one run or more: a colour may begin within one. */
function words(runs: readonly Run[]): Run[][] {
	const found: Run[][] = [];
	let word: Run[] = [];
	for (const run of runs) {
		for (const part of run.text.split(/( +)/)) {
			if (/^ +$/.test(part)) {
				if (word.length > 0) found.push(word);
				word = [];
			} else if (part !== '') word.push({ ...run, text: part });
		}
	}
	if (word.length > 0) found.push(word);
	return found;
}

/** A text in pieces that fit: whole where it does. */
function* pieces(text: string, width: number | null, used: () => number): Generator<string> {
	if (width === null || used() + stringWidth(text) <= width) return yield text;
	let piece = '';
	for (const { segment } of graphemes.segment(text)) {
		if (piece !== '' && used() + stringWidth(piece + segment) > width) {
			yield piece;
			piece = '';
		}
		piece += segment;
	}
	if (piece !== '') yield piece;
}
