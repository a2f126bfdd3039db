import type { ToolDefinition } from '../../src/core/message.ts';
import type { CallDetail } from '../../src/core/views.ts';
import { el } from '../dom.ts';
import { icon } from '../icons.ts';
import { plural, text } from '../strings.ts';
import type { Ui } from '../ui.ts';
import { contentNotice } from './content-notice.ts';
import { foldedText, messageFold } from './folded-text.ts';
import { jsonView } from './tool-call-view.ts';
import { appendVisible } from './visible-text.ts';

/** The tools that were offered to the model, and which of them it called. */
export function toolsTab(ui: Ui, detail: CallDetail): HTMLElement {
	const element = el('div', { class: 'tab-body tools' });
	if (detail.tools.length === 0) {
		element.append(contentNotice(ui, detail) ?? el('p', { class: 'subtle', text: text('tools.none') }));
		return element;
	}
	for (const tool of detail.tools) {
		const times = detail.toolCalls.filter(({ name }) => name === tool.name).length;
		element.append(toolView(ui, tool, times));
	}
	return element;
}

function toolView(ui: Ui, tool: ToolDefinition, times: number): HTMLElement {
	const name = el('bdi', { class: 'tool-name' });
	appendVisible(name, tool.name.slice(0, 500));
	const called = times === 0 ? text('tools.notCalled') : plural('tools.called', times, ui.format.count(times));
	const details = el(
		'details',
		{ class: 'tool-definition' },
		el('summary', {}, icon('wrench'), name, el('span', { class: times === 0 ? 'subtle' : 'badge', text: called })),
	);
	details.addEventListener('toggle', () => {
		if (!details.open || details.childElementCount > 1) return;
		if (tool.description !== undefined) details.append(foldedText(ui, tool.description, messageFold));
		if (tool.parameters !== undefined) {
			details.append(el('h4', { text: text('tools.schema') }), jsonView(tool.parameters));
		}
	});
	return details;
}
