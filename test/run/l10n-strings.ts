import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A call of `l10n.t` with a string literal first, over lines too. */
const call = /\bl10n\.t\(\s*('(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|[^\s'"])/g;

/** Every English text that `src/` hands to `vscode.l10n.t`, in order. Throws for one that is not a plain string. */
export function l10nStrings(root: string): string[] {
	const texts = new Set<string>();
	for (const file of globSync('src/**/*.ts', { cwd: root })) {
		for (const [, literal = ''] of readFileSync(join(root, file), 'utf8').matchAll(call)) {
			if (!/^['"]/.test(literal)) throw new Error(`${file}: only a string literal can be translated`);
			texts.add(unquote(literal));
		}
	}
	return [...texts].sort();
}

function unquote(literal: string): string {
	return literal.slice(1, -1).replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char));
}
