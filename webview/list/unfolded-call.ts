import type { CallPreview, CallRow, TextStart } from '../../src/core/views.ts';
import { type Fold, foldedText, type TextStyle } from '../detail/folded-text.ts';
import { appendVisible } from '../detail/visible-text.ts';
import { button, el } from '../dom.ts';
import { icon } from '../icons.ts';
import { cutPoint, lengthOfLines } from '../markdown/text-chunks.ts';
import { plural, text } from '../strings.ts';
import type { Ui } from '../ui.ts';

/** How much of a text is shown, in UTF-16 code units and lines: at first, and with each press of “Show more”. */
const firstStep: Fold = { characters: 1_500, lines: 12 };
const steps = [firstStep, { characters: 20_000, lines: 600 }, { characters: 100_000, lines: 3_000 }];
/** What was cut here needs no other fold. */
const whole: Fold = { characters: 1e9, lines: 1e9 };

type Place = 'prompt' | 'completion';

/** How much of a text is shown, and how. */
interface Shown {
	place: Place;
	style: TextStyle;
	start: TextStart;
	/** Which of `steps`. */
	step: number;
}

/** What stands below a call that is unfolded in the list: how its prompt and its completion begin. */
export class UnfoldedCall {
	readonly element = el('div', { class: 'unfolded', role: 'gridcell', 'aria-colspan': 7 });
	readonly #ui: Ui;
	readonly #open: (row: CallRow) => void;
	#row: CallRow;
	#signature = '';

	constructor(ui: Ui, row: CallRow, open: (row: CallRow) => void) {
		this.#ui = ui;
		this.#row = row;
		this.#open = open;
		this.element.append(el('p', { class: 'subtle', role: 'status', text: text('unfolded.loading') }));
	}

	/** Shows a call as it now stands: fetches its texts if it has changed. */
	show(row: CallRow): void {
		this.#row = row;
		const signature = `${row.callId} ${row.state} ${row.endedAtMs} ${row.contentState}`;
		if (signature === this.#signature) return;
		this.#signature = signature;
		void this.#load();
	}

	async #load(): Promise<void> {
		const { callId } = this.#row;
		const signature = this.#signature;
		try {
			const preview = await this.#fetch(firstStep);
			if (signature !== this.#signature || callId !== this.#row.callId) return;
			this.element.replaceChildren(...this.#parts(preview), this.#openButton());
		} catch (error) {
			this.#ui.report(error);
			// It is not tried again by itself: whatever draws the list would do so.
			const retry = button(text('retry'), () => void this.#load());
			this.element.replaceChildren(el('p', { role: 'alert', text: text('unfolded.failed') }), retry);
		}
	}

	#fetch({ characters }: Fold): Promise<CallPreview | null> {
		return this.#ui.link.request({ kind: 'preview', callId: this.#row.callId, length: characters });
	}

	#parts(preview: CallPreview | null): HTMLElement[] {
		if (preview === null) return [el('p', { class: 'subtle', text: text('detail.gone') })];
		const parts: HTMLElement[] = [];
		if (preview.contentState !== 'full') {
			parts.push(el('p', { class: 'subtle', text: text(`content.${preview.contentState}`) }));
		}
		if (preview.prompt !== null) {
			const { role } = preview.prompt;
			const heading = text('unfolded.prompt', { role: text(`role.${role}`) });
			parts.push(this.#section('prompt', '🧠', heading, preview.prompt, role === 'tool' ? 'plain' : 'markdown'));
		}
		if (preview.completion !== null) {
			parts.push(this.#section('completion', '💬', text('unfolded.completion'), preview.completion, 'markdown'));
		}
		if (preview.toolCalls.length > 0) parts.push(this.#toolCalls(preview.toolCalls));
		if (preview.error !== null) parts.push(errorPart(preview.error));
		if (this.#row.state === 'pending') parts.push(el('p', { class: 'subtle', text: text('state.pending.hint') }));
		return parts;
	}

	#section(place: Place, glyph: string, heading: string, start: TextStart, style: TextStyle): HTMLElement {
		const body = el('div', { class: 'unfolded-text' });
		this.#fill(body, { place, style, start, step: 0 });
		return el(
			'section',
			{ class: 'unfolded-part', 'data-place': place, 'aria-label': heading },
			el('div', { class: 'unfolded-head' }, el('span', { 'aria-hidden': 'true', text: glyph }), heading),
			body,
		);
	}

	/** Writes the start of a text, and a button for more of it if there is more. */
	#fill(body: HTMLElement, shown: Shown): void {
		const { style, start, step } = shown;
		const cut = cutText(start.text, steps[step] ?? firstStep);
		body.replaceChildren(foldedText(this.#ui, cut, whole, style));
		const left = start.length - cut.length;
		if (left <= 0) return;
		if (step + 1 === steps.length) {
			body.append(el('p', { class: 'subtle', text: text('unfolded.rest') }));
			return;
		}
		const label = text('text.more', { left: plural('prompt.characters', left, this.#ui.format.compact(left)) });
		const more = button(label, () => void this.#showMore(body, { ...shown, step: step + 1 }));
		more.classList.add('show-more');
		body.append(more);
	}

	async #showMore(body: HTMLElement, shown: Shown): Promise<void> {
		try {
			const preview = await this.#fetch(steps[shown.step] ?? firstStep);
			const start = preview?.[shown.place] ?? null;
			if (start === null || !body.isConnected) return;
			const focused = body.contains(document.activeElement);
			this.#fill(body, { ...shown, start });
			if (!focused) return;
			const next =
				body.querySelector<HTMLElement>('.show-more') ?? this.element.querySelector<HTMLElement>('.open-call');
			next?.focus({ preventScroll: true });
		} catch (error) {
			this.#ui.report(error);
			this.#ui.announce(text('unfolded.failed'));
		}
	}

	#toolCalls(names: string[]): HTMLElement {
		const list = el('ul', { class: 'unfolded-tools', 'aria-label': text('unfolded.tools') });
		for (const name of names) {
			const badge = el('bdi', { class: 'badge' });
			appendVisible(badge, name);
			list.append(el('li', {}, icon('wrench'), badge));
		}
		return list;
	}

	#openButton(): HTMLElement {
		return button(text('unfolded.open'), () => this.#open(this.#row), { class: 'open-call' });
	}
}

function errorPart(message: string): HTMLElement {
	const shown = el('bdi', { class: 'unfolded-error', dir: 'auto' });
	appendVisible(shown, message);
	return el('div', { class: 'unfolded-part', 'data-place': 'error' }, icon('cross'), shown);
}

/** The start of a text, at most as long as told. */
function cutText(content: string, { characters, lines }: Fold): string {
	const limit = Math.min(characters, Math.max(1, lengthOfLines(content, 0, lines)));
	return content.slice(0, cutPoint(content, 0, content.length, limit));
}
