import type { CallRow, CallSort } from '../../src/core/views.ts';
import { el, setAttribute } from '../dom.ts';
import type { ScrollPlace } from '../state.ts';
import { plural, text } from '../strings.ts';
import type { Ui } from '../ui.ts';
import { CallRowView } from './call-row-view.ts';
import { callOf, keyOf, type Line } from './line.ts';
import { type Anchor, LinePages, type LineSource } from './line-pages.ts';
import { LinePool } from './line-pool.ts';
import { type CursorEvents, ListCursor } from './list-cursor.ts';
import { ListHead } from './list-head.ts';
import { ListLayout } from './list-layout.ts';
import { NewCallsPill } from './new-calls-pill.ts';
import { Renewals } from './renewals.ts';
import { clamp } from './scroll-map.ts';
import { UnfoldedCalls } from './unfolded-calls.ts';

/** Lines fetched at first. */
const firstLines = 60;

export interface CallListEvents extends CursorEvents {
	/** The lines changed, or more of them are known. */
	loaded(): void;
	failed(error: unknown): void;
	/** What is read has another place in the list, though nobody scrolled. */
	moved(): void;
	/** Other calls are unfolded. */
	unfolded(callIds: string[]): void;
	sort(sort: CallSort): void;
}

/** A list of lines to show. */
export interface ListQuery {
	source: LineSource;
	/** What the lines are sorted by, for the head; `null`: by none of the columns. */
	sort: CallSort | null;
	/** New calls come at the top. */
	newestFirst: boolean;
}

/**
 * The list of calls as a tree grid, of which only the lines in view are in the page.
 *
 * Focus stays on the grid itself and the active line is named by `aria-activedescendant`, so it can't be lost when lines
 * come and go. Whatever changes, what the reader reads stays where it is on the screen.
 */
export class CallList {
	readonly element: HTMLElement;
	readonly #ui: Ui;
	readonly #scroller: HTMLElement;
	readonly #events: CallListEvents;
	readonly #head: ListHead;
	readonly #pool: LinePool;
	readonly #layout: ListLayout;
	readonly #unfolded: UnfoldedCalls;
	readonly #pill: NewCallsPill;
	readonly #cursor: ListCursor;
	readonly #renewals = new Renewals(() => this.#renew());
	#pages: LinePages;
	#newestFirst = true;
	#selected: string | null = null;
	#frame = 0;
	#loads = 0;

