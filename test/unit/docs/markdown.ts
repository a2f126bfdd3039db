/** A fenced code block of a page. */
export interface CodeBlock {
	/** The first word after the fence: `ts`, `sh`, … Empty without one. */
	language: string;
	/** The other words after the fence. */
	words: string[];
	code: string;
	/** Line of the opening fence, from 1. */
	line: number;
}

/** A link of a page that leads to another file of the repository, or to a heading. */
export interface Link {
	/** As written, without the `#` and what follows; empty: this page. */
	path: string;
	/** What follows the `#`; empty: none. */
	anchor: string;
	line: number;
}

const fence = /^(\s*)(`{3,}|~{3,})(.*)$/;

/** The fenced code blocks of a page, in order. */
export function codeBlocks(text: string): CodeBlock[] {
	const blocks: CodeBlock[] = [];
	let open: { block: CodeBlock; mark: string; indent: number; lines: string[] } | null = null;
	for (const [index, line] of text.split('\n').entries()) {
		const [, indent = '', mark = '', info = ''] = fence.exec(line) ?? [];
		if (open === null) {
			if (mark === '') continue;
			const [language = '', ...words] = info.trim().split(/\s+/);
			open = { block: { language, words, code: '', line: index + 1 }, mark, indent: indent.length, lines: [] };
		} else if (mark.startsWith(open.mark) && info.trim() === '') {
			open.block.code = `${open.lines.join('\n')}\n`;
			blocks.push(open.block);
			open = null;
		} else open.lines.push(line.slice(Math.min(open.indent, line.length - line.trimStart().length)));
	}
	if (open !== null) throw new Error(`The code block of line ${open.block.line} has no end`);
	return blocks;
}

/** The page with its code blocks empty, so that nothing in them is taken for a heading or a link. */
function withoutCode(text: string): string[] {
	let mark = '';
	return text.split('\n').map((line) => {
		const found = fence.exec(line)?.[2] ?? '';
		if (mark === '' && found !== '') mark = found;
		else if (mark !== '' && found.startsWith(mark)) mark = '';
		else if (mark === '') return line;
		return '';
	});
}

/** The headings of a page: level, text as read, and the anchor that GitHub gives it. */
export function headings(text: string): { level: number; text: string; anchor: string }[] {
	const seen = new Map<string, number>();
	return withoutCode(text).flatMap((line) => {
		const [, marks, raw] = /^(#{1,6})\s+(.*?)\s*#*$/.exec(line) ?? [];
		if (marks === undefined || raw === undefined) return [];
		const plain = raw.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[`*]/g, '');
		const slug = plain
			.toLowerCase()
			.replace(/[^\p{L}\p{N}\s_-]/gu, '')
			.replaceAll(' ', '-');
		const before = seen.get(slug) ?? 0;
		seen.set(slug, before + 1);
		return [{ level: marks.length, text: plain, anchor: before === 0 ? slug : `${slug}-${before}` }];
	});
}

/** The links and pictures of a page that stay within the repository. */
export function localLinks(text: string): Link[] {
	return withoutCode(text).flatMap((line, index) => {
		const prose = line.replace(/`[^`]*`/g, '');
		return [...prose.matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g)].flatMap(([, target = '']) => {
			if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return [];
			const [path = '', anchor = ''] = target.split('#');
			return [{ path: decodeURI(path), anchor, line: index + 1 }];
		});
	});
}
