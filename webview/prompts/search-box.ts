import { button, el, setAttribute } from '../dom.ts';
import { icon } from '../icons.ts';
import { text } from '../strings.ts';

/** How long typing must rest before the search runs. */
const restMs = 250;
/** The longest text that the host takes. */
const maxLength = 1000;

/** The toolkit's text field for the full-text search. */
export class SearchBox {
	readonly element: HTMLElement;
	readonly #field: HTMLElement & { value?: string };
	readonly #clear: HTMLElement;
	readonly #search: (text: string) => void;
	#timer: ReturnType<typeof setTimeout> | undefined;
	#searched = '';

	/** @param leave told when the reader goes on to what was found */
	constructor(search: (text: string) => void, leave: () => void) {
		this.#search = search;
		this.#field = el('vscode-text-field', {
			class: 'search-field',
			'aria-label': text('search.label'),
			placeholder: text('search.label'),
			title: text('search.keys'),
			maxlength: maxLength,
		});
		const glass = icon('search');
		glass.setAttribute('slot', 'start');
		this.#field.append(glass);
		this.#clear = button(text('search.clear'), () => this.clear(), { appearance: 'icon', icon: icon('close') });
		this.#clear.classList.add('search-clear');
		this.element = el('search', { class: 'search' }, this.#field, this.#clear);
		this.#field.addEventListener('input', () => {
			this.#showClear();
			clearTimeout(this.#timer);
			this.#timer = setTimeout(() => this.#run(), restMs);
		});
		this.#field.addEventListener('keydown', (event) => {
			if (event.key === 'Enter') this.#run();
			else if (event.key === 'Escape' && this.#value !== '') this.clear();
			else if (event.key === 'ArrowDown' || event.key === 'Escape') leave();
			else return;
			event.preventDefault();
			event.stopPropagation();
		});
		this.#showClear();
	}

	focus(): void {
		this.#field.focus();
	}

	/** Shows what is searched for; does not disturb who is typing. */
	show(searched: string): void {
		this.#searched = searched;
		if (this.#value.trim() === searched || this.#timer !== undefined) return;
		this.#field.value = searched;
		this.#showClear();
	}

	clear(): void {
		this.#field.value = '';
		this.focus();
		this.#run();
	}

	get #value(): string {
		return this.#field.value ?? '';
	}

	#run(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		this.#showClear();
		const wanted = this.#value.trim().slice(0, maxLength);
		if (wanted !== this.#searched) this.#search(wanted);
	}

	#showClear(): void {
		setAttribute(this.#clear, 'hidden', this.#value === '');
	}
}
