import type { CallFilter, CallRow, SessionRow } from '../../src/core/views.ts';
import type { HostState } from '../../src/protocol/messages.ts';
import { el, setAttribute, setText } from '../dom.ts';
import { ExportButton, startExport } from '../export-button.ts';
import { CallList, type ListQuery } from '../list/call-list.ts';
import { shownState } from '../list/call-state.ts';
import { taskKey } from '../list/line.ts';
import { callsSource, searchSource, timelineSource } from '../list/line-sources.ts';
import type { ListFilter } from '../list-filter.ts';
import type { Navigate, PageView } from '../page.ts';
import { emptyRange, emptyScreen, retryNotice } from '../screens.ts';
import type { ScrollPlace } from '../state.ts';
import type { Store } from '../store.ts';
import { plural, text } from '../strings.ts';
import { Throttle } from '../throttle.ts';
import { rangeOf } from '../time-range.ts';
import type { Ui } from '../ui.ts';
import { Arrangement } from './arrangement.ts';
import { DetailPane } from './detail-pane.ts';
import { nonePasses, nothingFound } from './empty-list.ts';
import { FilterChips } from './filter-chips.ts';
import { FilterPanel } from './filter-panel.ts';
import { type PromptsState, tasksSort, withTask } from './prompts-state.ts';
import { SearchBox } from './search-box.ts';
import { asksForSearch } from './search-keys.ts';
import { TaskTitles } from './task-titles.ts';
import { tasksAround } from './tasks-around.ts';

const atTop: ScrollPlace = { top: 0, anchor: null };
/** The list is renewed at most this often while calls stream in, so that the ledger has time for them. */
const listEveryMs = 200;
/** What a search found is looked for again at most this often while calls stream in. */
const searchEveryMs = 2000;
/** What comes sooner needs no word. */
const loadingAfterMs = 300;

/** The calls: searched, filtered, below their tasks or in an order of their own; and the details of one of them. */
export class PromptsPage implements PageView {
	readonly element: HTMLElement;
	readonly #ui: Ui;
	readonly #store: Store;
	readonly #navigate: Navigate;
	readonly #list: CallList;
	readonly #detail: DetailPane;
	readonly #search: SearchBox;
	readonly #arrangement: Arrangement;
	readonly #filters: FilterPanel;
	readonly #chips: FilterChips;
	readonly #titles: TaskTitles;
	readonly #scroller = el('div', { class: 'scroller' });
	readonly #export: ExportButton;
	readonly #count = el('span', { class: 'prompts-count' });
	readonly #instead = el('div', { class: 'instead' });
	readonly #problem = el('div', { class: 'problems' });
	readonly #listAgain = new Throttle(() => this.#refresh(), listEveryMs);
	readonly #searchAgain = new Throttle(() => this.#refresh(), searchEveryMs);
	readonly #onPageKey = (event: KeyboardEvent) => this.#onKey(event);
	#recorded = true;
	/** Until the list is where it was left, its place says nothing. */
	#arriving = false;
	#arrivals = 0;
	#sampleRunning = false;
	#timer: ReturnType<typeof setInterval> | undefined;

