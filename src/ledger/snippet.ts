/** Characters of context before the first match, and in all. */
const BEFORE = 60;
const LENGTH = 240;
const MAX_MATCHES = 50;

/** The text around the first match, and the matches in it as `[start, end)` offsets. */
export function makeSnippet(
	text: string,
	terms: readonly string[][],
): { snippet: string; matches: [number, number][] } {
	const pattern = new RegExp(
		termPatterns(terms)
			.map(({ source }) => source)
			.join('|'),
		'giu',
	);
	const first = Math.max(0, text.search(pattern));
	const start = alignStart(text, Math.max(0, first - BEFORE));
	const end = alignEnd(text, Math.min(text.length, start + LENGTH));
	return { snippet: text.slice(start, end), matches: matchesWithin(text, pattern, start, end) };
}

/** Looked for in the whole text: where the snippet cuts a word, the rest is none. */
function matchesWithin(text: string, pattern: RegExp, start: number, end: number): [number, number][] {
	const matches: [number, number][] = [];
	pattern.lastIndex = start;
	while (matches.length < MAX_MATCHES) {
		const match = pattern.exec(text);
		if (!match || match.index >= end) break;
		// Of a word that is an accent alone nothing is left to look for.
		if (match[0] === '') pattern.lastIndex++;
		else matches.push([match.index - start, Math.min(match.index + match[0].length, end) - start]);
	}
	return matches;
}

/**
 * What matches each term. Its words may be apart by whatever the index does not take for a word; accents are ignored as
 * the index does; the last term may be the beginning of a word.
 */
export function termPatterns(terms: readonly string[][]): RegExp[] {
	return terms.map((words, i) => {
		const phrase = words.map(anyAccents).join('[^\\p{L}\\p{N}\\p{M}]+');
		const end = i === terms.length - 1 ? '' : '(?![\\p{L}\\p{N}\\p{M}])';
		return new RegExp(`(?<![\\p{L}\\p{N}\\p{M}])${phrase}${end}`, 'iu');
	});
}

function anyAccents(word: string): string {
	return [...word.normalize('NFD').replace(/\p{M}/gu, '')]
		.map((letter) => (/\p{L}/u.test(letter) ? `${accented(letter)}\\p{M}*` : letter))
		.join('');
}

/** A letter with every accent that Latin scripts put on it. */
function accented(letter: string): string {
	const forms = accentedForms.get(letter.toLowerCase());
	return forms ? `[${forms}]` : letter;
}

const accentedForms = new Map<string, string>();
for (let code = 0xc0; code < 0x250; code++) {
	const form = String.fromCharCode(code);
	const base = form.normalize('NFD')[0]?.toLowerCase() ?? '';
	if (base !== form.toLowerCase() && /[a-z]/.test(base)) {
		accentedForms.set(base, `${accentedForms.get(base) ?? base}${form}`);
	}
}

/** A sign with more accents than this is no writing: it is cut. */
const MAX_MARKS = 16;

/** Never between the halves of a surrogate pair, nor between a letter and its accents. */
function alignStart(text: string, at: number): number {
	let start = at;
	while (start > 0 && at - start < MAX_MARKS && belongsToBefore(text, start)) start--;
	return isLowSurrogate(text, start) ? Math.max(0, start - 1) : start;
}

function alignEnd(text: string, at: number): number {
	let end = at;
	while (end < text.length && end - at < MAX_MARKS && belongsToBefore(text, end)) end++;
	return end < text.length && isLowSurrogate(text, end) ? end + 1 : end;
}

function belongsToBefore(text: string, at: number): boolean {
	return isLowSurrogate(text, at) || /^[\p{M}\u200d]/u.test(text.slice(at, at + 2));
}

function isLowSurrogate(text: string, at: number): boolean {
	const code = text.charCodeAt(at);
	return code >= 0xdc00 && code <= 0xdfff;
}
