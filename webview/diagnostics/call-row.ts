import type { DiagnosticsLine } from '../../src/protocol/messages.ts';
import { copyButton } from '../detail/copy-button.ts';
import { button, el, setAttribute } from '../dom.ts';
import { icon } from '../icons.ts';
import { text } from '../strings.ts';
import type { Ui } from '../ui.ts';
import { fields } from './call-fields.ts';

/** One call of the table: a row, and below it all of its fields when it is unfolded. */
export class CallRow {
	/** The row, and while it is unfolded the one below. */
	readonly elements: HTMLElement[];
	readonly #ui: Ui;
	readonly #line: DiagnosticsLine;
	readonly #open: (callId: string) => void;
	readonly #row: HTMLElement;
	readonly #toggle: HTMLElement;
	#fields: HTMLElement | null = null;

	/** @param open the details of the call are wanted */
	constructor(ui: Ui, line: DiagnosticsLine, open: (callId: string) => void) {
		this.#ui = ui;
		this.#line = line;
		this.#open = open;
		const { call, callId } = line;
		this.#toggle = button(text('diagnostics.expand', { seq: call.seq }), () => this.#fold(), {
			appearance: 'icon',
			class: 'diagnostics-expand',
			icon: icon('chevron'),
		});
		setAttribute(this.#toggle, 'aria-expanded', 'false');
		const model = el('button', { type: 'button', class: 'link-button', title: text('diagnostics.open') });
		model.append(el('bdi', { text: call.model }));
		model.addEventListener('click', () => open(callId));
		this.#row = el(
			'tr',
			{ 'data-call': callId },
			el('td', { class: 'diagnostics-seq' }, this.#toggle, el('span', { text: ui.format.count(call.seq) })),
			el('td', { 'data-field': 'model' }, model),
			...fields.map((field) =>
				el(
					'td',
					{ 'data-field': field.name, 'data-figure': field.figure, 'data-always': field.always },
					field.value(ui, call),
				),
			),
		);
		this.elements = [this.#row];
	}

	#fold(): void {
		const { call, callId } = this.#line;
		if (this.#fields !== null) {
			this.#fields.remove();
			this.#fields = null;
			this.elements.length = 1;
		} else {
			const list = el(
				'dl',
				{ class: 'diagnostics-fields' },
				...fields.map(({ name, label, value }) =>
					el('div', { 'data-field': name }, el('dt', { text: text(label) }), el('dd', {}, value(this.#ui, call))),
				),
			);
			this.#fields = el(
				'tr',
				{ class: 'diagnostics-unfolded' },
				el(
					'td',
					{ colspan: fields.length + 2 },
					list,
					el(
						'div',
						{ class: 'diagnostics-actions' },
						button(text('diagnostics.open'), () => this.#open(callId)),
						copyButton(this.#ui, text('diagnostics.copyCall'), () => JSON.stringify(call, null, '\t')),
					),
				),
			);
			this.#row.after(this.#fields);
			this.elements.push(this.#fields);
		}
		setAttribute(this.#toggle, 'aria-expanded', this.#fields === null ? 'false' : 'true');
	}
}