	/** @param unfolded calls that are unfolded from the start */
	constructor(ui: Ui, scroller: HTMLElement, unfolded: readonly string[], events: CallListEvents) {
		this.#ui = ui;
		this.#scroller = scroller;
		this.#events = events;
		this.#head = new ListHead((sort) => events.sort(sort));
		this.#pool = new LinePool(ui, () => this.focus());
		this.#unfolded = new UnfoldedCalls(ui, unfolded, {
			changed: (callIds) => events.unfolded(callIds),
			resized: (changes) => {
				this.#layout.resized(this.#pages, changes);
				this.#render();
				events.moved();
			},
			open: (row) => events.open(row, 'keyboard'),
		});
		const list = this;
		this.#cursor = new ListCursor(
			{
				get pages() {
					return list.#pages;
				},
				get linesInView() {
					return list.#layout.linesInView;
				},
				isUnfolded: (callId) => this.#unfolded.has(callId),
				setUnfolded: (callId, unfolded, index) => this.#setUnfolded(callId, unfolded, index),
				show: (index) => this.#show(index),
				render: () => this.#render(),
			},
			events,
		);
		this.#pill = new NewCallsPill(ui, () => this.#showNewest());
		this.element = el('div', {
			class: 'calls',
			role: 'treegrid',
			tabindex: 0,
			'aria-label': text('list.label'),
			'aria-colcount': 7,
			'aria-rowcount': 1,
		});
		this.element.append(this.#head.element, this.#pool.element);
		this.#layout = new ListLayout({
			scroller,
			head: this.#head.element,
			body: this.#pool.element,
			grid: this.element,
			probe: probe(ui),
			unfolded: this.#unfolded.heights,
		});
		const nothing = () => Promise.resolve({ lines: [], total: 0, calls: 0, more: false, revision: -1 });
		this.#pages = this.#newPages({ layout: 'tasks', fetch: nothing, find: () => Promise.resolve(null) });
		this.element.addEventListener('keydown', (event) => this.#onKey(event));
		this.element.addEventListener('focus', () => this.#render());
		this.#pool.element.addEventListener('click', (event) => this.#onClick(event));
		scroller.addEventListener(
			'scroll',
			() => {
				this.#layout.scrolled();
				this.#schedule();
			},
			{ passive: true },
		);
		new ResizeObserver(() => this.#onResize()).observe(scroller);
	}

	/** The button that tells of calls above the view. Place it where it stays in sight. */
	get pill(): HTMLElement {
		return this.#pill.element;
	}

	/** Lines in all. */
	get total(): number {
		return this.#pages.total;
	}

	/** Calls in all, those of closed tasks included. `more`: there are others that nobody has counted. */
	get calls(): { count: number; more: boolean } {
		return { count: this.#pages.calls, more: this.#pages.more };
	}

	/** Of the ledger, when it gave the lines that are shown. */
	get revision(): number {
		return this.#pages.revision;
	}

	/** Shows another list, at its top or at a place. Until its first lines are here, the one before it stays. */
	load(query: ListQuery, place: ScrollPlace): Promise<void> {
		return this.#renewals.instead(this.#load(query, { anchor: place.anchor, top: place.top }));
	}

	/** Shows the same calls otherwise: a line stays where it is on the screen. */
	rearrange(query: ListQuery, key: string): Promise<void> {
		const index = this.#pages.indexOf(key);
		const anchor = index === null ? null : { key, index, y: this.#layout.y(index) };
		return this.#renewals.instead(this.#load(query, { anchor, top: this.#scroller.scrollTop }));
	}

	async #load({ source, sort, newestFirst }: ListQuery, { anchor, top }: ScrollPlace): Promise<void> {
		const pages = this.#newPages(source);
		const load = ++this.#loads;
		setAttribute(this.element, 'aria-busy', 'true');
		const start = anchor?.index ?? 0;
		try {
			const found = await pages.renew({ start, end: start + firstLines }, anchor ?? undefined);
			if (load !== this.#loads) return;
			this.#pages = pages;
			this.#newestFirst = newestFirst;
			this.#head.show(sort);
			setAttribute(this.element, 'data-layout', source.layout);
			this.#pill.clear();
			this.#layout.comeBack(pages, anchor === null || found === null ? null : { ...anchor, index: found });
			if (anchor === null || found === null) this.#scroller.scrollTop = top;
			this.#cursor.reloaded();
			this.#render();
			if (load === 1) performance.mark('callmeter:first-calls');
			this.#events.loaded();
		} catch (error) {
			if (load === this.#loads) this.#events.failed(error);
		} finally {
			if (load === this.#loads) setAttribute(this.element, 'aria-busy', null);
		}
	}

	/** Fetches what is in view again. Calls while one runs are gathered into one more. */
	refresh(): Promise<void> {
		return this.#renewals.ask();
	}

	/** Marks the call whose details are open. */
	select(callId: string | null): void {
		this.#selected = callId;
		const index = callId === null ? null : this.#pages.indexOf(callId);
		if (index !== null && callId !== null) this.#cursor.put(callId, index);
		this.#render();
	}

	/** A call's row as it now stands, when it is here. */
	rowOf(callId: string): CallRow | null {
		const index = this.#pages.indexOf(callId);
		return index === null ? null : callOf(this.#pages.line(index));
	}

	/** The next call after another (or before it), be it here or not. `null`: there is none. */
	async neighbour(callId: string, step: 1 | -1): Promise<CallRow | null> {
		const pages = this.#pages;
		const from = await pages.find(callId);
		if (from === null) return null;
		for (let index = from + step; ; index += step) {
			const line = await pages.get(index);
			if (line === null) return null;
			const row = callOf(line);
			if (row !== null) return row;
		}
	}

	/** Makes a call the active line and brings it into view, wherever it is. */
	async reveal(callId: string): Promise<void> {
		const pages = this.#pages;
		const index = await pages.find(callId);
		if (index === null || pages !== this.#pages) return;
		this.#cursor.put(callId, index);
		this.#show(index);
	}

	focus(): void {
		this.element.focus({ preventScroll: true });
	}

	/** Where the reader is, to come back to after a reload. */
	place(): ScrollPlace {
		const anchor = this.#following ? null : this.#anchor();
		if (anchor === null) return { top: this.#scroller.scrollTop, anchor: null };
		return { top: 0, anchor: { ...anchor, y: this.#layout.y(anchor.index) } };
	}

	/** Changes the layout around the list and keeps the line that is being read at its place on the screen. */
	keepingPlace(change: () => void): void {
		const { position } = this.#layout;
		const active = this.#cursor.index;
		const index = active !== null && position.shows(active) ? active : position.reading;
		this.#layout.keeping(this.#pages, index, change);
		this.#render();
		this.#events.moved();
	}

	/** Rewrites the texts that depend on the time. */
	tick(nowMs: number): void {
		this.#pool.tick(nowMs);
	}

	/** Whether a running call is in view, whose duration counts up. */
	get showsRunning(): boolean {
		return this.#pool.showsRunning;
	}

	/** At its top the list follows what comes, unless something there is unfolded: then someone reads it. */
	get #following(): boolean {
		return this.#layout.position.following && this.#unfoldedInView === null;
	}

	/** The first line in view below which a call is unfolded. */
	get #unfoldedInView(): number | null {
		const { position } = this.#layout;
		return this.#findLine(position.reading, (line) => this.#unfolded.has(keyOf(line)));
	}

	/** The first such line in view, from one of them on. */
	#findLine(from: number, accepts: (line: Line) => boolean): number | null {
		const { position } = this.#layout;
		const { end } = position.window();
		for (let index = Math.max(0, from); index < end && this.#layout.y(index) < position.viewport; index++) {
			const line = this.#pages.line(index);
			if (line !== undefined && accepts(line)) return index;
		}
		return null;
	}

	async #renew(): Promise<void> {
		const pages = this.#pages;
		const anchor = this.#following ? null : this.#anchor();
		const { calls, total } = pages;
		try {
			const found = await pages.renew(this.#layout.position.window(), anchor ?? undefined, this.#neededLines());
			if (pages !== this.#pages) return;
			const y = anchor === null ? 0 : this.#layout.y(anchor.index);
			this.#layout.measure(pages);
			if (anchor !== null && found !== null) {
				this.#layout.moveLineTo(found, y);
				if (found > anchor.index && this.#newestFirst) this.#pill.add(pages.calls - calls);
			}
			const shift = anchor === null ? pages.total - total : (found ?? anchor.index) - anchor.index;
			this.#cursor.renewed(shift);
			if (anchor === null && pages.calls > calls && calls > 0) {
				this.#ui.announce(plural('announce.new', pages.calls - calls));
			}
			this.#render();
			this.#events.loaded();
		} catch (error) {
			if (pages === this.#pages) this.#events.failed(error);
		}
	}

	#newPages(source: LineSource): LinePages {
		const pages: LinePages = new LinePages(source, {
			lines: () => {
				if (pages === this.#pages) this.#onLines();
			},
			stale: () => {
				if (pages === this.#pages) void this.refresh();
			},
			error: (error) => {
				if (pages === this.#pages) this.#events.failed(error);
			},
		});
		return pages;
	}

	/** Lines came that were not here: some of them may be unfolded, and so taller than was thought. */
	#onLines(): void {
		this.#layout.keeping(this.#pages, this.#layout.position.reading, () => {});
		this.#schedule();
		this.#events.loaded();
	}

	/**
	 * The line that must not move: at the top of the list what is unfolded there, else the first in view. New calls of a
	 * task come between its head and its other calls: those are read, and not the head.
	 */
	#anchor(): Anchor | null {
		const { position } = this.#layout;
		const reading = clamp(position.reading, 0, this.#pages.total - 1);
		const chosen = position.following
			? this.#unfoldedInView
			: this.#findLine(reading, (line) => line.type !== 'session' || !line.open);
		const index = chosen ?? reading;
		const line = this.#pages.line(index);
		return line === undefined ? null : { key: keyOf(line), index };
	}

	#onResize(): void {
		if (this.#pages.total === 0 || !this.element.isConnected) return;
		if (this.#layout.position.following) {
			this.#layout.measure(this.#pages);
			this.#render();
		} else this.keepingPlace(() => {});
	}

	#schedule(): void {
		if (this.#frame !== 0) return;
		this.#frame = requestAnimationFrame(() => {
			this.#frame = 0;
			this.#render();
		});
	}

	#render(): void {
		const { position } = this.#layout;
		const placeOf = position.placer();
		const { start, end } = position.window();
		if (position.following) this.#pill.clear();

		this.#cursor.settle();
		const active = this.#cursor.index;
		const needed = this.#neededLines();
		this.#pages.want(start, end, needed);
		const indexes = new Set<number>();
		for (let index = start; index < end; index++) indexes.add(index);
		for (const index of needed) if (index < this.#pages.total) indexes.add(index);
		this.#pool.show(
			[...indexes].map((index) => {
				const line = this.#pages.line(index) ?? null;
				const row = callOf(line ?? undefined);
				return {
					index,
					line,
					y: placeOf(index),
					active: index === active,
					selected: row !== null && row.callId === this.#selected,
					below: row === null ? null : this.#unfolded.partOf(row),
				};
			}),
			this.#pages.source.layout,
		);
		setAttribute(this.element, 'aria-activedescendant', active === null ? null : this.#pool.idAt(active));
	}

	/** The active line is named by its id, and one with the focus in it must not lose it: out of sight they are kept. */
	#neededLines(): number[] {
		const focused = this.#pool.lineAround(document.activeElement);
		const pinned = focused === null ? null : this.#pages.indexOf(keyOf(focused.line));
		return [this.#cursor.index, pinned].filter((index) => index !== null);
	}

	#show(index: number): void {
		const { position } = this.#layout;
		const top = position.toShow(index);
		if (top !== null) position.moveTo(top);
		this.#render();
	}

	#showNewest(): void {
		this.#pill.clear();
		this.#layout.position.moveTo(0);
		this.#cursor.goTo(0);
		this.focus();
	}

	#onKey(event: KeyboardEvent): void {
		if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
		if (event.target === this.element) {
			if (this.#cursor.press(event.key)) event.preventDefault();
		} else if (event.key === 'Escape') {
			// From within a line back to the lines.
			event.preventDefault();
			this.focus();
		}
	}

	#onClick({ target }: MouseEvent): void {
		const below = this.#unfolded.around(target);
		const found = this.#pool.lineAround(target);
		if (below !== null) this.#layout.handle(below);
		else if (found !== null) this.#cursor.click(found.line, found.index, target);
	}

	#setUnfolded(callId: string, unfolded: boolean, index: number): void {
		this.#layout.handle(callId);
		if (unfolded) this.#unfolded.unfold(callId);
		else this.#unfolded.fold(callId);
		this.#layout.measure(this.#pages);
		// What was folded away from above the view takes its line back into it.
		this.#layout.pullDown(index);
		this.#render();
	}
}

/** A line that is never seen, for its height. */
function probe(ui: Ui): HTMLElement {
	const { element } = new CallRowView(ui);
	element.classList.add('probe');
	setAttribute(element, 'aria-hidden', 'true');
	setAttribute(element, 'role', 'presentation');
	return element;
}
