const MAX_TERMS = 32;
/** What the index takes for part of a word: letters, digits, marks and private use. */
const WORD = /[\p{L}\p{N}\p{M}\p{Co}]+/gu;

/**
 * A person's search as terms: each is a word, or the words of a quoted phrase, in lower case. Anything may be typed: an
 * open quote goes to the end, and signs only separate words.
 */
export function parseSearchQuery(text: string): string[][] {
	const terms: string[][] = [];
	text.split('"').forEach((part, i) => {
		const words = [...part.toLowerCase().matchAll(WORD)].map(([word]) => word);
		if (words.length === 0) return;
		if (i % 2 === 1) terms.push(words);
		else for (const run of part.toLowerCase().split(/\s+/)) pushRun(run, terms);
	});
	return terms.slice(0, MAX_TERMS);
}

/** `foo_bar`, `src/a.ts`: typed as one, and so looked for as one. */
function pushRun(run: string, terms: string[][]): void {
	const words = [...run.matchAll(WORD)].map(([word]) => word);
	if (words.length > 0) terms.push(words);
}

/**
 * Terms in FTS5's query language: all must be there, each quoted, so that no word is an operator; the last may go on.
 * sqlite.org/fts5.html, section 3.
 */
export function toMatchExpression(terms: readonly string[][]): string {
	return terms.map((words, i) => `"${words.join(' ')}"${i === terms.length - 1 ? '*' : ''}`).join(' AND ');
}
