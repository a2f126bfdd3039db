import type { CallRow, TimeRange } from '../../src/core/views.ts';
import type { HostState } from '../../src/protocol/messages.ts';
import { DetailView } from '../detail/detail-view.ts';
import { el, setAttribute, setText } from '../dom.ts';
import { CallList } from '../list/call-list.ts';
import { shownState } from '../list/call-state.ts';
import type { Navigate, PageView } from '../page.ts';
import { emptyRange, emptyScreen, retryNotice } from '../screens.ts';
import type { Store } from '../store.ts';
import { plural, text } from '../strings.ts';
import { rangeOf } from '../time-range.ts';
import type { Ui } from '../ui.ts';

/** Below this width the details cover the list. */
const narrow = '(max-width: 759px)';
/** How long the arrow keys must rest before the details follow. */
const followMs = 90;

/** The calls, and the details of one of them. */
export class PromptsPage implements PageView {
	readonly element: HTMLElement;
	readonly #ui: Ui;
	readonly #store: Store;
	readonly #navigate: Navigate;
	readonly #list: CallList;
	readonly #detail: DetailView;
	readonly #scroller = el('div', { class: 'scroller' });
	readonly #master: HTMLElement;
	readonly #count = el('span', { class: 'subtle' });
	readonly #instead = el('div', { class: 'instead' });
	readonly #problem = el('div', { class: 'problems' });
	readonly #narrow = matchMedia(narrow);
	#revision = -1;
	#anyCalls = true;
	#sampleRunning = false;
	#follow: ReturnType<typeof setTimeout> | undefined;
	#timer: ReturnType<typeof setInterval> | undefined;

