import { el } from '../dom.ts';

/** Something that is made when it is first unfolded. */
export function unfolding(name: string, summary: Node[], content: () => Node[]): HTMLDetailsElement {
	const details = el('details', { class: name }, el('summary', {}, ...summary));
	let made = false;
	details.addEventListener('toggle', () => {
		if (!details.open || made) return;
		made = true;
		details.append(...content());
	});
	return details;
}
