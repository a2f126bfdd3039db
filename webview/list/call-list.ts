import type { CallRow, CallSort, SessionRow } from '../../src/core/views.ts';
import { el, setAttribute } from '../dom.ts';
import type { ScrollPlace } from '../state.ts';
import { plural, text } from '../strings.ts';
import type { Ui } from '../ui.ts';
import { CallRowView } from './call-row-view.ts';
import { isChevron } from './chevron.ts';
import { callOf, keyOf, type Line, taskKey } from './line.ts';
import { LineHeights } from './line-heights.ts';
import { type Anchor, LinePages, type LineSource } from './line-pages.ts';
import { LinePool } from './line-pool.ts';
import { ListHead } from './list-head.ts';
import { keyAction } from './list-keys.ts';
import { ListPosition } from './list-position.ts';
import { NewCallsPill } from './new-calls-pill.ts';
import { clamp } from './scroll-map.ts';
import { isOnlyButton } from './task-row-view.ts';
import { type Resized, UnfoldedCalls } from './unfolded-calls.ts';

/** Below this width the columns of a row stack. */
const compactBelowPx = 820;
/** Lines fetched at first. */
const firstLines = 60;

export interface CallListEvents {
	/** A call was opened: by Enter, or by pointer. */
	open(row: CallRow, by: 'keyboard' | 'pointer'): void;
	/** The active line moved by keyboard to a call. */
	move(row: CallRow): void;
	escape(): void;
	/** The lines changed, or more of them are known. */
	loaded(): void;
	failed(error: unknown): void;
	/** What is read has another place in the list, though nobody scrolled. */
	moved(): void;
	/** The calls of a task are to be shown or left out. */
	setTask(sessionId: string, open: boolean): void;
	/** Only the calls of one task are wanted. */
	onlyTask(session: SessionRow): void;
	/** Other calls are unfolded. */
	unfolded(callIds: string[]): void;
	sort(sort: CallSort): void;
}

/** The line that keys act on. `key` is `null` until its page is here. */
interface Active {
	key: string | null;
	index: number;
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
	readonly #heights = new LineHeights();
	readonly #position: ListPosition;
	readonly #unfolded: UnfoldedCalls;
	readonly #pill: NewCallsPill;
	readonly #probe: CallRowView;
	#pages: LinePages;
	#newestFirst = true;
	#active: Active | null = null;
	#selected: string | null = null;
	/** The call that was last unfolded or pressed in: it grows away from its line. */
	#handled: string | null = null;
	/** Where a line was put that was come back to: it stays there while others around it load, until someone moves on. */
	#kept: { key: string; y: number } | null = null;
	#frame = 0;
	#loads = 0;
	#renewing: Promise<void> | null = null;
	#renewAgain = false;

