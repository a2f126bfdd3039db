import { button, setText } from '../dom.ts';
import { icon } from '../icons.ts';
import { text } from '../strings.ts';
import type { Ui } from '../ui.ts';

/** How long a button says that it copied. */
const saidMs = 1500;

/** A button that copies and says so. The text is put together only when it is pressed. */
export function copyButton(ui: Ui, label: string, content: () => string): HTMLElement {
	const caption = document.createElement('bdi');
	caption.textContent = label;
	const element = button('', () => void copy());
	const mark = icon('copy');
	mark.setAttribute('slot', 'start');
	element.replaceChildren(mark, caption);
	return element;

	async function copy(): Promise<void> {
		const done = await ui.copy(content());
		setText(caption, text(done ? 'detail.copied' : 'detail.copyFailed'));
		setTimeout(() => setText(caption, label), saidMs);
	}
}

/** The same as a small sign. */
export function copyIcon(ui: Ui, label: string, content: () => string): HTMLElement {
	const element = button(label, () => void copy(), { appearance: 'icon', icon: icon('copy'), class: 'copy-icon' });
	return element;

	async function copy(): Promise<void> {
		const done = await ui.copy(content());
		element.replaceChildren(icon(done ? 'check' : 'cross'));
		setTimeout(() => element.replaceChildren(icon('copy')), saidMs);
	}
}
