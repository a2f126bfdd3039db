import type { Layout, Line } from './line.ts';

/** Where and when a line is shown. */
export interface LinePlace {
	index: number;
	layout: Layout;
	nowMs: number;
	/** What stands below a call that is unfolded. */
	below: HTMLElement | null;
}

/** One line in the page. It is built once and filled again for each line of its kind that scrolls through it. */
export interface LineView {
	readonly element: HTMLElement;
	/** What it shows; `null` while that is being fetched. */
	readonly line: Line | null;
	/** Writes only what has changed. */
	show(line: Line | null, place: LinePlace): void;
	/** Rewrites what depends on the time of day. */
	tick(nowMs: number): void;
	/** The active line is the one that keys act on; its buttons alone are reached by Tab. */
	mark(active: boolean, selected: boolean): void;
	/** Takes it out of sight until it is needed for another line. */
	rest(): void;
}

let nextId = 0;

/** Names the element of a line, for `aria-activedescendant`. */
export function lineId(): string {
	return `call-row-${nextId++}`;
}
