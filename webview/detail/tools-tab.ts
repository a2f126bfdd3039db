import type { ToolDefinition } from '../../src/core/message.ts';
import type { CallDetail } from '../../src/core/views.ts';
import { el } from '../dom.ts';
import { icon } from '../icons.ts';
import { inSlices } from '../markdown/slices.ts';
import { plural, text } from '../strings.ts';
import type { Ui } from '../ui.ts';
import { contentNotice } from './content-notice.ts';
import { foldedText, messageFold } from './folded-text.ts';
import { jsonView } from './json-view.ts';
import type { TabContext } from './tab-context.ts';
import { unfolding } from './unfolding.ts';
import { appendVisible } from './visible-text.ts';

/** The tools that were offered to the model, and which of them it called: those first. */
export function toolsTab(ui: Ui, detail: CallDetail, tab: TabContext): HTMLElement {
	const element = el('div', { class: 'tab-body tools' });
	const calls = new Map<string, number>();
	for (const { name } of detail.toolCalls) calls.set(name, (calls.get(name) ?? 0) + 1);
	if (detail.tools.length === 0) {
		element.append(contentNotice(ui, detail) ?? el('p', { class: 'subtle', text: text('tools.none') }));
	} else {
		const called = detail.tools.filter(({ name }) => calls.has(name));
		const summary = text('tools.summary', {
			given: plural('tools.given', detail.tools.length, ui.format.count(detail.tools.length)),
			called: ui.format.count(called.length),
		});
		element.append(el('p', { class: 'subtle tools-summary', text: summary }));
		const rest = detail.tools.filter(({ name }) => !calls.has(name));
		inSlices(views([...called, ...rest]), () => element.isConnected);
	}
	const known = new Set(detail.tools.map(({ name }) => name));
	const unknown = [...calls.keys()].filter((name) => name !== '' && !known.has(name));
	if (unknown.length > 0 && detail.tools.length > 0) {
		const note = el('p', { class: 'cost-note' }, `${text('tools.unknown')} `);
		appendVisible(note.appendChild(el('bdi', { class: 'tool-name' })), unknown.join(', ').slice(0, 1000));
		element.firstElementChild?.after(note);
	}
	return element;

	function* views(tools: ToolDefinition[]): Generator<void, void, undefined> {
		for (const tool of tools) {
			element.append(toolView(ui, tool, calls.get(tool.name) ?? 0, tab.asWritten));
			yield;
		}
	}
}

function toolView(ui: Ui, tool: ToolDefinition, times: number, asWritten: boolean): HTMLElement {
	const name = el('bdi', { class: 'tool-name' });
	appendVisible(name, tool.name.slice(0, 500));
	const called = times === 0 ? text('tools.notCalled') : plural('tools.called', times, ui.format.count(times));
	const badge = el('span', { class: times === 0 ? 'subtle' : 'badge called', text: called });
	return unfolding('tool-definition', [icon('wrench'), el('h3', { class: 'tool-title' }, name), badge], () => {
		const parts: Node[] = [];
		if (tool.description !== undefined && tool.description !== '') {
			parts.push(foldedText(ui, tool.description, messageFold, asWritten ? 'plain' : 'markdown'));
		}
		if (tool.parameters !== undefined) {
			parts.push(el('h4', { text: text('tools.schema') }), jsonView(tool.parameters));
		}
		return parts.length > 0 ? parts : [el('p', { class: 'subtle', text: text('tools.bare') })];
	});
}
