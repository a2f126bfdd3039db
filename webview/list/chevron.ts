import { el } from '../dom.ts';
import { icon } from '../icons.ts';

const name = 'chevron';

/** What a pointer unfolds a line by. Keys do it on the line itself, which also says whether it is unfolded. */
export function chevron(): HTMLElement {
	return el('span', { class: name, 'aria-hidden': 'true' }, icon('chevron'));
}

/** Whether a pointer is on the chevron of a line. */
export function isChevron(target: EventTarget | null): boolean {
	return target instanceof Element && target.closest(`.${name}`) !== null;
}
