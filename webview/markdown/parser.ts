import MarkdownIt, { type Token } from 'markdown-it';
import { safeLink } from './safe-link.ts';

export type { Token };

/** Nested deeper than this, a quote or list shows as it was written. */
const maxDepth = 12;
/** A table of more cells than this shows as it was written: a short header can promise cells by the ten thousand. */
const maxCells = 500;
/** A text with more tokens than this is no prose. */
const maxTokens = 2_500;

/**
 * Markdown as tokens: CommonMark with tables and strikethrough. Whatever acts or hides is left as it was written: HTML,
 * entities, definitions of references, and links to anywhere but `http`, `https` and `mailto`. Nothing of a text is lost.
 */
const markdown = new MarkdownIt('default', { html: false, linkify: false, typographer: false, maxNesting: 60 })
	// `normalize` would replace U+0000, which is to be seen.
	.disable(['normalize', 'reference', 'entity', 'html_block', 'html_inline', 'linkify', 'replacements', 'smartquotes']);
markdown.validateLink = (address) => safeLink(address) !== null;
markdown.normalizeLink = (address) => safeLink(address) ?? address;
markdown.normalizeLinkText = (address) => address;

// The parser leaves out what is nested too deeply; here it becomes plain text.
markdown.block.ruler.before('table', 'too_deep', (state, startLine, endLine, silent) => {
	if (silent || state.level < maxDepth) return false;
	pushPlain(state, startLine, endLine);
	return true;
});

markdown.block.ruler.before('table', 'too_wide', (state, startLine, endLine, silent) => {
	if (silent || startLine + 2 > endLine) return false;
	const columns = delimiterColumns(state.src.slice(state.bMarks[startLine + 1], state.eMarks[startLine + 1]));
	if (columns === 0) return false;
	let next = startLine + 2;
	while (next < endLine && !state.isEmpty(next)) next++;
	if (columns * (next - startLine - 1) <= maxCells) return false;
	pushPlain(state, startLine, next);
	return true;
});

// The parser leaves out cells beyond those of the head, and with them what they say.
markdown.block.ruler.before('table', 'too_long_a_row', (state, startLine, endLine, silent) => {
	if (silent || startLine + 2 > endLine) return false;
	const columns = delimiterColumns(state.src.slice(state.bMarks[startLine + 1], state.eMarks[startLine + 1]));
	if (columns === 0 || cellsOf(state, startLine).length !== columns) return false;
	const endings = state.md.block.ruler.getRules('blockquote');
	let losesWords = false;
	let next = startLine + 2;
	while (next < endLine && !state.isEmpty(next) && !endings.some((ends) => ends(state, next, endLine, true))) {
		const beyond = cellsOf(state, next).slice(columns);
		if (beyond.some((cell) => cell.trim() !== '')) losesWords = true;
		next++;
	}
	if (losesWords) pushPlain(state, startLine, next);
	return losesWords;
});

type BlockState = Parameters<Parameters<typeof markdown.block.ruler.before>[2]>[0];

/** Lines as they were written. The token's type is `plain`. */
function pushPlain(state: BlockState, startLine: number, endLine: number): void {
	const token = state.push('plain', '', 0);
	token.content = state.getLines(startLine, endLine, 0, false);
	token.map = [startLine, endLine];
	state.line = endLine;
}

/** The cells of a line of a table, as the parser parts them. */
function cellsOf(state: BlockState, line: number): string[] {
	const begin = (state.bMarks[line] ?? 0) + (state.tShift[line] ?? 0);
	const cells = state.src
		.slice(begin, state.eMarks[line])
		.trim()
		.split(/(?<!\\)\|/);
	if (cells[0] === '') cells.shift();
	if (cells.at(-1) === '') cells.pop();
	return cells;
}

/** How many columns a line under a table's head would make: `|---|:--|` makes two. */
function delimiterColumns(line: string): number {
	let columns = 0;
	let dashes = false;
	for (const sign of line) {
		if (sign === '-') {
			if (!dashes) columns++;
			dashes = true;
		} else if (sign === '|') dashes = false;
		else if (sign !== ':' && sign !== ' ' && sign !== '\t' && sign !== '>') return 0;
	}
	return columns;
}

/**
 * The tokens of a short text, or `null` when it is better shown as it is. Takes a few milliseconds for the worst 4,000
 * characters, so give no more than a few thousand.
 */
export function parseMarkdown(source: string): Token[] | null {
	const tokens = markdown.parse(source.toWellFormed().replaceAll(/\r\n?/g, '\n'), {});
	const count = tokens.reduce((sum, { children }) => sum + 1 + (children?.length ?? 0), 0);
	return count > maxTokens ? null : tokens;
}
