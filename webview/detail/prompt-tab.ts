import type { Message } from '../../src/core/message.ts';
import type { CallDetail } from '../../src/core/views.ts';
import { button, el } from '../dom.ts';
import { plural, text } from '../strings.ts';
import type { Ui } from '../ui.ts';
import { contentNotice } from './content-notice.ts';
import { copyButton } from './copy-button.ts';
import { foldedText, messageFold } from './folded-text.ts';
import { type MessageContext, messageView } from './message-view.ts';
import { promptAsText } from './prompt-text.ts';

/** Messages put into the page at once. */
const batch = 40;

/** What was sent: system prompt, messages as bubbles, and what this call added to the one before. */
export function promptTab(ui: Ui, detail: CallDetail): HTMLElement {
	const element = el('div', { class: 'tab-body prompt' });
	const notice = contentNotice(ui, detail);
	if (notice !== null) element.append(notice);
	const { messages, systemPrompt } = detail;
	if (messages.length === 0 && systemPrompt === null) {
		if (notice === null) element.append(el('p', { class: 'subtle', text: text('prompt.empty') }));
		return element;
	}
	const copyable = detail.row.contentState === 'full';
	if (copyable) {
		element.append(
			el(
				'div',
				{ class: 'tab-actions' },
				copyButton(ui, text('detail.copyPrompt'), () => promptAsText(detail)),
			),
		);
	}
	if (systemPrompt !== null) element.append(systemPromptView(ui, systemPrompt));
	const context = contextOf(detail);
	const shared = detail.extendsCallId === null ? 0 : Math.min(detail.sharedPrefix, messages.length);
	if (shared > 0) element.append(sharedMessages(ui, messages.slice(0, shared), context));
	const added = messages.slice(shared);
	if (shared > 0) element.append(addedMark(ui, added.length));
	const list = el('div', { class: shared > 0 ? 'bubbles added' : 'bubbles' });
	appendInBatches(ui, list, added, context);
	element.append(list);
	return element;
}

function systemPromptView(ui: Ui, systemPrompt: string): HTMLElement {
	const length = plural('prompt.characters', systemPrompt.length, ui.format.count(systemPrompt.length));
	const details = el(
		'details',
		{ class: 'system-prompt' },
		el('summary', {}, el('span', { text: text('prompt.system') }), el('span', { class: 'subtle', text: length })),
	);
	details.addEventListener('toggle', () => {
		if (details.open && details.childElementCount === 1) details.append(foldedText(ui, systemPrompt, messageFold));
	});
	return details;
}

function sharedMessages(ui: Ui, messages: Message[], context: MessageContext): HTMLElement {
	const label = plural('prompt.earlier', messages.length, ui.format.count(messages.length));
	const details = el('details', { class: 'shared-messages' }, el('summary', {}, el('span', { text: label })));
	details.addEventListener('toggle', () => {
		if (!details.open || details.childElementCount > 1) return;
		const list = el('div', { class: 'bubbles' });
		appendInBatches(ui, list, messages, context);
		details.append(list);
	});
	return details;
}

function addedMark(ui: Ui, count: number): HTMLElement {
	const label = count === 0 ? text('prompt.addedNone') : plural('prompt.added', count, ui.format.count(count));
	return el('div', { class: 'added-mark' }, el('span', { text: label }));
}

function appendInBatches(ui: Ui, list: HTMLElement, messages: Message[], context: MessageContext): void {
	for (const message of messages.slice(0, batch)) list.append(messageView(ui, message, context));
	const rest = messages.slice(batch);
	if (rest.length === 0) return;
	const more = button(plural('prompt.more', rest.length, ui.format.count(rest.length)), () => {
		const before = list.childElementCount - 1;
		more.remove();
		appendInBatches(ui, list, rest, context);
		const next = list.children[before];
		if (next instanceof HTMLElement) {
			next.tabIndex = -1;
			next.focus({ preventScroll: true });
		}
	});
	more.classList.add('show-more');
	list.append(more);
}

function contextOf(detail: CallDetail): MessageContext {
	const names = new Map<string, string>();
	for (const { toolCalls } of detail.messages) for (const { id, name } of toolCalls ?? []) names.set(id, name);
	return {
		toolName: (id) => names.get(id) ?? null,
		withheld: detail.row.contentState !== 'full',
	};
}