	constructor(ui: Ui, store: Store, navigate: Navigate) {
		this.#ui = ui;
		this.#store = store;
		this.#navigate = navigate;
		this.#list = new CallList(ui, this.#scroller, {
			open: (row, by) => this.#open(row, by === 'keyboard'),
			move: (row) => this.#followTo(row),
			escape: () => this.#close(),
			loaded: (total) => this.#onTotal(total),
			failed: (error) => {
				ui.report(error);
				this.#showProblem(text('list.failed'), () => void this.#list.refresh());
			},
		});
		this.#detail = new DetailView(ui, store.state.tab, {
			close: () => this.#close(),
			step: (step) => this.#step(step),
			tab: (tab) => store.change({ kind: 'tab', tab }),
		});
		this.#scroller.append(
			this.#problem,
			el('div', { class: 'list-title' }, el('h2', { text: text('list.heading') }), this.#count),
			this.#list.element,
			this.#instead,
		);
		this.#master = el('div', { class: 'master' }, this.#scroller, this.#list.pill);
		this.element = el('main', { class: 'usage', 'data-detail': 'closed' }, this.#master, this.#detail.element);
		this.#detail.element.hidden = true;
		this.#scroller.addEventListener('scrollend', () => store.change({ kind: 'scroll', scroll: this.#list.place() }));
		this.#narrow.addEventListener('change', () => this.#applyLayout());
	}

	async start(): Promise<void> {
		this.leave();
		this.#timer = setInterval(() => this.#tick(), 1000);
		const { selected, scroll } = this.#store.state;
		// First the layout that the place in the list was taken from.
		if (selected !== null) this.#show(selected, null, false);
		await this.#loadList(scroll);
		this.#list.select(selected);
	}

	changed(revision: number): void {
		if (revision === this.#revision) return;
		this.#revision = revision;
		if (revision !== this.#list.revision) void this.#list.refresh().then(() => this.#updateDetail());
	}

	setHostState(state: HostState): void {
		if (state.sampleRunning === this.#sampleRunning) return;
		this.#sampleRunning = state.sampleRunning;
		if (!this.#anyCalls) this.#showInstead();
	}

	focus(): void {
		this.#list.focus();
	}

	redraw(): void {}

	leave(): void {
		clearInterval(this.#timer);
		clearTimeout(this.#follow);
	}

	#range(): TimeRange | null {
		return rangeOf(this.#store.state.range, this.#ui.now(), this.#ui.format.timeZone);
	}

	async #loadList(place: Parameters<CallList['load']>[1]): Promise<void> {
		const range = this.#range();
		const filter = { ...this.#store.state.filter, ...(range === null ? {} : { range }) };
		await this.#list.load(
			(offset, limit) => this.#ui.link.request({ kind: 'calls', filter, sort: 'newest', offset, limit }),
			place,
		);
	}

	#updateDetail(): void {
		const callId = this.#detail.callId;
		const row = callId === null ? null : this.#list.rowOf(callId);
		if (row !== null) void this.#detail.update(row);
	}

	#onTotal(total: number): void {
		setText(this.#count, plural('list.count', total, this.#ui.format.count(total)));
		this.#problem.replaceChildren();
		if (total > 0) {
			this.#anyCalls = true;
			this.#instead.replaceChildren();
			setAttribute(this.element, 'data-content', 'calls');
			return;
		}
		void this.#whyEmpty();
	}

	async #whyEmpty(): Promise<void> {
		try {
			const all = await this.#ui.link.request({ kind: 'calls', filter: {}, sort: 'newest', offset: 0, limit: 1 });
			if (this.#list.total > 0) return;
			this.#anyCalls = all.total > 0;
			this.#showInstead();
		} catch {
			this.#showProblem(text('list.failed'), () => void this.#list.refresh());
		}
	}

	#showInstead(): void {
		setAttribute(this.element, 'data-content', this.#anyCalls ? 'empty-range' : 'empty');
		const showAll = () => this.#navigate.to('prompts', { range: 'all', filter: {} });
		this.#instead.replaceChildren(this.#anyCalls ? emptyRange(showAll) : emptyScreen(this.#ui, this.#sampleRunning));
	}

	#showProblem(message: string, retry: () => void): void {
		const again = () => {
			this.#problem.replaceChildren();
			retry();
		};
		this.#problem.replaceChildren(retryNotice(message, again));
	}

	#open(row: CallRow, focus: boolean): void {
		this.#show(row.callId, row, focus || this.#narrow.matches);
		this.#ui.announce(text('announce.opened', { model: row.model, state: text(`state.${shownState(row)}`) }));
	}

	#show(callId: string, row: CallRow | null, focus: boolean): void {
		clearTimeout(this.#follow);
		this.#store.change({ kind: 'select', callId });
		if (this.#detail.element.hidden) {
			this.#list.keepingPlace(() => {
				this.#detail.element.hidden = false;
				this.#applyLayout();
			});
		}
		this.#list.select(callId);
		void this.#detail.open(callId, row);
		if (focus) this.#detail.focus();
	}

	#close(): void {
		if (this.#detail.element.hidden) return;
		clearTimeout(this.#follow);
		this.#store.change({ kind: 'select', callId: null });
		this.#list.keepingPlace(() => {
			this.#detail.element.hidden = true;
			this.#detail.clear();
			this.#applyLayout();
		});
		this.#list.select(null);
		this.#list.focus();
	}

	/** With the details beside the list, they follow the arrow keys. */
	#followTo(row: CallRow): void {
		if (this.#detail.element.hidden || this.#narrow.matches) return;
		clearTimeout(this.#follow);
		this.#follow = setTimeout(() => this.#show(row.callId, row, false), followMs);
	}

	#step(step: 1 | -1): void {
		const callId = this.#detail.callId;
		const row = callId === null ? null : this.#list.neighbour(callId, step);
		if (row === null) return;
		this.#list.reveal(row.callId);
		this.#show(row.callId, row, false);
	}

	#applyLayout(): void {
		const open = !this.#detail.element.hidden;
		setAttribute(this.element, 'data-detail', open ? (this.#narrow.matches ? 'over' : 'beside') : 'closed');
		this.#master.inert = open && this.#narrow.matches;
	}

	#tick(): void {
		if (document.hidden) return;
		const nowMs = this.#ui.now();
		if (this.#list.showsRunning || Math.floor(nowMs / 1000) % 15 === 0) this.#list.tick(nowMs);
	}
}
