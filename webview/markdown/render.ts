import { appendVisible } from '../detail/visible-text.ts';
import { el } from '../dom.ts';
import { icon } from '../icons.ts';
import { CodeView } from './code-view.ts';
import { parseMarkdown, type Token } from './parser.ts';

/**
 * Appends a short text, read as Markdown, as elements. Foreign text becomes text nodes only: the names of elements and
 * classes are all from here. A text that is better not read as Markdown is shown as it is.
 */
export function appendMarkdown(parent: HTMLElement, source: string): void {
	const tokens = parseMarkdown(source);
	if (tokens === null) appendPlain(parent, source);
	else appendTokens(parent, tokens);
}

/** Text as it was written, monospaced. */
export function appendPlain(parent: HTMLElement, source: string): void {
	const element = el('div', { class: 'plain-text', dir: 'auto' });
	appendVisible(element, source.replace(/\r?\n$/, ''));
	parent.append(element);
}

/** The element of each pair of tokens. Headings stand below those of the page: a text must not upset its outline. */
const elements: Record<string, (token: Token) => HTMLElement> = {
	paragraph_open: () => el('p', { dir: 'auto' }),
	heading_open: ({ tag }) => el(tag === 'h1' || tag === 'h2' ? 'h5' : 'h6', { dir: 'auto', class: `md-${tag}` }),
	bullet_list_open: () => el('ul', { dir: 'auto' }),
	ordered_list_open: (token) => el('ol', { dir: 'auto', start: token.attrGet('start') }),
	list_item_open: () => el('li'),
	blockquote_open: () => el('blockquote', { dir: 'auto' }),
	table_open: () => el('table', { dir: 'auto' }),
	thead_open: () => el('thead'),
	tbody_open: () => el('tbody'),
	tr_open: () => el('tr'),
	th_open: (token) => el('th', { scope: 'col', class: alignment(token) }),
	td_open: (token) => el('td', { class: alignment(token) }),
	em_open: () => el('em'),
	strong_open: () => el('strong'),
	s_open: () => el('s'),
	link_open: (token) => linkTo(attribute(token, 'href'), attribute(token, 'title')),
};

function appendTokens(root: HTMLElement, tokens: readonly Token[]): void {
	const open: HTMLElement[] = [];
	let parent = root;
	for (const token of tokens) {
		if (token.nesting === 1) {
			open.push(parent);
			// The lines of a tight list are no paragraphs of their own.
			if (!token.hidden) parent = parent.appendChild(elements[token.type]?.(token) ?? el('span'));
		} else if (token.nesting === -1) {
			if (token.type === 'link_close') appendAddress(parent);
			parent = open.pop() ?? root;
		} else appendLeaf(parent, token);
	}
}

function appendLeaf(parent: HTMLElement, token: Token): void {
	switch (token.type) {
		case 'inline':
			appendTokens(parent, token.children ?? []);
			return;
		case 'fence':
		case 'code_block': {
			const fenced = token.type === 'fence';
			const code = new CodeView(fenced ? token.info.trim() : '', fenced);
			code.append(token.content);
			parent.append(code.element);
			return;
		}
		case 'code_inline':
			appendVisible(parent.appendChild(el('code', { dir: 'ltr' })), token.content);
			return;
		case 'softbreak':
		case 'hardbreak':
			parent.append(el('br'));
			return;
		case 'hr':
			parent.append(el('hr'));
			return;
		case 'image':
			appendImage(parent, token);
			return;
		case 'plain':
			appendPlain(parent, token.content);
			return;
		default:
			appendVisible(parent, token.content);
	}
}

/**
 * VS Code asks before it opens an address, and opens nothing that the panel does not name as one. The parser lets through
 * only what may be followed, and links to nowhere, which are no links.
 */
function linkTo(address: string, title: string): HTMLElement {
	if (address === '') return el('span', {}, '[');
	return el('a', { href: address, rel: 'noreferrer', title: title === '' ? address : `${address} "${title}"` });
}

/** Says where a link leads, unless its text is just that: a text can claim anything. */
function appendAddress(link: HTMLElement): void {
	if (!(link instanceof HTMLAnchorElement)) {
		link.append(']()');
		return;
	}
	const { title: address } = link;
	const { textContent: label } = link;
	if (label === address || `${label}/` === address || `mailto:${label}` === address) return;
	const shown = el('span', { class: 'link-address', dir: 'ltr' });
	appendVisible(shown, `(${address})`);
	link.append(' ', shown);
}

/** An image is never fetched: that would tell its server that the call is being read. It shows as a link to it. */
function appendImage(parent: HTMLElement, token: Token): void {
	const link = linkTo(attribute(token, 'src'), attribute(token, 'title'));
	link.classList.add('remote-image');
	link.prepend(icon('image'));
	appendVisible(link, token.content);
	appendAddress(link);
	parent.append(link);
}

function alignment(token: Token): string | null {
	const side = /^text-align:(left|center|right)$/.exec(attribute(token, 'style'))?.[1];
	return side === undefined ? null : `align-${side}`;
}

function attribute(token: Token, name: string): string {
	return String(token.attrGet(name) ?? '');
}
