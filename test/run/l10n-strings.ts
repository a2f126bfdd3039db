import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { englishTexts } from '../../webview/strings.ts';

/** A call of `l10n.t` with a string literal first, over lines too. */
const call = /\bl10n\.t\(\s*('(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|[^\s'"])/g;
/** Where the function was taken out of its namespace. */
const shortCall = /(?<![\w.])t\(\s*('(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|[^\s'"])/g;

/** Every English text that a translator has to do with, in order: the extension's and the panel's. */
export function l10nStrings(root: string): string[] {
	return [...new Set([...hostStrings(root), ...panelStrings()])].sort();
}

/** The texts of the panel. One without a letter needs no translation. */
export function panelStrings(): string[] {
	return Object.values(englishTexts).filter((text) => /\p{L}/u.test(text.replaceAll(/\{\w+\}/g, '')));
}

/** Every text that `src/` hands to `vscode.l10n.t`. Throws for one that is not a plain string. */
function hostStrings(root: string): string[] {
	const texts: string[] = [];
	for (const file of globSync('src/**/*.ts', { cwd: root })) {
		const source = readFileSync(join(root, file), 'utf8');
		const short = /\{\s*t\s*\}\s*=\s*vscode\.l10n\b/.test(source) ? source.matchAll(shortCall) : [];
		for (const [, literal = ''] of [...source.matchAll(call), ...short]) {
			if (!/^['"]/.test(literal)) throw new Error(`${file}: only a string literal can be translated`);
			texts.push(unquote(literal));
		}
	}
	return texts;
}

/**
 * A language that nobody speaks, for tests: each text is still readable and can be told from English. Placeholders stay.
 */
export function pseudoLanguage(texts: readonly string[]): Record<string, string> {
	return Object.fromEntries(texts.map((text) => [text, pseudo(text)]));
}

const accents: Record<string, string> = {
	a: 'á',
	e: 'ë',
	i: 'ï',
	o: 'ø',
	u: 'ü',
	n: 'ñ',
	c: 'ç',
	s: 'š',
	t: 'ŧ',
	r: 'ř',
	l: 'ł',
	d: 'đ',
};

function pseudo(text: string): string {
	return text.replaceAll(/\{\w+\}|\p{L}/gu, (part) => {
		if (part.startsWith('{')) return part;
		const accent = accents[part.toLowerCase()] ?? `${part}\u0302`;
		return part === part.toLowerCase() ? accent : accent.toUpperCase();
	});
}

function unquote(literal: string): string {
	return literal.slice(1, -1).replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char));
}
