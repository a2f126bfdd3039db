import { button, el } from '../dom.ts';
import { plural, text as string } from '../strings.ts';
import type { Ui } from '../ui.ts';
import { cutPoint, lengthOfLines, type TextBlock, textBlocks } from './text-blocks.ts';
import { appendVisible } from './visible-text.ts';

/** How much of a text is shown before it folds. */
export interface Fold {
	characters: number;
	lines: number;
}
export const messageFold: Fold = { characters: 2_000, lines: 24 };
export const completionFold: Fold = { characters: 12_000, lines: 160 };

/** What each press of “Show more” adds: little enough to lay out at once, be it one line or all line breaks. */
const step: Fold = { characters: 12_000, lines: 600 };
/** One element holds at most this much, so that a line of megabytes is laid out in pieces. */
const pieceCharacters = 4_000;
/** Blocks added at once: a text may consist of nothing but fences. */
const maxBlocks = 40;

/**
 * Shows a text of any length: its start, and a button that adds the next part. Only what is shown is read, so a text
 * of megabytes opens as fast as a short one.
 *
 * @param plain shows the text monospaced as it is, without looking for code in it
 */
export function foldedText(ui: Ui, content: string, fold: Fold, plain = false): HTMLElement {
	const element = el('div', { class: plain ? 'text plain' : 'text', dir: 'auto' });
	if (content.length === 0) {
		element.append(el('span', { class: 'subtle', text: string('text.empty') }));
		return element;
	}
	const cursor = new Cursor(content, plain);
	showMore(fold);
	return element;

	function showMore({ characters, lines }: Fold): void {
		const from = cursor.position;
		const next = Math.min(characters, Math.max(1, lengthOfLines(content, from, lines)));
		// A fold that hides next to nothing only costs a click.
		cursor.showInto(element, next * 1.3 >= content.length - from ? content.length - from : next);
		const left = content.length - cursor.position;
		if (left <= 0) return;
		const label = string('text.more', { left: plural('prompt.characters', left, ui.format.compact(left)) });
		const more = button(label, () => {
			const focused = more.matches(':focus-within') || document.activeElement === more;
			more.remove();
			showMore(step);
			if (focused) element.querySelector<HTMLElement>(':scope > .show-more')?.focus();
		});
		more.classList.add('show-more');
		element.append(more);
	}
}

/** Walks through a text and turns it into elements, as far as it is told. */
class Cursor {
	position = 0;
	readonly #content: string;
	readonly #plain: boolean;
	readonly #blocks: Iterator<TextBlock>;
	#block: TextBlock | null = null;

	constructor(content: string, plain: boolean) {
		this.#content = content;
		this.#plain = plain;
		const whole: TextBlock = { kind: 'prose', language: '', start: 0, end: content.length, continued: false };
		this.#blocks = plain ? [whole][Symbol.iterator]() : textBlocks(content);
	}

	/** Adds at most about `characters` more. */
	showInto(parent: HTMLElement, characters: number): void {
		let left = characters;
		for (let blocks = 0; blocks < maxBlocks && left > 0; blocks++) {
			const block = this.#current();
			if (block === null) return;
			const end = cutPoint(this.#content, block.start, block.end, left);
			this.#showBlock(parent, block, end);
			left -= end - block.start;
			this.position = end;
			this.#block = end < block.end ? { ...block, start: end, continued: true } : null;
			if (this.#block === null && this.#peekEnded()) return;
		}
	}

	#current(): TextBlock | null {
		if (this.#block === null) {
			const next = this.#blocks.next();
			this.#block = next.done === true ? null : next.value;
			if (this.#block === null) this.position = this.#content.length;
		}
		return this.#block;
	}

	/** Takes in the fence lines that end a text, so that nothing is said to be left of it. */
	#peekEnded(): boolean {
		return this.#current() === null;
	}

	#showBlock(parent: HTMLElement, block: TextBlock, end: number): void {
		const code = block.kind === 'code';
		const element = el('div', {
			class: code ? 'code-block' : this.#plain ? 'plain-text' : 'prose',
			dir: code ? 'ltr' : 'auto',
		});
		if (code && !block.continued)
			element.append(
				el('div', { class: 'code-language', text: block.language === '' ? string('text.code') : block.language }),
			);
		for (let at = block.start; at < end; ) {
			const next = cutPoint(this.#content, at, end, pieceCharacters);
			const piece = el('div', { class: 'piece' });
			// The line break that a piece ends with is the edge of its box.
			appendVisible(piece, this.#content.slice(at, next).replace(/\r?\n$/, ''));
			element.append(piece);
			at = next;
		}
		parent.append(element);
	}
}
