import { button, el } from '../dom.ts';
import { text } from '../strings.ts';

/** When a search found nothing: what was searched for, and how to find more. */
export function nothingFound(
	searched: string,
	filtered: boolean,
	on: { search(): void; filters(): void },
): HTMLElement {
	const body = el('p', {
		dir: 'auto',
		text: text(filtered ? 'search.noneFiltered' : 'search.noneBody', { text: searched }),
	});
	const actions = el('div', { class: 'screen-actions' }, button(text('search.clear'), on.search));
	if (filtered) actions.append(button(text('prompts.clear'), on.filters));
	return el('div', { class: 'screen', role: 'status' }, el('h2', { text: text('search.none') }), body, actions);
}

/** When no call passes the filters. */
export function nonePasses(clear: () => void): HTMLElement {
	return el(
		'div',
		{ class: 'screen', role: 'status' },
		el('h2', { text: text('prompts.empty') }),
		el('p', { text: text('prompts.emptyBody') }),
		el('div', { class: 'screen-actions' }, button(text('prompts.clear'), clear, { appearance: 'primary' })),
	);
}
