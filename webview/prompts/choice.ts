import { el, setAttribute } from '../dom.ts';

export interface ChoiceOption {
	value: string;
	label: string;
}

/** The toolkit's dropdown: one of a few values. */
export class Choice {
	readonly element: HTMLElement & { value?: string };
	#shown = '';

	constructor(label: string, choose: (value: string) => void) {
		this.element = el('vscode-dropdown', { 'aria-label': label });
		this.element.addEventListener('change', () => choose(this.element.value ?? ''));
	}

	/** Offers these values, with one of them chosen. Leaves the list alone while it would be the same. */
	show(options: ChoiceOption[], chosen: string): void {
		const shown = JSON.stringify(options);
		if (shown !== this.#shown) {
			this.#shown = shown;
			this.element.replaceChildren(
				...options.map(({ value, label }) =>
					el('vscode-option', { value, selected: value === chosen, text: label, title: label }),
				),
			);
		}
		for (const option of this.element.children)
			setAttribute(option, 'selected', option.getAttribute('value') === chosen);
		if (this.element.value !== chosen) this.element.value = chosen;
	}
}
