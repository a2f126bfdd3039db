import { appendVisible } from '../detail/visible-text.ts';
import { el } from '../dom.ts';
import { text as string } from '../strings.ts';
import { CodeTokens } from './code-tokens.ts';
import { languageOf } from './languages.ts';
import { inSlices } from './slices.ts';
import { cutPoint } from './text-chunks.ts';
import { whenVisible } from './when-visible.ts';

/** One element holds at most this much, so that a line of megabytes is laid out in pieces. */
const pieceCharacters = 4_000;
/** Of a longer block, what comes after is left in the colour of plain text. */
const colouredCharacters = 100_000;
/** Lines that are told apart before the clock is looked at. */
const linesAtOnce = 10;

/** A block of code that can grow. It shows at once as plain text and takes its colours, bit by bit, when it is in sight. */
export class CodeView {
	readonly element: HTMLElement;
	readonly #tokens: CodeTokens | null;
	readonly #waiting: { piece: HTMLElement; text: string }[] = [];
	#characters = 0;
	#colouring = false;

	/**
	 * @param info what stands after the opening fence
	 * @param headed shows it above the code
	 */
	constructor(info: string, headed = true) {
		this.element = el('div', { class: 'code-block', dir: 'ltr' });
		const language = languageOf(info);
		this.#tokens = language === null ? null : new CodeTokens(language);
		if (!headed) return;
		const head = el('div', { class: 'code-language' });
		appendVisible(head, info === '' ? string('text.code') : info);
		this.element.append(head);
	}

	append(code: string): void {
		for (let at = 0; at < code.length; ) {
			const next = cutPoint(code, at, code.length, pieceCharacters);
			// The line break that a piece ends with is the edge of its box.
			const text = code.slice(at, next).replace(/\r?\n$/, '');
			const piece = el('div', { class: 'piece' });
			appendVisible(piece, text);
			this.element.append(piece);
			this.#characters += text.length;
			if (this.#tokens !== null && this.#characters <= colouredCharacters) this.#waiting.push({ piece, text });
			at = next;
		}
		if (this.#waiting.length === 0 || this.#colouring) return;
		this.#colouring = true;
		whenVisible(this.element, () => inSlices(this.#colour(), () => this.element.isConnected));
	}

	*#colour(): Generator<void, void, undefined> {
		const tokens = this.#tokens;
		for (let next = this.#waiting.shift(); next !== undefined && tokens !== null; next = this.#waiting.shift()) {
			const coloured = el('div');
			for (const [index, line] of next.text.split('\n').entries()) {
				if (index > 0) coloured.append('\n');
				for (const { text, style } of tokens.line(line)) {
					if (style === null) appendVisible(coloured, text);
					else appendVisible(coloured.appendChild(el('span', { class: `code-${style}` })), text);
				}
				if (index % linesAtOnce === linesAtOnce - 1) yield;
			}
			next.piece.replaceChildren(...coloured.childNodes);
			yield;
		}
		this.#colouring = false;
	}
}
