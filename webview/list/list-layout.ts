import { setAttribute } from '../dom.ts';
import { LineHeights } from './line-heights.ts';
import type { LinePages } from './line-pages.ts';
import { type ListParts, ListPosition } from './list-position.ts';
import type { Resized } from './unfolded-calls.ts';

/** Below this width the columns of a row stack. */
const compactBelowPx = 820;

export interface LayoutParts extends ListParts {
	/** The grid, which tells how its lines are laid out. */
	grid: HTMLElement;
	/** A line that is never seen, as tall as the others. */
	probe: HTMLElement;
	/** What calls take below their lines, px, by id. */
	unfolded: ReadonlyMap<string, number>;
}

/** Where the lines stand, where the reader is among them, and what must stay where it is when their heights change. */
export class ListLayout {
	readonly position: ListPosition;
	readonly #parts: LayoutParts;
	readonly #heights = new LineHeights();
	/** The call that was last unfolded or pressed in: it grows away from its line. */
	#handled: string | null = null;
	/** Where a line was put that was come back to: it stays there while others around it load. */
	#kept: { key: string; y: number } | null = null;

	constructor(parts: LayoutParts) {
		this.#parts = parts;
		this.position = new ListPosition(parts, this.#heights);
	}

	/** Whole lines that have room in the view. */
	get linesInView(): number {
		return Math.max(1, Math.floor(this.position.viewport / this.#heights.base) - 1);
	}

	/** How far below the top of the view a line is, px. */
	y(index: number): number {
		return this.#heights.top(index) - this.position.top;
	}

	/** Scrolls so that a line is `y` px below the top of the view. */
	moveLineTo(index: number, y: number): void {
		const to = this.#heights.top(index) - y;
		if (Math.abs(to - this.position.top) > 0.5) this.position.moveTo(to);
	}

	/** Takes the heights of lines from the page, and gives the body the height of all. */
	measure(pages: LinePages): void {
		const { grid, probe, unfolded } = this.#parts;
		setAttribute(grid, 'data-density', grid.clientWidth < compactBelowPx ? 'compact' : 'table');
		if (probe.parentElement === null) grid.append(probe);
		this.#heights.base = probe.offsetHeight || this.#heights.base;
		const extras = new Map<number, number>();
		for (const [callId, px] of unfolded) {
			const index = pages.indexOf(callId);
			if (index !== null) extras.set(index, px);
		}
		this.#heights.setExtras(extras);
		this.position.resize(pages.total);
		// -1: nobody knows how many.
		setAttribute(grid, 'aria-rowcount', pages.more ? -1 : pages.total + 1);
	}

	/** Keeps a line at its place on the screen while something changes; a negative index: nothing in particular. */
	keeping(pages: LinePages, index: number, change: () => void): void {
		const y = this.y(index);
		change();
		this.measure(pages);
		if (index >= 0) this.moveLineTo(index, y);
		const kept = this.#keptIndex(pages);
		if (this.#kept !== null && kept !== null) this.#kept.y = this.y(kept);
	}

	/** Shows another list, and in it a line at a place to which someone comes back. */
	comeBack(pages: LinePages, place: { key: string; index: number; y: number } | null): void {
		this.position.reset();
		this.measure(pages);
		this.#kept = place;
		if (place !== null) this.moveLineTo(place.index, place.y);
	}

	/**
	 * Takes in that what stands below lines has become taller or less tall. Above the view it grows upwards, so that the
	 * view stays; in the view, downwards.
	 */
	resized(pages: LinePages, changes: Resized[]): void {
		const { top } = this.position;
		const kept = this.#keptIndex(pages);
		let shift = 0;
		for (const { callId, fromPx, toPx } of changes) {
			const index = pages.indexOf(callId);
			if (index === null || callId === this.#handled || this.#heights.top(index) >= top) continue;
			shift += toPx - fromPx;
		}
		this.measure(pages);
		if (this.#kept !== null && kept !== null) this.moveLineTo(kept, this.#kept.y);
		else if (shift !== 0) this.position.moveTo(top + shift);
	}

	/** A call is unfolded, folded, or pressed in below its line. */
	handle(callId: string): void {
		this.#handled = callId;
		this.#kept = null;
	}

	/** Brings a line back into the view that was above it. */
	pullDown(index: number): void {
		if (this.y(index) < 0) this.moveLineTo(index, 0);
	}

	/** The view was scrolled: when it was not by us, someone moves on from where they came back to. */
	scrolled(): void {
		if (!this.position.isWhereMoved) this.#kept = null;
	}

	#keptIndex(pages: LinePages): number | null {
		return this.#kept === null ? null : pages.indexOf(this.#kept.key);
	}
}
