/**
 * The words of a command line up to the cursor as a POSIX shell takes them, the last one as far as it is typed (empty
 * after a space). Nothing is expanded or run: `$x` stays `$x`.
 */
export function splitLine(line: string): string[] {
	const words: string[] = [];
	let word = '';
	let isOpen = false;
	let quote: '"' | "'" | null = null;
	for (let at = 0; at < line.length; at++) {
		const sign = line[at] ?? '';
		if (quote === "'" ? sign === "'" : quote === '"' && sign === '"') quote = null;
		else if (quote === "'") word += sign;
		else if (sign === '\\') {
			word += line[++at] ?? '';
			isOpen = true;
		} else if (quote === '"') word += sign;
		else if (sign === '"' || sign === "'") {
			quote = sign;
			isOpen = true;
		} else if (/\s/.test(sign)) {
			if (word !== '' || isOpen) words.push(word);
			word = '';
			isOpen = false;
		} else word += sign;
	}
	return [...words, word];
}
