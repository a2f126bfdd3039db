import { bucketsIn } from '../src/core/time-buckets.ts';
import type { CallRow, TimeRange } from '../src/core/views.ts';
import type { HostState } from '../src/protocol/messages.ts';
import { CostByModel } from './charts/cost-by-model.ts';
import { drawnBilling, rankModels } from './charts/cost-figures.ts';
import { CostOverTime } from './charts/cost-over-time.ts';
import { onThemeChange } from './charts/theme.ts';
import { DetailView } from './detail/detail-view.ts';
import { el, setAttribute, setText } from './dom.ts';
import { CallList } from './list/call-list.ts';
import { shownState } from './list/call-state.ts';
import { SummaryCards } from './overview/summary-cards.ts';
import { emptyRange, emptyScreen, retryNotice } from './screens.ts';
import type { Store } from './store.ts';
import { plural, text } from './strings.ts';
import { Throttle } from './throttle.ts';
import type { RangeChoice } from './time-range.ts';
import { granularityFor, rangeOf, rangeSince } from './time-range.ts';
import type { Ui } from './ui.ts';

/** Below this width the details cover the list. */
const narrow = '(max-width: 759px)';
/** Cards and charts are renewed at most this often while calls stream in. */
const figuresEveryMs = 400;
/** How long the arrow keys must rest before the details follow. */
const followMs = 90;

/** Cards, charts, the timeline, and the details of one call. */
export class UsagePage {
	readonly element: HTMLElement;
	readonly #ui: Ui;
	readonly #store: Store;
	readonly #onRange: (range: RangeChoice) => void;
	readonly #cards: SummaryCards;
	readonly #time: CostOverTime;
	readonly #models: CostByModel;
	readonly #list: CallList;
	readonly #detail: DetailView;
	readonly #scroller = el('div', { class: 'scroller' });
	readonly #master: HTMLElement;
	readonly #figures = el('div', { class: 'figures-area' });
	readonly #count = el('span', { class: 'subtle' });
	readonly #instead = el('div', { class: 'instead' });
	readonly #problem = el('div', { class: 'problems' });
	readonly #renewFigures = new Throttle(() => this.#loadFigures(), figuresEveryMs);
	readonly #narrow = matchMedia(narrow);
	#revision = -1;
	#dirty = false;
	#rangeFrom = 0;
	#anyCalls = true;
	#sampleRunning = false;
	#follow: ReturnType<typeof setTimeout> | undefined;

