import type { CallSort } from '../../src/core/views.ts';
import { button, el, setAttribute } from '../dom.ts';
import { text } from '../strings.ts';
import { Choice } from './choice.ts';
import { type PromptsState, tasksSort } from './prompts-state.ts';

const sorts = ['newest', 'oldest', 'cost', 'latency', 'tokens'] as const;

/** By task or all calls, and in which order. */
export class Arrangement {
	readonly element: HTMLElement;
	readonly #tasks: HTMLElement;
	readonly #calls: HTMLElement;
	readonly #sort: Choice;

	constructor(on: { byTask(byTask: boolean): void; sort(sort: CallSort): void }) {
		this.#tasks = button(text('view.tasks'), () => on.byTask(true));
		this.#calls = button(text('view.calls'), () => on.byTask(false));
		this.#sort = new Choice(text('sort.label'), (chosen) => {
			const sort = sorts.find((each) => each === chosen);
			if (sort !== undefined) on.sort(sort);
		});
		this.#sort.element.classList.add('sort');
		this.element = el(
			'div',
			{ class: 'arrangement' },
			el('div', { class: 'range view', role: 'group', 'aria-label': text('view.label') }, this.#tasks, this.#calls),
			this.#sort.element,
		);
	}

	/** @param searching what a search found has an order of its own */
	show({ sort, byTask }: PromptsState, searching: boolean): void {
		const grouped = byTask && tasksSort(sort) !== null;
		press(this.#tasks, grouped);
		press(this.#calls, !grouped);
		this.#sort.show(
			sorts.map((value) => ({ value, label: text(`sort.${value}`) })),
			sort,
		);
		this.element.hidden = searching;
	}
}

function press(element: HTMLElement, pressed: boolean): void {
	setAttribute(element, 'appearance', pressed ? 'primary' : 'secondary');
	setAttribute(element, 'aria-pressed', pressed ? 'true' : 'false');
}
