import { button, el } from './dom.ts';
import { icon } from './icons.ts';
import { text } from './strings.ts';
import type { Ui } from './ui.ts';

/** When calls can't be stored, while those that were can be read: the page stays, with this above it. */
export function readOnlyNotice(ui: Ui, problem: string): HTMLElement {
	const message = el('span', { dir: 'auto', text: `${text('failed.readable')} ${problem}` });
	return notice(ui, 'error', message);
}

/** Tells where a ledger is that could not be read. */
export function setAsideNotice(ui: Ui, path: string, close: () => void): HTMLElement {
	const message = el('span', {}, `${text('setAside')} `, el('bdi', { class: 'path', text: path }));
	const element = notice(ui, 'warning', message);
	element.append(button(text('close'), close, { appearance: 'icon', icon: icon('close') }));
	return element;
}

function notice(ui: Ui, kind: 'warning' | 'error', message: HTMLElement): HTMLElement {
	const role = kind === 'error' ? 'alert' : 'status';
	const log = button(text('showLog'), () => ui.run('showLog'));
	return el('div', { class: 'notice', 'data-kind': kind, role }, icon('warning'), message, log);
}
