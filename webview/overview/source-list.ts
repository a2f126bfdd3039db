import type { SourcesView, SourceView } from '../../src/protocol/sources.ts';
import { append, button, el } from '../dom.ts';
import { icon } from '../icons.ts';
import { skippedCount, skippedWords } from '../sources/skipped.ts';
import { plural, text } from '../strings.ts';
import type { Ui } from '../ui.ts';

/** Where the calls come from, in a line each: how it stands, what it brought, what it left out. */
export class SourceList {
	readonly element: HTMLElement;
	readonly #ui: Ui;
	readonly #list = el('ul', { class: 'source-lines' });
	#shown = '';

	constructor(ui: Ui, manage: () => void) {
		this.#ui = ui;
		const heading = text('overview.sources');
		this.element = el(
			'section',
			{ class: 'source-summary', 'aria-label': heading },
			el('div', { class: 'chart-head' }, el('h2', { text: heading }), button(text('overview.sources.manage'), manage)),
			this.#list,
		);
		this.element.hidden = true;
	}

	show({ sources }: SourcesView): void {
		// Before the rest: that none of them is found is news too, once they are known.
		this.element.hidden = sources.length === 0;
		const found = sources.filter(({ state, calls }) => calls > 0 || (state !== 'notFound' && state !== 'off'));
		const shown = JSON.stringify(found);
		if (shown === this.#shown) return;
		this.#shown = shown;
		if (found.length > 0) this.#list.replaceChildren(...found.map((source) => this.#line(source)));
		else this.#list.replaceChildren(el('li', { class: 'subtle', text: text('overview.sources.none') }));
	}

	#line(source: SourceView): HTMLElement {
		const { format } = this.#ui;
		const { title, state, calls, skipped } = source;
		const left = skippedCount(skipped);
		const line = el('li', { class: 'source-line', 'data-source': source.id, 'data-state': state });
		append(
			line,
			state === 'failed' && icon('warning'),
			el('strong', { text: title }),
			el('span', { class: 'subtle', text: text(`sources.state.${state}`), title: text(`sources.state.${state}.hint`) }),
			el('span', { text: plural('overview.sources.calls', calls, format.count(calls)) }),
		);
		if (left > 0) {
			line.append(
				el('span', { text: plural('sources.skipped', left, format.count(left)) }),
				el('span', { class: 'subtle', text: skippedWords(skipped, format).join(' ') }),
			);
		}
		if (source.problem !== null)
			line.append(el('span', { class: 'source-problem', text: text('sources.problem', { reason: source.problem }) }));
		return line;
	}
}
