import { el, setAttribute, setText } from '../dom.ts';
import { text } from '../strings.ts';
import { readLimit } from './list-filters.ts';

let nextId = 0;

/** The toolkit's text field for a number that calls must reach. */
export class LimitField {
	readonly element: HTMLElement;
	readonly #field: HTMLElement & { value?: string };
	readonly #problem: HTMLElement;
	readonly #unit: number;

	/**
	 * @param unit how many of what is kept are one of what is written
	 * @param change given what is kept, or `null` for no limit
	 */
	constructor(label: string, unit: number, change: (value: number | null) => void) {
		this.#unit = unit;
		const id = `limit-${nextId++}`;
		this.#problem = el('p', { class: 'filters-problem', id, role: 'alert' });
		this.#field = el('vscode-text-field', {
			'aria-label': label,
			size: 8,
			inputmode: 'decimal',
			'aria-describedby': id,
		});
		this.element = el(
			'div',
			{ class: 'filter' },
			el('span', { class: 'filter-name', 'aria-hidden': 'true', text: label }),
			this.#field,
			this.#problem,
		);
		this.#field.addEventListener('change', () => {
			const limit = readLimit(this.#field.value ?? '');
			setText(this.#problem, limit === undefined ? text('filters.bad') : '');
			setAttribute(this.#field, 'aria-invalid', limit === undefined ? 'true' : null);
			if (limit !== undefined) change(limit === null ? null : limit * unit);
		});
	}

	show(value: number | null): void {
		const written = value === null ? '' : String(value / this.#unit);
		if (readLimit(this.#field.value ?? '') === (value === null ? null : value / this.#unit)) return;
		this.#field.value = written;
		setText(this.#problem, '');
		setAttribute(this.#field, 'aria-invalid', null);
	}
}
