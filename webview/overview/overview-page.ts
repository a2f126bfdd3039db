import { bucketsIn } from '../../src/core/time-buckets.ts';
import type { TimeRange } from '../../src/core/views.ts';
import type { HostState } from '../../src/protocol/messages.ts';
import { CostByModel } from '../charts/cost-by-model.ts';
import { drawnBilling, rankModels } from '../charts/cost-figures.ts';
import { CostOverTime } from '../charts/cost-over-time.ts';
import { el, setAttribute } from '../dom.ts';
import type { Navigate, PageView } from '../page.ts';
import { emptyScreen, retryNotice } from '../screens.ts';
import type { Store } from '../store.ts';
import { text } from '../strings.ts';
import { Throttle } from '../throttle.ts';
import { granularityFor, rangeOf, rangeSince } from '../time-range.ts';
import type { Ui } from '../ui.ts';
import { SummaryCards } from './summary-cards.ts';

/** Cards and charts are renewed at most this often while calls stream in. */
const figuresEveryMs = 400;

/** The figures of the chosen range at a glance. */
export class OverviewPage implements PageView {
	readonly element: HTMLElement;
	readonly scroller: HTMLElement;
	readonly #ui: Ui;
	readonly #store: Store;
	readonly #navigate: Navigate;
	readonly #cards: SummaryCards;
	readonly #time: CostOverTime;
	readonly #models: CostByModel;
	readonly #problem = el('div', { class: 'problems' });
	readonly #figures = el('div', { class: 'figures-area' });
	readonly #instead = el('div', { class: 'instead' });
	readonly #renew = new Throttle(() => this.#load(), figuresEveryMs);
	#sampleRunning = false;
	#anyCalls = true;

	constructor(ui: Ui, store: Store, navigate: Navigate) {
		this.#ui = ui;
		this.#store = store;
		this.#navigate = navigate;
		this.#cards = new SummaryCards(ui);
		const shownAsTable = (chart: string) => store.state.tables.includes(chart);
		const keepTable = (chart: string) => (shown: boolean) => store.change({ kind: 'table', chart, shown });
		this.#time = new CostOverTime(ui, shownAsTable('time'), keepTable('time'));
		this.#models = new CostByModel(ui, shownAsTable('model'), keepTable('model'));
		this.#figures.append(this.#cards.element, el('div', { class: 'charts' }, this.#time.element, this.#models.element));
		this.scroller = el('div', { class: 'scroller' }, this.#problem, this.#figures, this.#instead);
		this.element = el(
			'main',
			{ class: 'overview', tabindex: '-1', 'aria-label': text('page.overview') },
			this.scroller,
		);
	}

	async start(): Promise<void> {
		await this.#load();
	}

	changed(): void {
		this.#renew.soon();
	}

	setHostState(state: HostState): void {
		if (state.sampleRunning === this.#sampleRunning) return;
		this.#sampleRunning = state.sampleRunning;
		this.#showInstead();
	}

	focus(): void {
		this.element.focus();
	}

	redraw(): void {
		this.#time.redraw();
		this.#models.redraw();
	}

	leave(): void {}

	async #load(): Promise<void> {
		const { link, format } = this.#ui;
		const choice = this.#store.state.range;
		try {
			const range = rangeOf(choice, this.#ui.now(), format.timeZone);
			const first = await link.request({ kind: 'calls', filter: {}, sort: 'oldest', offset: 0, limit: 1 });
			const nowMs = this.#ui.now();
			const shown: TimeRange = range ?? rangeSince(first.rows[0]?.startedAtMs ?? nowMs, nowMs, format.timeZone);
			const granularity = granularityFor(shown);
			const [overview, counted] = await Promise.all([
				link.request({ kind: 'overview', ...(range === null ? {} : { range }) }),
				link.request({ kind: 'series', range: shown, granularity, timeZone: format.timeZone }),
			]);
			if (choice !== this.#store.state.range) return;
			this.#anyCalls = first.total > 0;
			this.#showInstead();
			const billing = drawnBilling(overview.totals);
			const ranked = rankModels(overview.byModel, billing);
			this.#cards.show(overview.totals);
			const buckets = bucketsIn(shown, granularity, format.timeZone);
			this.#time.show({ buckets, granularity, counted, ranked, billing });
			this.#models.show({ groups: overview.byModel, ranked, billing });
			this.#problem.replaceChildren();
		} catch (error) {
			this.#ui.report(error);
			this.#time.fail();
			this.#models.fail();
			this.#problem.replaceChildren(retryNotice(text('charts.failed'), () => this.#renew.now()));
		}
	}

	#showInstead(): void {
		setAttribute(this.element, 'data-content', this.#anyCalls ? 'calls' : 'empty');
		if (this.#anyCalls) this.#instead.replaceChildren();
		else this.#instead.replaceChildren(emptyScreen(this.#ui, this.#sampleRunning));
	}
}
