import { button, el, setAttribute } from './dom.ts';
import { text } from './strings.ts';
import { type RangeChoice, rangeChoices } from './time-range.ts';

/** Today, 7 days, 30 days, all: one press each. */
export class RangeSelector {
	readonly element = el('div', { class: 'range', role: 'group', 'aria-label': text('range.label') });
	readonly #buttons = new Map<RangeChoice, HTMLElement>();

	constructor(chosen: RangeChoice, choose: (choice: RangeChoice) => void) {
		for (const choice of rangeChoices) {
			const element = button(text(`range.${choice}`), () => choose(choice));
			this.#buttons.set(choice, element);
			this.element.append(element);
		}
		this.show(chosen);
	}

	show(chosen: RangeChoice): void {
		for (const [choice, element] of this.#buttons) {
			setAttribute(element, 'appearance', choice === chosen ? 'primary' : 'secondary');
			setAttribute(element, 'aria-pressed', choice === chosen ? 'true' : 'false');
		}
	}
}
