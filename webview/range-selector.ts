import { dateOf } from '../src/core/time-buckets.ts';
import { button, el, setAttribute, setText } from './dom.ts';
import { text } from './strings.ts';
import { type CustomRange, presetRanges, type RangeChoice, readChoice } from './time-range.ts';
import type { Ui } from './ui.ts';

/** Today, 7 days, 30 days, all: one press each; and from one date to another. */
export class RangeSelector {
	readonly element = el('div', { class: 'range', role: 'group', 'aria-label': text('range.label') });
	readonly #ui: Ui;
	readonly #choose: (choice: RangeChoice) => void;
	readonly #buttons = new Map<RangeChoice, HTMLElement>();
	readonly #custom: HTMLElement;
	readonly #from = el('input', { type: 'date', class: 'field', required: true });
	readonly #to = el('input', { type: 'date', class: 'field', required: true });
	readonly #problem = el('p', { class: 'range-problem', role: 'alert' });
	readonly #dialog: HTMLElement;
	#chosen: RangeChoice;

	constructor(ui: Ui, chosen: RangeChoice, choose: (choice: RangeChoice) => void) {
		this.#ui = ui;
		this.#chosen = chosen;
		this.#choose = choose;
		for (const choice of presetRanges) {
			const element = button(text(`range.${choice}`), () => choose(choice));
			this.#buttons.set(choice, element);
			this.element.append(element);
		}
		this.#custom = button(text('range.custom'), () => (this.#dialog.hidden ? this.#open() : this.#close()));
		setAttribute(this.#custom, 'aria-haspopup', 'dialog');
		this.#dialog = el(
			'div',
			{ class: 'range-dialog', role: 'dialog', 'aria-label': text('range.dates') },
			el('label', {}, el('span', { text: text('range.from') }), this.#from),
			el('label', {}, el('span', { text: text('range.to') }), this.#to),
			this.#problem,
			button(text('range.apply'), () => this.#apply(), { appearance: 'primary' }),
		);
		this.#dialog.hidden = true;
		this.element.append(this.#custom, this.#dialog);
		this.element.addEventListener('keydown', (event) => {
			if (event.key === 'Escape' && !this.#dialog.hidden) {
				event.stopPropagation();
				this.#close();
				this.#custom.focus();
			}
			if (event.key !== 'Enter' || !(event.target instanceof HTMLInputElement)) return;
			// Else it would press the button that takes the focus.
			event.preventDefault();
			this.#apply();
		});
		document.addEventListener('pointerdown', ({ target }) => {
			if (!(target instanceof Node && this.element.contains(target))) this.#close();
		});
		this.#close();
		this.show(chosen);
	}

	show(chosen: RangeChoice): void {
		this.#chosen = chosen;
		for (const [choice, element] of this.#buttons) this.#press(element, choice === chosen);
		const isCustom = typeof chosen === 'object';
		this.#press(this.#custom, isCustom);
		setText(this.#custom, this.#nameOf(chosen));
	}

	#nameOf(chosen: RangeChoice): string {
		const { format } = this.#ui;
		if (typeof chosen === 'string') return text('range.custom');
		return 'fromMs' in chosen ? format.span(chosen) : format.dates(chosen);
	}

	#press(element: HTMLElement, pressed: boolean): void {
		setAttribute(element, 'appearance', pressed ? 'primary' : 'secondary');
		setAttribute(element, 'aria-pressed', pressed ? 'true' : 'false');
	}

	#open(): void {
		const { from, to } = this.#offered();
		this.#from.value = from;
		this.#to.value = to;
		setText(this.#problem, '');
		this.#dialog.hidden = false;
		setAttribute(this.#custom, 'aria-expanded', 'true');
		this.#from.focus();
	}

	/** The dates that were chosen last, or this week's. */
	#offered(): { from: string; to: string } {
		const chosen = this.#chosen;
		const { timeZone } = this.#ui.format;
		if (typeof chosen === 'object') {
			return 'fromMs' in chosen
				? { from: dateOf(chosen.fromMs, timeZone), to: dateOf(chosen.toMs - 1, timeZone) }
				: { from: chosen.fromDate, to: chosen.toDate };
		}
		const nowMs = this.#ui.now();
		return { from: dateOf(nowMs - 6 * 86_400_000, timeZone), to: dateOf(nowMs, timeZone) };
	}

	#close(): void {
		this.#dialog.hidden = true;
		setAttribute(this.#custom, 'aria-expanded', 'false');
	}

	#apply(): void {
		const wanted: CustomRange = { fromDate: this.#from.value, toDate: this.#to.value };
		const choice = readChoice(wanted);
		if (choice === null) {
			const empty = wanted.fromDate === '' || wanted.toDate === '';
			setText(this.#problem, text(empty ? 'range.noDates' : 'range.wrongOrder'));
			return;
		}
		this.#close();
		this.#custom.focus();
		this.#choose(choice);
	}
}
