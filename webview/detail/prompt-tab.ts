import type { Message } from '../../src/core/message.ts';
import type { CallDetail } from '../../src/core/views.ts';
import { button, el } from '../dom.ts';
import { inSlices } from '../markdown/slices.ts';
import { whenVisible } from '../markdown/when-visible.ts';
import { plural, text } from '../strings.ts';
import type { Ui } from '../ui.ts';
import { contentNotice } from './content-notice.ts';
import { copyButton } from './copy-button.ts';
import { foldedText, messageFold } from './folded-text.ts';
import { type MessageContext, messageView } from './message-view.ts';
import { promptAsText } from './prompt-text.ts';
import type { TabContext } from './tab-context.ts';
import { textActions } from './text-actions.ts';
import { unfolding } from './unfolding.ts';

/** Messages put into the page before those after them are waited for. */
const batch = 30;
/** A system prompt up to this length stands open. */
const shortPrompt = 600;

/** What was sent: system prompt, messages as bubbles, and what this call added to the one before. */
export function promptTab(ui: Ui, detail: CallDetail, tab: TabContext): HTMLElement {
	const element = el('div', { class: 'tab-body prompt' });
	const notice = contentNotice(ui, detail);
	if (notice !== null) element.append(notice);
	const { messages, systemPrompt } = detail;
	if (messages.length === 0 && systemPrompt === null) {
		if (notice === null) element.append(el('p', { class: 'subtle', text: text('prompt.empty') }));
		return element;
	}
	if (detail.row.contentState === 'full') {
		const copy = copyButton(ui, text('detail.copyPrompt'), () => promptAsText(detail));
		element.append(textActions(tab, copy));
	}
	if (systemPrompt !== null) element.append(systemPromptView(ui, systemPrompt, tab.asWritten));
	const context = contextOf(detail, tab.asWritten);
	const shared = detail.extendsCallId === null ? 0 : Math.min(detail.sharedPrefix, messages.length);
	if (shared > 0) {
		element.append(sharedMessages(ui, messages.slice(0, shared), context));
		element.append(addedMark(ui, messages.length - shared));
	} else element.append(el('h3', { class: 'sr-only', text: text('prompt.messages') }));
	const list = el('div', { class: shared > 0 ? 'bubbles added' : 'bubbles' });
	appendBubbles(ui, list, messages, shared, context);
	element.append(list);
	return element;
}

function systemPromptView(ui: Ui, systemPrompt: string, asWritten: boolean): HTMLElement {
	const length = plural('prompt.characters', systemPrompt.length, ui.format.count(systemPrompt.length));
	const details = unfolding(
		'system-prompt',
		[el('h3', { text: text('prompt.system') }), el('span', { class: 'subtle', text: length })],
		() => [foldedText(ui, systemPrompt, messageFold, asWritten ? 'plain' : 'markdown')],
	);
	details.open = systemPrompt.length <= shortPrompt;
	return details;
}

function sharedMessages(ui: Ui, messages: Message[], context: MessageContext): HTMLElement {
	const label = plural('prompt.earlier', messages.length, ui.format.count(messages.length));
	return unfolding('shared-messages', [el('h3', { text: label })], () => {
		const list = el('div', { class: 'bubbles' });
		appendBubbles(ui, list, messages, 0, context);
		return [list];
	});
}

function addedMark(ui: Ui, count: number): HTMLElement {
	const label = count === 0 ? text('prompt.addedNone') : plural('prompt.added', count, ui.format.count(count));
	return el('h3', { class: 'added-mark' }, el('span', { text: label }));
}

/** Adds messages bit by bit. Those beyond a batch come when their button comes into sight, or is pressed. */
function appendBubbles(ui: Ui, list: HTMLElement, messages: Message[], from: number, context: MessageContext): void {
	inSlices(bubbles(), () => list.isConnected);

	function* bubbles(): Generator<void, void, undefined> {
		const end = Math.min(from + batch, messages.length);
		for (let index = from; index < end; index++) {
			const message = messages[index];
			if (message !== undefined) list.append(messageView(ui, message, context));
			yield;
		}
		const rest = messages.length - end;
		if (rest > 0) list.append(moreButton(end, rest));
	}

	function moreButton(next: number, rest: number): HTMLElement {
		const more = button(plural('prompt.more', rest, ui.format.count(rest)), go);
		more.classList.add('show-more');
		whenVisible(more, go);
		return more;

		function go(): void {
			if (!more.isConnected) return;
			const focused = more.matches(':focus-within');
			const before = list.childElementCount - 1;
			more.remove();
			appendBubbles(ui, list, messages, next, context);
			const first = list.children[before];
			if (!focused || !(first instanceof HTMLElement)) return;
			first.tabIndex = -1;
			first.focus({ preventScroll: true });
		}
	}
}

function contextOf(detail: CallDetail, asWritten: boolean): MessageContext {
	const names = new Map<string, string>();
	for (const { toolCalls } of detail.messages) for (const { id, name } of toolCalls ?? []) names.set(id, name);
	return {
		toolName: (id) => names.get(id) ?? null,
		withheld: detail.row.contentState !== 'full',
		asWritten,
	};
}
