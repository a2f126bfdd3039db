import type { SearchHit } from '../../src/core/views.ts';
import { appendVisible } from '../detail/visible-text.ts';
import { el, setText } from '../dom.ts';
import { text } from '../strings.ts';

/** What a search found in a call: where, and the words around it with the matches marked. */
export class HitView {
	readonly #place = el('span', { class: 'hit-place badge' });
	readonly #snippet = el('bdi', { class: 'hit-snippet', dir: 'auto' });
	readonly #cell = el('div', { class: 'cell-hit', role: 'gridcell', 'aria-colspan': 7 }, this.#place, this.#snippet);

	/** Shows a hit in a row, or takes it out of the row. */
	show(hit: SearchHit | null, row: HTMLElement): void {
		if (hit === null) {
			this.#cell.remove();
			return;
		}
		setText(this.#place, text(`hit.${hit.place}`));
		this.#snippet.replaceChildren(...snippetParts(hit));
		const cells = [...row.querySelectorAll(':scope > [role="gridcell"]')];
		cells.findLast((cell) => cell !== this.#cell && !cell.classList.contains('unfolded'))?.after(this.#cell);
	}
}

/** The text of a snippet, foreign as it is, as text nodes, and its matches as marks. */
export function snippetParts({ snippet, matches }: Pick<SearchHit, 'snippet' | 'matches'>): HTMLElement[] {
	const parts: HTMLElement[] = [];
	let from = 0;
	const add = (tag: 'span' | 'mark', end: number) => {
		if (end <= from) return;
		const part = el(tag);
		appendVisible(part, snippet.slice(from, end));
		parts.push(part);
		from = end;
	};
	for (const [start, end] of matches) {
		add('span', Math.min(start, snippet.length));
		add('mark', Math.min(end, snippet.length));
	}
	add('span', snippet.length);
	return parts;
}
