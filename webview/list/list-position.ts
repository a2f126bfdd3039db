import { rowWindow, ScrollMap } from './scroll-map.ts';

/** Rows kept beyond the view on each side. */
const overscan = 6;

/** What the position is taken from. */
export interface ListParts {
	/** What scrolls; the list may stand below other things in it. */
	scroller: HTMLElement;
	/** The list's head, which sticks to the top. */
	head: HTMLElement;
	/** The body, as tall as its rows. */
	body: HTMLElement;
}

/**
 * Where the reader is in the list: px of the list from the top of its first row to the lower edge of the sticky head,
 * whatever the height that the browser allows the body. Negative while the list's top is below that edge.
 */
export class ListPosition {
	/** Px of a row. */
	rowHeight = 52;
	readonly #parts: ListParts;
	readonly #map = new ScrollMap();

	constructor(parts: ListParts) {
		this.#parts = parts;
	}

	/** Gives the body the height of `total` rows. */
	resize(total: number, rowHeight: number): void {
		this.rowHeight = rowHeight;
		this.#map.resize(total * rowHeight, this.viewport);
		this.#parts.body.style.height = `${this.#map.bodyHeight}px`;
	}

	/** Forgets the place in another list. */
	reset(): void {
		this.#map.moveTo(0);
	}

	get top(): number {
		return this.#map.toVirtual(this.#physicalTop());
	}

	/** Px of rows that are seen. */
	get viewport(): number {
		const { scroller, head } = this.#parts;
		return Math.max(this.rowHeight, scroller.clientHeight - head.offsetHeight);
	}

	/** Whether the newest call is in sight: then the list follows, as a log does. */
	get following(): boolean {
		return this.top <= 2;
	}

	/** The rows that belong in the page. */
	window(total: number): { start: number; end: number } {
		return rowWindow({ top: this.top, viewport: this.viewport, rowHeight: this.rowHeight, total, overscan });
	}

	/** Where in the body a row of the list is drawn now, px from the body's top. */
	placer(): (index: number) => number {
		const physical = this.#physicalTop();
		const top = this.#map.toVirtual(physical);
		const shift = this.#map.exact ? 0 : physical - top;
		return (index) => Math.round(index * this.rowHeight + shift);
	}

	/** Whether all of a row is in sight. */
	shows(index: number): boolean {
		const { top } = this;
		const rowTop = index * this.rowHeight;
		return rowTop >= top && rowTop + this.rowHeight <= top + this.viewport;
	}

	/** The position nearest to the present one that shows a row; `null`: it is in sight. */
	toShow(index: number): number | null {
		const { top, viewport, rowHeight } = this;
		const rowTop = index * rowHeight;
		if (rowTop < top) return rowTop;
		return rowTop > top + viewport - rowHeight ? rowTop - viewport + rowHeight : null;
	}

	/** Scrolls to a position. */
	moveTo(top: number): void {
		const { scroller } = this.#parts;
		const physical = this.#map.moveTo(top);
		const bodyTop = this.#physicalTop() - scroller.scrollTop;
		scroller.scrollTop = physical - bodyTop;
	}

	#physicalTop(): number {
		const { scroller, head, body } = this.#parts;
		return scroller.getBoundingClientRect().top + head.offsetHeight - body.getBoundingClientRect().top;
	}
}
