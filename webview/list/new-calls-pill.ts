import { button } from '../dom.ts';
import { icon } from '../icons.ts';
import { plural } from '../strings.ts';
import type { Ui } from '../ui.ts';

/** Tells how many calls came above the view, and leads to them. */
export class NewCallsPill {
	readonly element: HTMLElement;
	readonly #ui: Ui;
	#count = 0;

	constructor(ui: Ui, show: () => void) {
		this.#ui = ui;
		this.element = button('', show, { class: 'new-pill', appearance: 'primary' });
		this.element.hidden = true;
	}

	add(calls: number): void {
		if (calls <= 0) return;
		this.#count += calls;
		const label = plural('list.new', this.#count, this.#ui.format.count(this.#count));
		this.element.replaceChildren(icon('up'), label);
		this.element.hidden = false;
		this.#ui.announce(label);
	}

	clear(): void {
		if (this.#count === 0) return;
		this.#count = 0;
		this.element.hidden = true;
	}
}
