import type { CallDetail } from '../../src/core/views.ts';
import { append, button, el } from '../dom.ts';
import { icon } from '../icons.ts';
import { text } from '../strings.ts';
import type { Ui } from '../ui.ts';

/** Says why a call's texts are not here; `null` when they are. */
export function contentNotice(ui: Ui, detail: CallDetail): HTMLElement | null {
	const { contentState } = detail.row;
	if (contentState === 'full') return null;
	const element = el(
		'div',
		{ class: 'notice', role: 'note' },
		icon('ban'),
		el('span', { text: text(`content.${contentState}`) }),
	);
	const settable = contentState === 'off' || contentState === 'redacted';
	append(element, settable && button(text('settings'), () => ui.run('openSettings')));
	return element;
}
