import { append, button, el } from './dom.ts';
import { icon } from './icons.ts';
import { text } from './strings.ts';
import type { Ui } from './ui.ts';

/** While the ledger opens. */
export function loadingScreen(): HTMLElement {
	return screen(
		el('vscode-progress-ring', { 'aria-hidden': 'true' }),
		el('p', { role: 'status', text: text('loading.ledger') }),
	);
}

/** When there is no ledger to read: what happened, what to do, and where more is told. */
export function failedScreen(ui: Ui, problem: string | null): HTMLElement {
	const element = screen(
		icon('warning'),
		el('h2', { text: text('failed.title') }),
		el('p', { dir: 'auto', text: problem ?? text('failed.unknown') }),
		el(
			'div',
			{ class: 'screen-actions' },
			button(text('showLog'), () => ui.run('showLog'), { appearance: 'primary' }),
		),
	);
	element.setAttribute('role', 'alert');
	return element;
}

/** When nothing was recorded yet: what this is for, and one way to see it work. */
export function emptyScreen(ui: Ui, sampleRunning: boolean): HTMLElement {
	const pair = el(
		'div',
		{ class: 'screen-pair', 'aria-hidden': 'true' },
		el('span', { text: '🧠' }),
		icon('arrow'),
		el('span', { text: '💬' }),
	);
	const run = button(text('sample.run'), () => ui.run('runSampleTask'), { appearance: 'primary' });
	const actions = el('div', { class: 'screen-actions' });
	append(
		actions,
		sampleRunning
			? el(
					'span',
					{ class: 'running', role: 'status' },
					el('vscode-progress-ring', { 'aria-hidden': 'true' }),
					text('sample.running'),
				)
			: run,
		button(text('empty.what'), () => ui.run('openWalkthrough')),
		button(text('settings'), () => ui.run('openSettings')),
	);
	return screen(pair, el('h2', { text: text('empty.title') }), el('p', { text: text('empty.body') }), actions);
}

/** When there are calls, but none in the chosen range. */
export function emptyRange(showAll: () => void): HTMLElement {
	return screen(
		el('h2', { text: text('empty.range') }),
		el('p', { text: text('empty.rangeBody') }),
		el('div', { class: 'screen-actions' }, button(text('empty.showAll'), showAll)),
	);
}

/** When there are calls, but none that pass the filters: what to do about it. */
export function emptyFilter(message: string, action: string, act: () => void): HTMLElement {
	return screen(el('h2', { text: message }), el('div', { class: 'screen-actions' }, button(action, act)));
}

/** When a part could not be read. */
export function retryNotice(message: string, retry: () => void): HTMLElement {
	return el(
		'div',
		{ class: 'notice', 'data-kind': 'error', role: 'alert' },
		icon('warning'),
		el('span', { text: message }),
		button(text('retry'), retry),
	);
}

function screen(...children: Node[]): HTMLElement {
	return el('div', { class: 'screen' }, ...children);
}
