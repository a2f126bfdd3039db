import type { LineHeights } from './line-heights.ts';
import { clamp, ScrollMap } from './scroll-map.ts';

/** Lines kept beyond the view on each side. */
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
 * Where the reader is in the list: px of the list from the top of its first line to the lower edge of the sticky head,
 * whatever the height that the browser allows the body. Negative while the list's top is below that edge.
 */
export class ListPosition {
	readonly #parts: ListParts;
	readonly #heights: LineHeights;
	readonly #map = new ScrollMap();
	#lines = 0;
	#movedTo = 0;

	constructor(parts: ListParts, heights: LineHeights) {
		this.#parts = parts;
		this.#heights = heights;
	}

	/** Gives the body the height of so many lines, as tall as they are now. */
	resize(lines: number): void {
		this.#lines = lines;
		this.#map.resize(this.#heights.total(lines), this.viewport);
		this.#parts.body.style.height = `${this.#map.bodyHeight}px`;
	}

	/** Forgets the place in another list. */
	reset(): void {
		this.#map.moveTo(0);
	}

	get top(): number {
		return this.#map.toVirtual(this.#physicalTop());
	}

	/** Px of lines that are seen. */
	get viewport(): number {
		const { scroller, head } = this.#parts;
		return Math.max(this.#heights.base, scroller.clientHeight - head.offsetHeight);
	}

	/** Whether the top of the list is in sight: then it follows what comes, as a log does. */
	get following(): boolean {
		return this.top <= 2;
	}

	/** The lines that belong in the page, `[start, end)`. */
	window(): { start: number; end: number } {
		const { top, viewport } = this;
		const start = clamp(this.#heights.at(top) - overscan, 0, this.#lines);
		const end = clamp(this.#heights.at(top + viewport) + 1 + overscan, start, this.#lines);
		return { start, end };
	}

	/** The first line that is wholly in sight; one that fills the view stands for itself. Negative: what is above the list is in sight. */
	get reading(): number {
		const { top } = this;
		if (top < 0) return -1;
		const index = this.#heights.at(top);
		const next = this.#heights.top(index + 1);
		return this.#heights.top(index) < top && next < top + this.viewport ? index + 1 : index;
	}

	/** Whether nobody scrolled since `moveTo`. */
	get isWhereMoved(): boolean {
		return Math.abs(this.#parts.scroller.scrollTop - this.#movedTo) < 1;
	}

	/** Where in the body a line is drawn now, px from the body's top. */
	placer(): (index: number) => number {
		const physical = this.#physicalTop();
		const top = this.#map.toVirtual(physical);
		const shift = this.#map.exact ? 0 : physical - top;
		return (index) => Math.round(this.#heights.top(index) + shift);
	}

	/** Whether all of a line is in sight. */
	shows(index: number): boolean {
		return this.toShow(index) === null;
	}

	/** The position nearest to the present one that shows a line, from its top if it is too tall; `null`: it is in sight. */
	toShow(index: number): number | null {
		const { top, viewport } = this;
		const lineTop = this.#heights.top(index);
		const height = Math.min(this.#heights.height(index), viewport);
		if (lineTop < top) return lineTop;
		return lineTop > top + viewport - height ? lineTop - viewport + height : null;
	}

	/** Scrolls to a position. */
	moveTo(top: number): void {
		const { scroller } = this.#parts;
		const physical = this.#map.moveTo(top);
		const bodyTop = this.#physicalTop() - scroller.scrollTop;
		scroller.scrollTop = physical - bodyTop;
		this.#movedTo = scroller.scrollTop;
	}

	#physicalTop(): number {
		const { scroller, head, body } = this.#parts;
		return scroller.getBoundingClientRect().top + head.offsetHeight - body.getBoundingClientRect().top;
	}
}