	/** @param onRange told when the page itself changes the range */
	constructor(ui: Ui, store: Store, onRange: (range: RangeChoice) => void) {
		this.#ui = ui;
		this.#store = store;
		this.#onRange = onRange;
		this.#cards = new SummaryCards(ui);
		const shownAsTable = (chart: string) => store.state.tables.includes(chart);
		const keepTable = (chart: string) => (shown: boolean) => store.change({ kind: 'table', chart, shown });
		this.#time = new CostOverTime(ui, shownAsTable('time'), keepTable('time'));
		this.#models = new CostByModel(ui, shownAsTable('model'), keepTable('model'));
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
		this.#figures.append(this.#cards.element, el('div', { class: 'charts' }, this.#time.element, this.#models.element));
		this.#scroller.append(
			this.#problem,
			this.#figures,
			el('div', { class: 'list-title' }, el('h2', { text: text('list.heading') }), this.#count),
			this.#list.element,
			this.#instead,
		);
		this.#master = el('div', { class: 'master' }, this.#scroller, this.#list.pill);
		this.element = el('main', { class: 'usage', 'data-detail': 'closed' }, this.#master, this.#detail.element);
		this.#detail.element.hidden = true;
		this.#scroller.addEventListener('scrollend', () => store.change({ kind: 'scroll', scroll: this.#list.place() }));
		this.#narrow.addEventListener('change', () => this.#applyLayout());
		document.addEventListener('visibilitychange', () => this.#onVisible());
		onThemeChange(() => this.redraw());
		setInterval(() => this.#tick(), 1000);
	}

	/** Loads everything for the chosen range and takes the reader back to where they were. */
	async start(): Promise<void> {
		const { selected, scroll } = this.#store.state;
		this.#renewFigures.now();
		// First the layout that the place in the list was taken from.
		if (selected !== null) this.#show(selected, null, false);
		await this.#loadList(scroll);
		this.#list.select(selected);
	}

	/** Takes the news that the ledger changed. A hidden panel waits until it is seen. */
	changed(revision: number): void {
		if (revision === this.#revision) return;
		this.#revision = revision;
		if (revision === this.#list.revision && !document.hidden) return;
		if (document.hidden) this.#dirty = true;
		else this.#refresh();
	}

	setHostState(state: HostState): void {
		if (state.sampleRunning === this.#sampleRunning) return;
		this.#sampleRunning = state.sampleRunning;
		if (!this.#anyCalls) this.#showInstead();
	}

	choose(range: RangeChoice): void {
		this.#store.change({ kind: 'range', range });
		this.#onRange(range);
		this.#renewFigures.now();
		void this.#loadList({ top: this.#scroller.scrollTop, anchor: null });
	}

	/** Draws the charts again in the colours that hold now. */
	redraw(): void {
		this.#time.redraw();
		this.#models.redraw();
	}

	#range(): TimeRange | null {
		return rangeOf(this.#store.state.range, this.#ui.now(), this.#ui.format.timeZone);
	}

	async #loadList(place: Parameters<CallList['load']>[1]): Promise<void> {
		const range = this.#range();
		this.#rangeFrom = range?.fromMs ?? 0;
		const filter = range === null ? {} : { range };
		await this.#list.load(
			(offset, limit) => this.#ui.link.request({ kind: 'calls', filter, sort: 'newest', offset, limit }),
			place,
		);
	}

	async #loadFigures(): Promise<void> {
		const { link, format } = this.#ui;
		const choice = this.#store.state.range;
		try {
			const range = this.#range();
			const shown = range ?? (await this.#everything());
			const granularity = granularityFor(shown);
			const [overview, counted] = await Promise.all([
				link.request({ kind: 'overview', ...(range === null ? {} : { range }) }),
				link.request({ kind: 'series', range: shown, granularity, timeZone: format.timeZone }),
			]);
			if (choice !== this.#store.state.range) return;
			const billing = drawnBilling(overview.totals);
			const ranked = rankModels(overview.byModel, billing);
			this.#cards.show(overview.totals);
			const buckets = bucketsIn(shown, granularity, format.timeZone);
			this.#time.show({ buckets, granularity, counted, ranked, billing });
			this.#models.show({ groups: overview.byModel, ranked, billing });
			if (this.#problem.dataset.part === 'figures') this.#problem.replaceChildren();
		} catch (error) {
			this.#ui.report(error);
			this.#time.fail();
			this.#models.fail();
			this.#showProblem(text('charts.failed'), () => this.#renewFigures.now());
			this.#problem.dataset.part = 'figures';
		}
	}

	/** From the day of the first call to the end of today. */
	async #everything(): Promise<TimeRange> {
		const { link, format } = this.#ui;
		const first = await link.request({ kind: 'calls', filter: {}, sort: 'oldest', offset: 0, limit: 1 });
		const nowMs = this.#ui.now();
		return rangeSince(first.rows[0]?.startedAtMs ?? nowMs, nowMs, format.timeZone);
	}

	#refresh(): void {
		this.#renewFigures.soon();
		void this.#list.refresh().then(() => this.#updateDetail());
	}

	#updateDetail(): void {
		const callId = this.#detail.callId;
		const row = callId === null ? null : this.#list.rowOf(callId);
		if (row !== null) void this.#detail.update(row);
	}

	#onVisible(): void {
		if (document.hidden || !this.#dirty) return;
		this.#dirty = false;
		this.#refresh();
	}

	#onTotal(total: number): void {
		setText(this.#count, plural('list.count', total, this.#ui.format.count(total)));
		if (this.#problem.dataset.part === 'list') this.#problem.replaceChildren();
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
		const screen = this.#anyCalls ? emptyRange(() => this.choose('all')) : emptyScreen(this.#ui, this.#sampleRunning);
		this.#instead.replaceChildren(screen);
	}

	#showProblem(message: string, retry: () => void): void {
		this.#problem.dataset.part = 'list';
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
		const opening = this.#detail.element.hidden;
		if (opening) {
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
		// At midnight “today” is another range.
		if ((this.#range()?.fromMs ?? 0) !== this.#rangeFrom) {
			this.#renewFigures.now();
			void this.#loadList(this.#list.place());
		}
	}
}
