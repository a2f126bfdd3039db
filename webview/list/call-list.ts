import type { CallRow } from '../../src/core/views.ts';
import { button, el, setAttribute } from '../dom.ts';
import { icon } from '../icons.ts';
import type { ScrollPlace } from '../state.ts';
import { plural, text } from '../strings.ts';
import type { Ui } from '../ui.ts';
import { CallPages, type FetchCalls } from './call-pages.ts';
import { listHead } from './list-head.ts';
import { keyAction } from './list-keys.ts';
import { ListPosition } from './list-position.ts';
import type { Anchor } from './locate.ts';
import { RowPool } from './row-pool.ts';
import { RowView } from './row-view.ts';
import { clamp } from './scroll-map.ts';

/** Below this width the columns of a row stack. */
const compactBelowPx = 820;

export interface CallListEvents {
	/** A row was opened: by Enter, or by pointer. */
	open(row: CallRow, by: 'keyboard' | 'pointer'): void;
	/** The active row moved by keyboard. */
	move(row: CallRow): void;
	escape(): void;
	/** New total, or failure. */
	loaded(total: number): void;
	failed(error: unknown): void;
}

/** The row that keys act on. `callId` is `null` until its page is here. */
interface Active {
	callId: string | null;
	index: number;
}

/**
 * The timeline: every call of the ledger as one row of a grid, of which only those in view are in the page.
 *
 * Focus stays on the grid itself and the active row is named by `aria-activedescendant`, so it can't be lost when rows
 * come and go. When calls arrive while the reader is further down, the rows in view stay where they are.
 */
export class CallList {
	readonly element: HTMLElement;
	readonly #ui: Ui;
	readonly #scroller: HTMLElement;
	readonly #events: CallListEvents;
	readonly #head: HTMLElement;
	readonly #rows: RowPool;
	readonly #pill: HTMLElement;
	readonly #position: ListPosition;
	readonly #probe: RowView;
	#pages: CallPages;
	#active: Active | null = null;
	#selected: string | null = null;
	#unseen = 0;
	#frame = 0;
	#renewing: Promise<void> | null = null;
	#renewAgain = false;

