/** Turn text around, join words, or move what follows: characters that show a name as another one. */
const invisible = /[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/gu;

/** No name is longer: what is, is none. UTF-16 code units. */
const maxName = 300;

/** A foreign name in one line, as the characters that it shows. */
export function oneLine(text: string): string {
	const line = manyLines(text.slice(0, 4 * maxName))
		.replaceAll(/[\n\t]+/g, ' ')
		.trim();
	return line.length <= maxName ? line : `${line.slice(0, maxName).toWellFormed()}…`;
}

/** A foreign text in its lines, without what would change how the rest of a page reads. */
export function manyLines(text: string): string {
	return text
		.toWellFormed()
		.replaceAll(/\r\n?|[\u0085\u2028\u2029]/g, '\n')
		.replaceAll(/[\p{Cc}--[\n\t]]/gv, '')
		.replaceAll(invisible, '');
}
