import type { CallRow } from '../../src/core/views.ts';
import { DetailView } from '../detail/detail-view.ts';
import { setAttribute } from '../dom.ts';
import type { Store } from '../store.ts';
import { Throttle } from '../throttle.ts';
import type { Ui } from '../ui.ts';

/** Below this width the details cover the list. */
const narrow = '(max-width: 759px)';
/** How long the arrow keys must rest before the details follow. */
const followMs = 90;
/** A running call whose line is not here is asked for at most this often. */
const runningEveryMs = 1000;

export interface DetailPaneEvents {
	/** A call is shown; `null`: none any more. */
	shown(callId: string | null): void;
	step(step: 1 | -1): void;
	/** Someone follows a link to another call. */
	visit(callId: string): void;
	/** Runs a change of the layout, so that the list beside it keeps its place. */
	keepingPlace(change: () => void): void;
}

/** The details of a call: beside the list where there is room, else over it. */
export class DetailPane {
	readonly #page: HTMLElement;
	readonly #list: HTMLElement;
	readonly #view: DetailView;
	readonly #on: DetailPaneEvents;
	readonly #narrow = matchMedia(narrow);
	readonly #runningAgain: Throttle;
	#follow: ReturnType<typeof setTimeout> | undefined;

	/** @param list covered by the details when the page is narrow */
	constructor(ui: Ui, store: Store, page: HTMLElement, list: HTMLElement, on: DetailPaneEvents) {
		this.#page = page;
		this.#list = list;
		this.#on = on;
		this.#view = new DetailView(ui, store.state.tab, {
			close: () => this.close(),
			step: (step) => on.step(step),
			visit: (callId) => on.visit(callId),
			tab: (tab) => store.change({ kind: 'tab', tab }),
		});
		this.#runningAgain = new Throttle(() => this.#view.renewRunning(), runningEveryMs);
		this.#view.element.hidden = true;
		page.append(this.#view.element);
		this.#narrow.addEventListener('change', () => this.#layOut());
		this.#layOut();
	}

	/** The call that is shown. */
	get callId(): string | null {
		return this.#view.callId;
	}

	/** @param row what its line tells of it, as far as that is here */
	show(callId: string, row: CallRow | null, focus: 'take' | 'leave' | 'ifOver'): void {
		clearTimeout(this.#follow);
		if (this.#view.element.hidden) {
			this.#on.keepingPlace(() => {
				this.#view.element.hidden = false;
				this.#layOut();
			});
		}
		this.#on.shown(callId);
		void this.#view.open(callId, row);
		if (focus === 'take' || (focus === 'ifOver' && this.#narrow.matches)) this.#view.focus();
	}

	/** With the details beside the list, they follow the arrow keys. */
	follow(row: CallRow): void {
		if (this.#view.element.hidden || this.#narrow.matches) return;
		clearTimeout(this.#follow);
		this.#follow = setTimeout(() => this.show(row.callId, row, 'leave'), followMs);
	}

	/** Takes news of the call that is shown. @param row `null`: its line is out of view, or no longer in the list */
	update(row: CallRow | null): void {
		if (row !== null) void this.#view.update(row);
		else if (this.#view.isRunning) this.#runningAgain.soon();
	}

	/** @returns whether they were open */
	close(): boolean {
		clearTimeout(this.#follow);
		if (this.#view.element.hidden) return false;
		this.#on.keepingPlace(() => {
			this.#view.element.hidden = true;
			this.#view.clear();
			this.#layOut();
		});
		this.#on.shown(null);
		return true;
	}

	/** Ends what is under way. */
	rest(): void {
		clearTimeout(this.#follow);
	}

	#layOut(): void {
		const open = !this.#view.element.hidden;
		setAttribute(this.#page, 'data-detail', open ? (this.#narrow.matches ? 'over' : 'beside') : 'closed');
		this.#list.inert = open && this.#narrow.matches;
	}
}
