import { button, el } from '../dom.ts';
import { CodeView } from '../markdown/code-view.ts';
import { text } from '../strings.ts';
import { jsonText } from './json-text.ts';

/** Characters of JSON shown before it folds, and what each press of “Show more” adds at most. */
const fold = 2_000;
const step = 40_000;

/** A value as pretty-printed JSON, folded when it is long. */
export function jsonView(value: unknown): HTMLElement {
	const element = el('div', { class: 'text json' });
	show(fold);
	return element;

	function show(limit: number): void {
		const { text: json, complete } = jsonText(value, limit);
		const code = new CodeView('json', false);
		code.append(json);
		element.replaceChildren(code.element);
		if (complete) return;
		const more = button(text('text.moreOf'), () => {
			show(limit + Math.min(limit * 3, step));
			element.tabIndex = -1;
			(element.querySelector<HTMLElement>(':scope > .show-more') ?? element).focus({ preventScroll: true });
		});
		more.classList.add('show-more');
		element.append(more);
	}
}
