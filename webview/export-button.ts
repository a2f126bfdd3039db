import type { CallFilter } from '../src/core/views.ts';
import { button, el, setAttribute } from './dom.ts';
import { icon } from './icons.ts';
import { text } from './strings.ts';
import type { Ui } from './ui.ts';

/** Has the host ask how to export the calls that a page is about, and do it. */
export class ExportButton {
	readonly element: HTMLElement;

	constructor(ui: Ui, calls: () => CallFilter) {
		const mark = icon('export');
		mark.setAttribute('slot', 'start');
		this.element = button('', () => void startExport(ui, calls(), false), {
			class: 'export-open',
			title: text('export.hint'),
		});
		this.element.append(mark, el('bdi', { text: text('export.open') }));
	}

	/** What a search finds is no filter, and cannot be exported. */
	allow(allowed: boolean): void {
		setAttribute(this.element, 'disabled', !allowed);
		setAttribute(this.element, 'title', text(allowed ? 'export.hint' : 'export.notWhileSearching'));
	}
}

/** `isTask`: the calls are those of one task, of which there can be a report. */
export async function startExport(ui: Ui, filter: CallFilter, isTask: boolean): Promise<void> {
	try {
		await ui.link.request({ kind: 'export', filter, task: isTask });
	} catch (error) {
		ui.report(error);
		ui.announce(text('export.failed'));
	}
}
