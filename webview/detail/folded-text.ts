import { button, el, setText } from '../dom.ts';
import { CodeView } from '../markdown/code-view.ts';
import { appendMarkdown } from '../markdown/render.ts';
import { inSlices } from '../markdown/slices.ts';
import { cutPoint, lengthOfLines, TextChunks } from '../markdown/text-chunks.ts';
import { plural, text as string } from '../strings.ts';
import type { Ui } from '../ui.ts';
import { appendVisible } from './visible-text.ts';

/** How much of a text is shown before it folds. */
export interface Fold {
	characters: number;
	lines: number;
}
export const messageFold: Fold = { characters: 2_000, lines: 24 };
export const completionFold: Fold = { characters: 12_000, lines: 160 };

/** How a text is shown: read as Markdown, as code of a language (a fence's info string), or monospaced as it is. */
export type TextStyle = 'markdown' | 'plain' | { language: string };

/** What each press of “Show more” adds: little enough to lay out at once, be it one line or all line breaks. */
const step: Fold = { characters: 12_000, lines: 600 };
/** Read at once: a few milliseconds for the worst of texts. */
const chunkCharacters = 4_000;

/**
 * Shows a text of any length: its start, and a button that adds the next part. Only what is shown is read, so a text
 * of megabytes opens as fast as a short one.
 */
export function foldedText(ui: Ui, content: string, fold: Fold, style: TextStyle = 'markdown'): HTMLElement {
	const element = el('div', { class: style === 'markdown' ? 'text' : 'text plain', dir: 'auto' });
	if (content.length === 0) {
		element.append(el('span', { class: 'subtle', text: string('text.empty') }));
		return element;
	}
	const writer = style === 'markdown' ? new MarkdownWriter(content) : new PlainWriter(content, style);
	let more: HTMLElement | null = null;
	show(fold);
	return element;

	function show({ characters, lines }: Fold): void {
		const from = writer.position;
		const next = Math.min(characters, Math.max(1, lengthOfLines(content, from, lines)));
		// A fold that hides next to nothing only costs a click.
		const end = next * 1.3 >= content.length - from ? content.length : from + next;
		// What is cut off a little earlier is cut between blocks, not within one.
		const enough = end === content.length ? end : end - Math.min(400, next * 0.2);
		inSlices(writeTo(end, enough), () => element.isConnected);
	}

	function* writeTo(end: number, enough: number): Generator<void, void, undefined> {
		while (writer.position < enough) {
			const part = writer.write(Math.min(chunkCharacters, end - writer.position));
			if (part !== null) {
				if (more === null) element.append(part);
				else more.before(part);
			}
			yield;
		}
		showRest(writer.ended ? 0 : content.length - writer.position);
	}

	function showRest(left: number): void {
		if (left <= 0) {
			if (more?.matches(':focus-within') === true) {
				element.tabIndex = -1;
				element.focus({ preventScroll: true });
			}
			more?.remove();
			more = null;
			return;
		}
		const label = string('text.more', { left: plural('prompt.characters', left, ui.format.compact(left)) });
		if (more === null) {
			more = button(label, () => show(step));
			more.classList.add('show-more');
			element.append(more);
		} else setText(more, label);
	}
}

/** Turns a text into elements, as far as it is told. */
interface TextWriter {
	readonly position: number;
	/** Nothing is left that would show. */
	readonly ended: boolean;
	/** At most about `characters` more; `null`: they belong to an element that is already there. */
	write(characters: number): HTMLElement | null;
}

class MarkdownWriter implements TextWriter {
	readonly #content: string;
	readonly #chunks: TextChunks;
	#code: CodeView | null = null;

	constructor(content: string) {
		this.#content = content;
		this.#chunks = new TextChunks(content);
	}

	get position(): number {
		return this.#chunks.position;
	}

	get ended(): boolean {
		return this.#chunks.ended;
	}

	write(characters: number): HTMLElement | null {
		const chunk = this.#chunks.next(characters);
		if (chunk === null) return null;
		const written = this.#content.slice(chunk.start, chunk.end);
		if (chunk.kind === 'markdown') {
			const prose = el('div', { class: 'prose' });
			appendMarkdown(prose, written);
			return prose;
		}
		const going = chunk.continued ? this.#code : null;
		const code = going ?? new CodeView(chunk.language);
		code.append(written);
		this.#code = code;
		return going === null ? code.element : null;
	}
}

class PlainWriter implements TextWriter {
	position = 0;
	readonly #content: string;
	readonly #code: CodeView | null;

	constructor(content: string, style: 'plain' | { language: string }) {
		this.#content = content;
		this.#code = style === 'plain' ? null : new CodeView(style.language, false);
	}

	get ended(): boolean {
		return this.position >= this.#content.length;
	}

	write(characters: number): HTMLElement | null {
		const first = this.position === 0;
		const end = cutPoint(this.#content, this.position, this.#content.length, characters);
		const written = this.#content.slice(this.position, end);
		this.position = end;
		if (this.#code !== null) {
			this.#code.append(written);
			return first ? this.#code.element : null;
		}
		const piece = el('div', { class: 'plain-text piece', dir: 'auto' });
		appendVisible(piece, written.replace(/\r?\n$/, ''));
		return piece;
	}
}
