import type { ToolCall } from '../../src/core/message.ts';
import { append, el } from '../dom.ts';
import { icon } from '../icons.ts';
import { text } from '../strings.ts';
import type { Ui } from '../ui.ts';
import { foldedText, messageFold } from './folded-text.ts';
import { jsonView } from './json-view.ts';
import { appendVisible } from './visible-text.ts';

/** More arguments than this are shown as one piece of JSON. */
const maxArguments = 30;

/** A tool call where the model made it: name, and each argument pretty-printed. */
export function toolCallView(ui: Ui, call: ToolCall): HTMLElement {
	const name = el('bdi', { class: 'tool-name' });
	appendVisible(name, call.name.slice(0, 500));
	return el(
		'div',
		{ class: 'tool-call' },
		el('div', { class: 'tool-head' }, icon('wrench'), el('span', { class: 'subtle', text: text('tool.call') }), name),
		argumentsView(ui, call.arguments),
	);
}

/** Text that is long or has lines reads better outside JSON, where its line breaks are line breaks. */
function argumentsView(ui: Ui, value: unknown): HTMLElement {
	if (typeof value === 'string') return foldedText(ui, value, messageFold, 'plain');
	if (typeof value !== 'object' || value === null || Array.isArray(value)) return jsonView(value);
	const members = Object.entries(value);
	if (members.length === 0) return el('div', { class: 'subtle', text: text('tool.noArguments') });
	if (members.length > maxArguments) return jsonView(value);
	const list = el('dl', { class: 'arguments' });
	for (const [key, member] of members) {
		const name = el('bdi');
		appendVisible(name, key.slice(0, 200));
		append(
			list,
			el('dt', {}, name),
			el('dd', {}, typeof member === 'string' ? foldedText(ui, member, messageFold, 'plain') : jsonView(member)),
		);
	}
	return list;
}
