/** A set of ASCII characters, to walk runs of them. */
export type CharSet = Uint8Array;

/** The set of the characters in `chars`, with `A-Z`, `a-z` and `0-9` for those ranges. */
export function charSet(chars: string): CharSet {
	const set = new Uint8Array(128);
	const plain = chars
		.replace('A-Z', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ')
		.replace('a-z', 'abcdefghijklmnopqrstuvwxyz')
		.replace('0-9', '0123456789');
	for (const char of plain) set[char.charCodeAt(0)] = 1;
	return set;
}

/**
 * Where the run of such characters that begins at `from` ends. A loop and not a regular expression: those keep a stack
 * entry for each character of a greedy run and give up on one of some megabytes.
 */
export function runEnd(text: string, from: number, set: CharSet): number {
	let at = from;
	while (at < text.length && set[text.charCodeAt(at)] === 1) at++;
	return at;
}

/** As `runEnd`, for everything but these characters. */
export function runEndBefore(text: string, from: number, stops: CharSet): number {
	let at = from;
	while (at < text.length && stops[text.charCodeAt(at)] !== 1) at++;
	return at;
}