	/** @param unfolded calls that are unfolded from the start */
	constructor(ui: Ui, scroller: HTMLElement, unfolded: readonly string[], events: CallListEvents) {
		this.#ui = ui;
		this.#scroller = scroller;
		this.#events = events;
		this.#head = new ListHead((sort) => events.sort(sort));
		this.#pool = new LinePool(ui, () => this.focus());
		this.#position = new ListPosition({ scroller, head: this.#head.element, body: this.#pool.element }, this.#heights);
		this.#unfolded = new UnfoldedCalls(ui, unfolded, {
			changed: (callIds) => events.unfolded(callIds),
			resized: (changes) => this.#onResized(changes),
			open: (row) => events.open(row, 'keyboard'),
		});
		this.#pill = new NewCallsPill(ui, () => this.#showNewest());
		this.#probe = new CallRowView(ui);
		this.#probe.element.classList.add('probe');
		setAttribute(this.#probe.element, 'aria-hidden', 'true');
		setAttribute(this.#probe.element, 'role', 'presentation');
		this.element = el('div', {
			class: 'calls',
			role: 'treegrid',
			tabindex: 0,
			'aria-label': text('list.label'),
			'aria-colcount': 7,
			'aria-rowcount': 1,
		});
		this.element.append(this.#head.element, this.#pool.element);
		const nothing = () => Promise.resolve({ lines: [], total: 0, calls: 0, more: false, revision: -1 });
		this.#pages = this.#newPages({ layout: 'tasks', fetch: nothing, find: () => Promise.resolve(null) });
		this.element.addEventListener('keydown', (event) => this.#onKey(event));
		this.element.addEventListener('focus', () => this.#render());
		this.#pool.element.addEventListener('click', (event) => this.#onClick(event));
		scroller.addEventListener('scroll', () => this.#schedule(), { passive: true });
		for (const type of ['wheel', 'pointerdown', 'touchstart', 'keydown'])
			scroller.addEventListener(
				type,
				() => {
					this.#kept = null;
				},
				{ passive: true, capture: true },
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
		return this.#alone(this.#load(query, { anchor: place.anchor, top: place.top }));
	}

	/** Shows the same calls otherwise: a line stays where it is on the screen. */
	rearrange(query: ListQuery, key: string): Promise<void> {
		const index = this.#pages.indexOf(key);
		const anchor = index === null ? null : { key, index, y: this.#heights.top(index) - this.#position.top };
		return this.#alone(this.#load(query, { anchor, top: this.#scroller.scrollTop }));
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
			this.#position.reset();
			this.#measure();
			this.#kept = anchor !== null && found !== null ? anchor : null;
			if (anchor !== null && found !== null) this.#scrollTo(this.#heights.top(found) - anchor.y);
			else this.#scroller.scrollTop = top;
			const active = this.#active;
			if (active !== null && pages.indexOf(active.key ?? '') === null) this.#active = null;
			this.#afterRenew();
		} catch (error) {
			if (load === this.#loads) this.#events.failed(error);
		} finally {
			if (load === this.#loads) setAttribute(this.element, 'aria-busy', null);
		}
	}

	/** Fetches what is in view again. Calls while one runs are gathered into one more. */
	refresh(): Promise<void> {
		if (this.#renewing !== null) {
			this.#renewAgain = true;
			return this.#renewing;
		}
		return this.#alone(this.#renew());
	}

	/** Holds back `refresh` until this work is done; work on a list that was replaced holds back nothing. */
	#alone(work: Promise<void>): Promise<void> {
		const renewing = work.finally(() => {
			if (this.#renewing !== renewing) return;
			this.#renewing = null;
			if (!this.#renewAgain) return;
			this.#renewAgain = false;
			void this.refresh();
		});
		this.#renewing = renewing;
		return renewing;
	}

	/** Marks the call whose details are open. */
	select(callId: string | null): void {
		this.#selected = callId;
		const index = callId === null ? null : this.#pages.indexOf(callId);
		if (index !== null) this.#active = { key: callId, index };
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

	/** Makes a call the active line and brings it into view. */
	reveal(callId: string): void {
		const index = this.#pages.indexOf(callId);
		if (index === null) return;
		this.#active = { key: callId, index };
		this.#scrollIntoView(index);
		this.#render();
	}

	focus(): void {
		this.element.focus({ preventScroll: true });
	}

	/** Where the reader is, to come back to after a reload. */
	place(): ScrollPlace {
		const anchor = this.#following ? null : this.#anchor();
		if (anchor === null) return { top: this.#scroller.scrollTop, anchor: null };
		return { top: 0, anchor: { ...anchor, y: this.#heights.top(anchor.index) - this.#position.top } };
	}

	/** Changes the layout around the list and keeps the line that is being read at its place on the screen. */
	keepingPlace(change: () => void): void {
		const active = this.#active?.index;
		const index = active !== undefined && this.#position.shows(active) ? active : this.#position.reading;
		const y = this.#heights.top(index) - this.#position.top;
		change();
		this.#measure();
		if (index < 0) this.#render();
		else this.#scrollTo(this.#heights.top(index) - y);
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
		if (!this.#position.following) return false;
		const { start, end } = this.#position.window();
		for (let index = start; index < end; index++) {
			const line = this.#pages.line(index);
			if (line !== undefined && this.#unfolded.has(keyOf(line))) return false;
		}
		return true;
	}

	async #renew(): Promise<void> {
		const pages = this.#pages;
		const anchor = this.#following ? null : this.#anchor();
		const { calls, total } = pages;
		try {
			const found = await pages.renew(this.#position.window(), anchor ?? undefined);
			if (pages !== this.#pages) return;
			const y = anchor === null ? 0 : this.#heights.top(anchor.index) - this.#position.top;
			this.#measure();
			if (anchor !== null && found !== null) {
				const to = this.#heights.top(found) - y;
				if (Math.abs(to - this.#position.top) > 0.5) this.#scrollTo(to);
				if (found > anchor.index && this.#newestFirst) this.#pill.add(pages.calls - calls);
			}
			const shift = anchor === null ? pages.total - total : (found ?? anchor.index) - anchor.index;
			if (this.#active !== null) this.#active.index = clamp(this.#active.index + shift, 0, pages.total - 1);
			if (anchor === null && pages.calls > calls && calls > 0) {
				this.#ui.announce(plural('announce.new', pages.calls - calls));
			}
			this.#afterRenew();
		} catch (error) {
			if (pages === this.#pages) this.#events.failed(error);
		}
	}

	#afterRenew(): void {
		const active = this.#active;
		if (active !== null && active.key !== null) active.index = this.#pages.indexOf(active.key) ?? active.index;
		this.#render();
		this.#events.loaded();
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
		const index = this.#position.reading;
		const y = this.#heights.top(index) - this.#position.top;
		this.#measure();
		const to = this.#heights.top(index) - y;
		if (index >= 0 && Math.abs(to - this.#position.top) > 0.5) this.#position.moveTo(to);
		this.#schedule();
		this.#events.loaded();
	}

	/** The line that must not move. */
	#anchor(): Anchor | null {
		const index = clamp(this.#position.reading, 0, this.#pages.total - 1);
		const line = this.#pages.line(index);
		return line === undefined ? null : { key: keyOf(line), index };
	}

	/** Takes the heights of lines from the page, and gives the body the height of all. */
	#measure(): void {
		setAttribute(this.element, 'data-density', this.element.clientWidth < compactBelowPx ? 'compact' : 'table');
		if (this.#probe.element.parentElement === null) this.element.append(this.#probe.element);
		this.#heights.base = this.#probe.element.offsetHeight || this.#heights.base;
		const extras = new Map<number, number>();
		for (const [callId, px] of this.#unfolded.heights) {
			const index = this.#pages.indexOf(callId);
			if (index !== null) extras.set(index, px);
		}
		this.#heights.setExtras(extras);
		this.#position.resize(this.#pages.total);
		// -1: nobody knows how many.
		setAttribute(this.element, 'aria-rowcount', this.#pages.more ? -1 : this.#pages.total + 1);
	}

	#onResize(): void {
		if (this.#pages.total === 0 || !this.element.isConnected) return;
		if (this.#position.following) {
			this.#measure();
			this.#render();
		} else this.keepingPlace(() => {});
	}

	/** What stands below a line above the view grows upwards, so that the view stays; below a line in view, downwards. */
	#onResized(changes: Resized[]): void {
		const { top } = this.#position;
		const kept = this.#kept === null ? null : this.#pages.indexOf(this.#kept.key);
		if (this.#kept !== null && kept !== null) {
			this.#measure();
			this.#scrollTo(this.#heights.top(kept) - this.#kept.y);
			return;
		}
		let shift = 0;
		for (const { callId, fromPx, toPx } of changes) {
			const index = this.#pages.indexOf(callId);
			if (index === null || callId === this.#handled || this.#heights.top(index) >= top) continue;
			shift += toPx - fromPx;
		}
		this.#measure();
		if (shift === 0) this.#render();
		else this.#scrollTo(top + shift);
		this.#events.moved();
	}

	#schedule(): void {
		if (this.#frame !== 0) return;
		this.#frame = requestAnimationFrame(() => {
			this.#frame = 0;
			this.#render();
		});
	}

	#render(): void {
		const placeOf = this.#position.placer();
		const { start, end } = this.#position.window();
		this.#pages.want(start, end);
		if (this.#position.following) this.#pill.clear();

		const active = this.#settleActive();
		const indexes = new Set<number>();
		for (let index = start; index < end; index++) indexes.add(index);
		// The active line is named by its id, and one with the focus in it must not lose it: out of sight they are kept.
		if (active !== null && active.index < this.#pages.total) indexes.add(active.index);
		const focused = this.#pool.lineAround(document.activeElement);
		const pinned = focused === null ? null : this.#pages.indexOf(keyOf(focused.line));
		if (pinned !== null) indexes.add(pinned);
		this.#pool.show(
			[...indexes].map((index) => {
				const line = this.#pages.line(index) ?? null;
				const row = callOf(line ?? undefined);
				return {
					index,
					line,
					y: placeOf(index),
					active: index === active?.index,
					selected: row !== null && row.callId === this.#selected,
					below: row === null ? null : this.#unfolded.partOf(row),
				};
			}),
			this.#pages.source.layout,
		);
		setAttribute(this.element, 'aria-activedescendant', active === null ? null : this.#pool.idAt(active.index));
	}

	#scrollTo(top: number): void {
		this.#position.moveTo(top);
		this.#render();
	}

	#scrollIntoView(index: number): void {
		const top = this.#position.toShow(index);
		if (top !== null) this.#scrollTo(top);
	}

	#showNewest(): void {
		this.#pill.clear();
		this.#scrollTo(0);
		this.#setActive(0);
		this.focus();
	}

	#onKey(event: KeyboardEvent): void {
		if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
		if (event.target !== this.element) {
			// From within a line back to the lines.
			if (event.key !== 'Escape') return;
			event.preventDefault();
			this.focus();
			return;
		}
		const { total } = this.#pages;
		const page = Math.max(1, Math.floor(this.#position.viewport / this.#heights.base) - 1);
		const active = this.#active?.index ?? null;
		const action = keyAction(event.key, { active, total, page });
		if (action === null || (total === 0 && action.kind !== 'leave')) return;
		event.preventDefault();
		const index = active ?? 0;
		const line = this.#pages.line(index);
		if (action.kind === 'move') this.#setActive(action.index);
		else if (action.kind === 'leave') this.#events.escape();
		else if (line === undefined) return;
		else if (action.kind === 'fold') void this.#fold(line, index);
		else if (action.kind === 'unfold') this.#unfold(line, index);
		else if (line.type !== 'session' && action.kind === 'open') this.#openCall(line.row, index, 'keyboard');
		else this.#toggle(line, index);
	}

	#setActive(index: number): void {
		this.#active = { key: null, index };
		this.#scrollIntoView(index);
		this.#render();
	}

	/** Gives the active line its key as soon as it is here, and tells of the move. */
	#settleActive(): Active | null {
		const active = this.#active;
		if (active === null || active.key !== null) return active;
		const line = this.#pages.line(active.index);
		if (line === undefined) return active;
		active.key = keyOf(line);
		const row = callOf(line);
		if (row !== null) this.#events.move(row);
		return active;
	}

	#onClick({ target }: MouseEvent): void {
		const below = this.#unfolded.around(target);
		if (below !== null) {
			this.#handled = below;
			return;
		}
		const found = this.#pool.lineAround(target);
		if (found === null) return;
		const { line, index } = found;
		if (line.type === 'session' && isOnlyButton(target)) this.#events.onlyTask(line.session);
		else if (line.type === 'session' || isChevron(target)) this.#toggle(line, index);
		else this.#openCall(line.row, index, 'pointer');
	}

	#openCall(row: CallRow, index: number, by: 'keyboard' | 'pointer'): void {
		this.#active = { key: row.callId, index };
		this.#events.open(row, by);
		this.#render();
	}

	#toggle(line: Line, index: number): void {
		this.#active = { key: keyOf(line), index };
		if (line.type === 'session') this.#events.setTask(line.session.sessionId, !line.open);
		else this.#setUnfolded(line.row.callId, !this.#unfolded.has(line.row.callId), index);
	}

	/** Right: shows what is below a line; of a task whose calls are shown, goes to the first of them. */
	#unfold(line: Line, index: number): void {
		if (line.type !== 'session') this.#setUnfolded(line.row.callId, true, index);
		else if (!line.open) this.#toggle(line, index);
		else if (index + 1 < this.#pages.total) this.#setActive(index + 1);
	}

	/** Left: folds what is below a line; where there is nothing, goes to the task that the line is in. */
	async #fold(line: Line, index: number): Promise<void> {
		if (line.type === 'session' ? line.open : this.#unfolded.has(line.row.callId)) return this.#toggle(line, index);
		const parent = line.type === 'session' ? line.session.parentSessionId : line.row.sessionId;
		if (parent === null || this.#pages.source.layout !== 'tasks') return;
		const pages = this.#pages;
		for (let above = index - 1; above >= 0; above--) {
			const task = await pages.get(above);
			if (task === null || pages !== this.#pages) return;
			if (keyOf(task) === taskKey(parent)) return this.#setActive(above);
		}
	}

	#setUnfolded(callId: string, unfolded: boolean, index: number): void {
		this.#handled = callId;
		this.#active = { key: callId, index };
		if (unfolded) this.#unfolded.unfold(callId);
		else this.#unfolded.fold(callId);
		const { top } = this.#position;
		this.#measure();
		// What was folded away from above the view takes its line back into it.
		this.#scrollTo(Math.min(top, this.#heights.top(index)));
	}
}
