import type { ToolCall } from '../../src/core/message.ts';
import { append, button, el } from '../dom.ts';
import { icon } from '../icons.ts';
import { text } from '../strings.ts';
import type { Ui } from '../ui.ts';
import { foldedText, messageFold } from './folded-text.ts';
import { jsonText } from './json-text.ts';
import { appendVisible } from './visible-text.ts';

/** Characters of JSON shown before it folds. */
const jsonFold = 2_000;

/** A tool call where the model made it: name, and each argument pretty-printed. */
export function toolCallView(ui: Ui, call: ToolCall): HTMLElement {
	const name = el('bdi', { class: 'tool-name' });
	appendVisible(name, call.name);
	return el(
		'div',
		{ class: 'tool-call' },
		el('div', { class: 'tool-head' }, icon('wrench'), el('span', { class: 'subtle', text: text('tool.call') }), name),
		argumentsView(ui, call.arguments),
	);
}

/** A value as folded JSON. */
export function jsonView(value: unknown): HTMLElement {
	const element = el('div', { class: 'text plain' });
	show(jsonFold);
	return element;

	function show(limit: number): void {
		const { text: json, complete } = jsonText(value, limit);
		const block = el('div', { class: 'plain-text', dir: 'ltr' });
		appendVisible(block, json);
		element.replaceChildren(block);
		if (complete) return;
		const more = button(text('text.more', { left: '…' }), () => show(limit * 4));
		more.classList.add('show-more');
		element.append(more);
	}
}

/** Text that is long or has lines reads better outside JSON, where its line breaks are line breaks. */
function argumentsView(ui: Ui, value: unknown): HTMLElement {
	if (typeof value === 'string') return foldedText(ui, value, messageFold, true);
	if (typeof value !== 'object' || value === null || Array.isArray(value)) return jsonView(value);
	const members = Object.entries(value);
	if (members.length === 0) return el('div', { class: 'subtle', text: text('tool.noArguments') });
	if (members.length > 30) return jsonView(value);
	const list = el('dl', { class: 'arguments' });
	for (const [key, member] of members) {
		const name = el('bdi');
		appendVisible(name, key.slice(0, 200));
		append(
			list,
			el('dt', {}, name),
			el('dd', {}, typeof member === 'string' ? foldedText(ui, member, messageFold, true) : jsonView(member)),
		);
	}
	return list;
}
