import { el, setAttribute } from '../dom.ts';
import { icon } from '../icons.ts';
import type { ListFilter } from '../list-filter.ts';
import { text } from '../strings.ts';
import type { Ui } from '../ui.ts';
import { activeFields, type FilterField, fieldText, valueText, without } from './list-filters.ts';

/** The filters that are on, each of which a press takes off. */
export class FilterChips {
	readonly element = el('ul', { class: 'chips', 'aria-label': text('filters.open') });
	readonly #ui: Ui;
	readonly #change: (filter: ListFilter) => void;
	readonly #titleOf: (sessionId: string) => string | null;
	readonly #chips = new Map<FilterField | 'all', HTMLButtonElement>();
	#filter: ListFilter = {};

	/** @param titleOf the title of a task, as far as it is known */
	constructor(ui: Ui, change: (filter: ListFilter) => void, titleOf: (sessionId: string) => string | null) {
		this.#ui = ui;
		this.#change = change;
		this.#titleOf = titleOf;
	}

	show(filter: ListFilter): void {
		this.#filter = filter;
		const fields = activeFields(filter);
		const names: (FilterField | 'all')[] = fields.length === 0 ? [] : [...fields, 'all'];
		const focused = [...this.#chips].findIndex(([, chip]) => chip === document.activeElement);
		for (const name of this.#chips.keys()) if (!names.includes(name)) this.#chips.delete(name);
		this.element.replaceChildren(...names.map((name) => el('li', {}, this.#chip(name))));
		this.element.hidden = names.length === 0;
		if (focused < 0) return;
		// Who takes off one filter may want to take off the next.
		const chips = [...this.#chips.values()];
		(chips[Math.min(focused, chips.length - 1)] ?? null)?.focus();
	}

	#chip(name: FilterField | 'all'): HTMLElement {
		let chip = this.#chips.get(name);
		if (chip === undefined) {
			chip = el('button', { type: 'button', class: name === 'all' ? 'chips-clear' : 'chip', 'data-field': name });
			chip.addEventListener('click', () => this.#change(name === 'all' ? {} : without(this.#filter, name)));
			this.#chips.set(name, chip);
		}
		if (name === 'all') {
			chip.textContent = text('filters.clear');
			return chip;
		}
		const value = this.#value(name);
		chip.replaceChildren(
			el('span', { class: 'chip-name', text: fieldText(name) }),
			el('bdi', { class: 'chip-value', text: value }),
			icon('close'),
		);
		setAttribute(chip, 'aria-label', text('filters.remove', { filter: `${fieldText(name)} ${value}` }));
		chip.title = value;
		return chip;
	}

	#value(field: FilterField): string {
		const { sessionId } = this.#filter;
		if (field === 'sessionId' && sessionId !== undefined) return this.#titleOf(sessionId) ?? text('row.untitled');
		return valueText(this.#filter, field, this.#ui.format) ?? '';
	}
}