	constructor(ui: Ui, scroller: HTMLElement, events: CallListEvents) {
		this.#ui = ui;
		this.#scroller = scroller;
		this.#events = events;
		this.#head = listHead();
		this.#rows = new RowPool(ui);
		this.#position = new ListPosition({ scroller, head: this.#head, body: this.#rows.element });
		this.#pill = button('', () => this.#showNewest(), { class: 'new-pill', appearance: 'primary' });
		this.#pill.hidden = true;
		this.#probe = new RowView(ui);
		this.#probe.element.classList.add('probe');
		setAttribute(this.#probe.element, 'aria-hidden', 'true');
		setAttribute(this.#probe.element, 'role', 'presentation');
		this.element = el('div', {
			class: 'calls',
			role: 'grid',
			tabindex: 0,
			'aria-label': text('list.label'),
			'aria-colcount': 7,
			'aria-rowcount': 1,
		});
		this.element.append(this.#head, this.#rows.element);
		this.#pages = this.#noPages();
		this.element.addEventListener('keydown', (event) => this.#onKey(event));
		this.element.addEventListener('focus', () => this.#render());
		this.#rows.element.addEventListener('click', (event) => this.#onClick(event));
		scroller.addEventListener('scroll', () => this.#schedule(), { passive: true });
		new ResizeObserver(() => this.#onResize()).observe(scroller);
	}

	/** The button that tells of calls above the view. Place it where it stays in sight. */
	get pill(): HTMLElement {
		return this.#pill;
	}

	get total(): number {
		return this.#pages.total;
	}

	/** Of the ledger, when it gave the rows that are shown. */
	get revision(): number {
		return this.#pages.revision;
	}

	/** Starts over with another list of calls, at its top or at a place. Resolves when its first rows are shown. */
	load(fetch: FetchCalls, place: ScrollPlace): Promise<void> {
		// News that comes meanwhile is taken in afterwards, so that the place is found first.
		return this.#alone(this.#load(fetch, place));
	}

	async #load(fetch: FetchCalls, place: ScrollPlace): Promise<void> {
		this.#pages = new CallPages(fetch, {
			rows: () => this.#schedule(),
			stale: () => void this.refresh(),
			error: (error) => this.#events.failed(error),
		});
		const pages = this.#pages;
		this.#setUnseen(0);
		this.#position.reset();
		const anchor = place.anchor;
		const start = anchor?.index ?? 0;
		try {
			const found = await pages.renew({ start, end: start + 60 }, anchor ?? undefined);
			if (pages !== this.#pages) return;
			this.#measure();
			if (anchor !== null && found !== null) this.#scrollTo(found * this.#position.rowHeight - anchor.y);
			else this.#scroller.scrollTop = place.top;
			this.#afterRenew();
		} catch (error) {
			if (pages === this.#pages) this.#events.failed(error);
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
		if (callId !== null) {
			const index = this.#pages.indexOf(callId);
			if (index !== null) this.#active = { callId, index };
		}
		this.#render();
	}

	/** The selected call's row as it now stands, when it is here. */
	rowOf(callId: string): CallRow | null {
		const index = this.#pages.indexOf(callId);
		return index === null ? null : (this.#pages.row(index) ?? null);
	}

	/** The call `step` rows after (or, negative, before) another. `null`: none, or it is not here. */
	neighbour(callId: string, step: 1 | -1): CallRow | null {
		const index = this.#pages.indexOf(callId);
		return index === null ? null : (this.#pages.row(index + step) ?? null);
	}

	/** Makes a call the active row and brings it into view. */
	reveal(callId: string): void {
		const index = this.#pages.indexOf(callId);
		if (index === null) return;
		this.#active = { callId, index };
		this.#scrollIntoView(index);
		this.#render();
	}

	focus(): void {
		this.element.focus({ preventScroll: true });
	}

	/** Where the reader is, to come back to after a reload. */
	place(): ScrollPlace {
		const anchor = this.#position.following ? null : this.#anchor();
		if (anchor === null) return { top: this.#scroller.scrollTop, anchor: null };
		return { top: 0, anchor: { ...anchor, y: anchor.index * this.#position.rowHeight - this.#position.top } };
	}

	/** Changes the layout around the list and keeps the row that is being read at its place on the screen. */
	keepingPlace(change: () => void): void {
		const index = this.#readingIndex();
		const before = index * this.#position.rowHeight - this.#position.top;
		change();
		this.#measure();
		if (index < 0) this.#render();
		else this.#scrollTo(index * this.#position.rowHeight - before);
	}

	/** Rewrites the texts that depend on the time. */
	tick(nowMs: number): void {
		this.#rows.tick(nowMs);
	}

	/** Whether a running call is in view, whose duration counts up. */
	get showsRunning(): boolean {
		return this.#rows.showsRunning;
	}

	async #renew(): Promise<void> {
		const pages = this.#pages;
		const following = this.#position.following;
		const view = this.#position.window(this.#pages.total);
		const anchor = following ? null : this.#anchor();
		const before = pages.total;
		try {
			const found = await pages.renew(view, anchor ?? undefined);
			if (pages !== this.#pages) return;
			this.#measure();
			if (anchor !== null && found !== null && found !== anchor.index) {
				this.#scrollTo(this.#position.top + (found - anchor.index) * this.#position.rowHeight);
				if (found > anchor.index) this.#setUnseen(this.#unseen + found - anchor.index);
			}
			const shift = anchor === null ? pages.total - before : (found ?? anchor.index) - anchor.index;
			if (this.#active !== null) this.#active.index = clamp(this.#active.index + shift, 0, pages.total - 1);
			if (following && pages.total > before && before > 0) {
				this.#ui.announce(plural('announce.new', pages.total - before));
			}
			this.#afterRenew();
		} catch (error) {
			if (pages === this.#pages) this.#events.failed(error);
		}
	}

	#afterRenew(): void {
		const active = this.#active;
		if (active !== null && active.callId !== null) {
			active.index = this.#pages.indexOf(active.callId) ?? active.index;
		}
		setAttribute(this.element, 'aria-rowcount', this.#pages.total + 1);
		this.#render();
		this.#events.loaded(this.#pages.total);
	}

	#noPages(): CallPages {
		const nothing = () => Promise.resolve({ rows: [], total: 0, revision: -1 });
		return new CallPages(nothing, { rows: () => {}, stale: () => {}, error: () => {} });
	}

	/** The first row fully in view. */
	#anchor(): Anchor | null {
		const index = clamp(Math.ceil(this.#position.top / this.#position.rowHeight), 0, this.#pages.total - 1);
		const row = this.#pages.row(index);
		return row === undefined ? null : { callId: row.callId, startedAtMs: row.startedAtMs, index };
	}

	/** The active row when it is in sight, else the first one that is. */
	#readingIndex(): number {
		if (this.#active !== null && this.#position.shows(this.#active.index)) return this.#active.index;
		const { top, rowHeight } = this.#position;
		return top < 0 ? -1 : Math.ceil(top / rowHeight);
	}

	#measure(): void {
		setAttribute(this.element, 'data-density', this.element.clientWidth < compactBelowPx ? 'compact' : 'table');
		if (this.#probe.element.parentElement === null) this.element.append(this.#probe.element);
		this.#position.resize(this.#pages.total, this.#probe.element.offsetHeight || this.#position.rowHeight);
	}

	#onResize(): void {
		if (this.#pages.total === 0) return;
		const index = this.#position.following ? -1 : this.#readingIndex();
		const before = index * this.#position.rowHeight - this.#position.top;
		const rowHeight = this.#position.rowHeight;
		this.#measure();
		if (index >= 0 && rowHeight !== this.#position.rowHeight) this.#scrollTo(index * this.#position.rowHeight - before);
		else this.#render();
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
		const { start, end } = this.#position.window(this.#pages.total);
		this.#pages.want(start, end);
		if (this.#unseen > 0 && this.#position.following) this.#setUnseen(0);

		const active = this.#settleActive();
		const indexes = new Set<number>();
		for (let index = start; index < end; index++) indexes.add(index);
		// The active row is named by its id, so it is kept when it is out of sight.
		if (active !== null && active.index < this.#pages.total) indexes.add(active.index);
		this.#rows.show(
			[...indexes].map((index) => {
				const row = this.#pages.row(index) ?? null;
				return {
					index,
					row,
					y: placeOf(index),
					active: index === active?.index,
					selected: row !== null && row.callId === this.#selected,
				};
			}),
		);
		setAttribute(this.element, 'aria-activedescendant', active === null ? null : this.#rows.idAt(active.index));
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
		this.#setUnseen(0);
		this.#scrollTo(0);
		this.#setActive(0);
		this.focus();
	}

	#setUnseen(count: number): void {
		this.#unseen = count;
		this.#pill.hidden = count === 0;
		if (count === 0) return;
		const label = plural('list.new', count, this.#ui.format.count(count));
		this.#pill.replaceChildren(icon('up'), label);
		this.#ui.announce(label);
	}

	#onKey(event: KeyboardEvent): void {
		if (event.ctrlKey || event.metaKey || event.altKey || this.#pages.total === 0) return;
		const { viewport, rowHeight } = this.#position;
		const page = Math.max(1, Math.floor(viewport / rowHeight) - 1);
		const active = this.#active?.index ?? null;
		const action = keyAction(event.key, { active, total: this.#pages.total, page });
		if (action === null) return;
		event.preventDefault();
		if (action.kind === 'move') this.#setActive(action.index);
		else if (action.kind === 'leave') this.#events.escape();
		else {
			const row = this.#pages.row(active ?? 0);
			if (row !== undefined) this.#openRow(row, active ?? 0, 'keyboard');
		}
	}

	#setActive(index: number): void {
		this.#active = { callId: null, index };
		this.#scrollIntoView(index);
		this.#render();
	}

	/** Gives the active row its call as soon as that is here, and tells of the move. */
	#settleActive(): Active | null {
		const active = this.#active;
		if (active === null || active.callId !== null) return active;
		const row = this.#pages.row(active.index);
		if (row === undefined) return active;
		active.callId = row.callId;
		this.#events.move(row);
		return active;
	}

	#onClick(event: MouseEvent): void {
		const found = this.#rows.rowAround(event.target);
		if (found !== null) this.#openRow(found.row, found.index, 'pointer');
	}

	#openRow(row: CallRow, index: number, by: 'keyboard' | 'pointer'): void {
		this.#active = { callId: row.callId, index };
		this.#events.open(row, by);
		this.#render();
	}
}