	constructor(ui: Ui, store: Store, navigate: Navigate) {
		this.#ui = ui;
		this.#store = store;
		this.#navigate = navigate;
		this.#list = new CallList(ui, this.#scroller, store.state.prompts.unfolded, {
			open: (row, by) => this.#open(row, by === 'keyboard'),
			move: (row) => this.#detail.follow(row),
			escape: () => this.#leaveDetail(),
			loaded: () => this.#onLoaded(),
			failed: (error) => this.#onFailed(error),
			moved: () => this.#keepScroll(),
			setTask: (sessionId, open) => this.#setTask(sessionId, open),
			onlyTask: (session) => this.#onlyTask(session),
			exportTask: ({ sessionId }) => void startExport(ui, { sessionId }, true),
			unfolded: (unfolded) => store.change({ kind: 'prompts', prompts: { unfolded } }),
			sort: (sort) => this.#look({ sort }),
		});
		this.#search = new SearchBox(
			(search) => this.#look({ search }),
			() => this.#list.focus(),
		);
		this.#arrangement = new Arrangement({
			byTask: (byTask) => {
				const sort = tasksSort(store.state.prompts.sort);
				this.#look(byTask && sort === null ? { byTask, sort: 'newest' } : { byTask });
			},
			sort: (sort) => this.#look({ sort }),
		});
		this.#filters = new FilterPanel(ui, (filter) => this.#filter(filter));
		this.#export = new ExportButton(ui, () => this.#callFilter);
		this.#titles = new TaskTitles(ui, () => this.#chips.show(store.state.filter));
		this.#chips = new FilterChips(
			ui,
			(filter) => this.#filter(filter),
			(sessionId) => this.#titles.of(sessionId),
		);
		this.#scroller.append(this.#problem, this.#list.element, this.#instead);
		const master = el(
			'div',
			{ class: 'master prompts-master' },
			el(
				'div',
				{ class: 'prompts-bar' },
				this.#search.element,
				this.#arrangement.element,
				this.#filters.button,
				this.#export.element,
			),
			this.#filters.element,
			el('div', { class: 'prompts-status' }, this.#count, this.#chips.element),
			el('div', { class: 'prompts-list' }, this.#scroller, this.#list.pill),
		);
		this.element = el('main', { class: 'usage prompts', 'aria-label': text('page.prompts') }, master);
		this.#detail = new DetailPane(ui, store, this.element, master, {
			shown: (callId) => {
				store.change({ kind: 'select', callId });
				this.#list.select(callId);
				if (callId === null) this.#list.focus();
			},
			step: (step) => void this.#step(step),
			visit: (callId) => void this.#visit(callId),
			keepingPlace: (change) => this.#list.keepingPlace(change),
		});
		this.#scroller.addEventListener('scrollend', () => this.#keepScroll());
	}

	async start(): Promise<void> {
		this.#rest();
		this.#timer = setInterval(() => this.#tick(), 1000);
		document.addEventListener('keydown', this.#onPageKey);
		const { selected, scroll } = this.#store.state;
		const arrival = ++this.#arrivals;
		this.#arriving = true;
		// First the layout that the place in the list was taken from.
		if (selected !== null) this.#detail.show(selected, null, 'leave');
		else this.#detail.close();
		if (selected !== null && scroll.anchor?.key === selected) await this.#openTasksOf(selected);
		await this.#load(scroll);
		if (arrival !== this.#arrivals) return;
		this.#arriving = false;
		this.#list.select(selected);
	}

	/** A call that is gone to may be in a task that was closed. Resolves to whether one was opened for it. */
	async #openTasksOf(callId: string): Promise<boolean> {
		const { closed } = this.#store.state.prompts;
		if (closed.length === 0) return false;
		try {
			const tasks = await tasksAround(this.#ui.link, this.#callFilter, callId);
			const left = closed.filter((task) => !tasks.includes(task));
			if (left.length < closed.length) this.#store.change({ kind: 'prompts', prompts: { closed: left } });
			return left.length < closed.length;
		} catch (error) {
			// The list says so itself if it can't be read.
			this.#ui.report(error);
			return false;
		}
	}

	changed(revision: number): void {
		if (this.#searching) this.#searchAgain.soon();
		else if (revision !== this.#list.revision) this.#listAgain.soon();
	}

	setHostState(state: HostState): void {
		if (state.sampleRunning === this.#sampleRunning) return;
		this.#sampleRunning = state.sampleRunning;
		if (!this.#recorded) this.#showInstead();
	}

	focus(): void {
		this.#list.focus();
	}

	focusSearch(): void {
		this.#search.focus();
	}

	redraw(): void {}

	leave(): void {
		this.#keepScroll();
		this.#rest();
		this.#filters.close();
	}

	#rest(): void {
		clearInterval(this.#timer);
		document.removeEventListener('keydown', this.#onPageKey);
		this.#detail.rest();
	}

	get #searching(): boolean {
		return this.#store.state.prompts.search !== '';
	}

	/** The filter of the list, range and all. */
	get #callFilter(): CallFilter {
		const { filter, range: choice } = this.#store.state;
		const range = rangeOf(choice, this.#ui.now(), this.#ui.format.timeZone);
		return range === null ? filter : { ...filter, range };
	}

	#query(): ListQuery {
		const { search, sort, byTask, closed } = this.#store.state.prompts;
		const { link } = this.#ui;
		const filter = this.#callFilter;
		if (search !== '') return { source: searchSource(link, { filter, text: search }), sort: null, newestFirst: false };
		const grouped = byTask ? tasksSort(sort) : null;
		const source =
			grouped === null ? callsSource(link, { filter, sort }) : timelineSource(link, { filter, sort: grouped, closed });
		return { source, sort, newestFirst: sort === 'newest' };
	}

	async #load(place: ScrollPlace): Promise<void> {
		const { prompts, filter } = this.#store.state;
		this.#search.show(prompts.search);
		this.#arrangement.show(prompts, this.#searching);
		this.#filters.show(filter, this.#callFilter);
		this.#export.allow(!this.#searching);
		this.#chips.show(filter);
		const waiting = this.#list.revision < 0 ? setTimeout(() => this.#showLoading(), loadingAfterMs) : undefined;
		await this.#list.load(this.#query(), place);
		clearTimeout(waiting);
	}

	#showLoading(): void {
		const ring = el('vscode-progress-ring', { 'aria-hidden': 'true' });
		this.#instead.replaceChildren(el('p', { class: 'screen', role: 'status' }, ring, text('prompts.loading')));
	}

	/** Looks at the calls in another way, from the top. */
	#look(prompts: Partial<PromptsState>): void {
		this.#store.change({ kind: 'prompts', prompts });
		this.#store.change({ kind: 'scroll', scroll: atTop });
		void this.#load(atTop);
	}

	#filter(filter: ListFilter): void {
		this.#store.change({ kind: 'filter', filter });
		void this.#load(atTop);
	}

	#setTask(sessionId: string, open: boolean): void {
		const closed = withTask(this.#store.state.prompts.closed, sessionId, open);
		this.#store.change({ kind: 'prompts', prompts: { closed } });
		void this.#list.rearrange(this.#query(), taskKey(sessionId)).then(() => this.#keepScroll());
	}

	#onlyTask({ sessionId, title }: SessionRow): void {
		this.#titles.set(sessionId, title);
		this.#filter({ ...this.#store.state.filter, sessionId });
		this.#list.focus();
	}

	async #refresh(): Promise<void> {
		if (!this.element.isConnected) return;
		await this.#list.refresh();
		const { callId } = this.#detail;
		if (callId !== null) this.#detail.update(this.#list.rowOf(callId));
	}

	#keepScroll(): void {
		if (this.element.isConnected && !this.#arriving) this.#store.change({ kind: 'scroll', scroll: this.#list.place() });
	}

	#onLoaded(): void {
		const { count, more } = this.#list.calls;
		const shown = this.#ui.format.count(count);
		// The end of a search is news; that calls stream in is told otherwise.
		setAttribute(this.#count, 'role', this.#searching ? 'status' : null);
		if (this.#searching) setText(this.#count, plural(more ? 'search.more' : 'search.results', count, shown));
		else setText(this.#count, plural('prompts.count', count, shown));
		// What was pressed to get here goes, and must not take the focus with it.
		const focused = [this.#problem, this.#instead].some((part) => part.contains(document.activeElement));
		this.#problem.replaceChildren();
		if (this.#list.total > 0) {
			this.#recorded = true;
			this.#instead.replaceChildren();
			setAttribute(this.element, 'data-content', 'calls');
			if (focused) this.#list.focus();
		} else void this.#whyEmpty();
	}

	#onFailed(error: unknown): void {
		this.#ui.report(error);
		if (this.#list.revision < 0) this.#instead.replaceChildren();
		const focused = this.#problem.contains(document.activeElement);
		const again = () => void this.#load(this.#store.state.scroll);
		this.#problem.replaceChildren(retryNotice(text(this.#searching ? 'search.failed' : 'list.failed'), again));
		if (focused) this.#problem.querySelector<HTMLElement>('vscode-button')?.focus();
	}

	async #whyEmpty(): Promise<void> {
		try {
			const all = await this.#ui.link.request({ kind: 'calls', filter: {}, sort: 'newest', offset: 0, limit: 1 });
			if (this.#list.total > 0) return;
			this.#recorded = all.total > 0;
			this.#showInstead();
		} catch (error) {
			this.#onFailed(error);
		}
	}

	#showInstead(): void {
		setAttribute(this.element, 'data-content', this.#recorded ? 'empty-range' : 'empty');
		this.#instead.replaceChildren(this.#emptyScreen());
	}

	#emptyScreen(): HTMLElement {
		const { filter, prompts } = this.#store.state;
		if (!this.#recorded) return emptyScreen(this.#ui, this.#sampleRunning);
		const filtered = Object.keys(filter).length > 0;
		if (this.#searching) {
			return nothingFound(prompts.search, filtered, {
				search: () => this.#search.clear(),
				filters: () => this.#filter({}),
			});
		}
		if (filtered) return nonePasses(() => this.#filter({}));
		return emptyRange(() => this.#navigate.to('prompts', { range: 'all' }));
	}

	#open(row: CallRow, takeFocus: boolean): void {
		this.#detail.show(row.callId, row, takeFocus ? 'take' : 'ifOver');
		this.#ui.announce(text('announce.opened', { model: row.model, state: text(`state.${shownState(row)}`) }));
	}

	/** Escape in the list: first out of the details, then out of the search. */
	#leaveDetail(): void {
		if (!this.#detail.close() && this.#searching) this.#look({ search: '' });
	}

	async #step(step: 1 | -1): Promise<void> {
		const { callId } = this.#detail;
		if (callId === null) return;
		let row = await this.#list.neighbour(callId, step);
		// Next to a call in a task that was closed meanwhile are those of that task.
		if (row === null && (await this.#openTasksOf(callId))) {
			await this.#list.rearrange(this.#query(), callId);
			row = await this.#list.neighbour(callId, step);
		}
		if (row === null || this.#detail.callId !== callId) return;
		await this.#list.reveal(row.callId);
		this.#detail.show(row.callId, row, 'leave');
	}

	/** Shows a call that another one names, and where it is in the list, if it is there. */
	async #visit(callId: string): Promise<void> {
		if (await this.#openTasksOf(callId)) await this.#list.rearrange(this.#query(), callId);
		await this.#list.reveal(callId);
		this.#detail.show(callId, this.#list.rowOf(callId), 'take');
	}

	#onKey(event: KeyboardEvent): void {
		if (!asksForSearch(event) || !this.element.isConnected || this.#search.element.closest('[inert]') !== null) return;
		event.preventDefault();
		this.#search.focus();
	}

	#tick(): void {
		if (document.hidden) return;
		const nowMs = this.#ui.now();
		if (this.#list.showsRunning || Math.floor(nowMs / 1000) % 15 === 0) this.#list.tick(nowMs);
	}
}
