import { button, el, setAttribute } from '../dom.ts';
import { text } from '../strings.ts';
import type { TabContext } from './tab-context.ts';

/** The buttons above a tab's texts: how they are shown, and whatever else is given. */
export function textActions(context: TabContext, ...others: HTMLElement[]): HTMLElement {
	const written = button(text('detail.asWritten'), () => context.showAsWritten(!context.asWritten), {
		title: text('detail.asWritten.hint'),
		class: 'as-written',
	});
	setAttribute(written, 'aria-pressed', context.asWritten ? 'true' : 'false');
	return el('div', { class: 'tab-actions' }, written, ...others);
}
