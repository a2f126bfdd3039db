import type { CallDetail } from '../../src/core/views.ts';
import { el } from '../dom.ts';
import { icon } from '../icons.ts';
import { text } from '../strings.ts';
import type { Ui } from '../ui.ts';
import { contentNotice } from './content-notice.ts';
import { reasoningView } from './content-part.ts';
import { copyButton } from './copy-button.ts';
import { completionFold, foldedText, messageFold } from './folded-text.ts';
import { completionAsText } from './prompt-text.ts';
import type { TabContext } from './tab-context.ts';
import { textActions } from './text-actions.ts';
import { toolCallView } from './tool-call-view.ts';

/** What came back: error, reasoning, text and tool calls. */
export function completionTab(ui: Ui, detail: CallDetail, tab: TabContext): HTMLElement {
	const element = el('div', { class: 'tab-body completion' });
	const { completion, reasoning, toolCalls, row } = detail;
	const style = tab.asWritten ? 'plain' : 'markdown';
	const notice = contentNotice(ui, detail);
	if (notice !== null) element.append(notice);
	if (row.state === 'pending') {
		element.append(
			el(
				'p',
				{ class: 'subtle running', role: 'note' },
				el('vscode-progress-ring', { 'aria-hidden': 'true' }),
				text('completion.pending'),
			),
		);
		return element;
	}
	if (row.state === 'error' || row.state === 'cancelled') element.append(errorView(ui, detail));
	if (completion !== null || toolCalls.length > 0) {
		const copy = copyButton(ui, text('detail.copyCompletion'), () => completionAsText(detail));
		element.append(textActions(tab, copy));
	}
	if (reasoning !== null && reasoning !== '') element.append(reasoningView(ui, reasoning, style));
	if (completion !== null && completion !== '') {
		element.append(
			el('h3', { class: 'sr-only', text: text('detail.tab.completion') }),
			el(
				'article',
				{ class: 'bubble completion-text', 'data-role': 'assistant' },
				el('h4', { class: 'sr-only', text: text('role.assistant') }),
				foldedText(ui, completion, completionFold, style),
			),
		);
	} else if (notice === null && toolCalls.length === 0 && row.state === 'ok') {
		element.append(el('p', { class: 'subtle', text: text('completion.none') }));
	}
	if (toolCalls.length > 0) {
		element.append(el('h3', { text: text('completion.toolCalls') }));
		for (const call of toolCalls) element.append(toolCallView(ui, call));
	}
	return element;
}

function errorView(ui: Ui, detail: CallDetail): HTMLElement {
	const failed = detail.row.state === 'error';
	const { error } = detail;
	const facts = [
		error?.status == null ? null : text('completion.status', { status: error.status }),
		error?.code ?? null,
	];
	const element = el(
		'div',
		{ class: 'notice', 'data-kind': failed ? 'error' : 'cancelled', role: 'note' },
		icon(failed ? 'cross' : 'ban'),
	);
	const body = el('div', {}, el('strong', { text: text(failed ? 'completion.error' : 'completion.cancelled') }));
	const told = facts.filter((fact) => fact !== null).join(' · ');
	if (told !== '') body.append(el('bdi', { class: 'error-facts', text: ` · ${told}` }));
	if (error !== null && error.message !== '') body.append(foldedText(ui, error.message, messageFold, 'plain'));
	element.append(body);
	return element;
}
