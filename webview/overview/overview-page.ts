import { bucketsIn } from '../../src/core/time-buckets.ts';
import type { CallFilter, SeriesBucket, TimeRange, Totals } from '../../src/core/views.ts';
import type { HostState, Overview } from '../../src/protocol/messages.ts';
import type { SourcesView } from '../../src/protocol/sources.ts';
import { ChartView } from '../charts/chart-view.ts';
import { costByModel } from '../charts/cost-by-model.ts';
import { drawnBilling, rankModels } from '../charts/cost-figures.ts';
import { costOverTime } from '../charts/cost-over-time.ts';
import { el, setAttribute, setText } from '../dom.ts';
import type { Navigate, PageView } from '../page.ts';
import { Renewal } from '../renewal.ts';
import { emptyRange, emptyScreen, retryNotice } from '../screens.ts';
import { firstCallMs, shownRange } from '../shown-range.ts';
import type { Store } from '../store.ts';
import { text } from '../strings.ts';
import { choiceWithin, granularityFor, type RangeChoice, rangeOf } from '../time-range.ts';
import type { Ui } from '../ui.ts';
import { Costliest, isWithin } from './costliest.ts';
import { periodBefore } from './period-before.ts';
import { SourceList } from './source-list.ts';
import { SummaryCards } from './summary-cards.ts';

/** Figures are renewed at most this often while calls stream in. */
const figuresEveryMs = 400;

/** What a range came to, where the money went, and where the calls come from: at a glance, and each a way to its calls. */
export class OverviewPage implements PageView {
	readonly element: HTMLElement;
	readonly scroller: HTMLElement;
	readonly #ui: Ui;
	readonly #store: Store;
	readonly #navigate: Navigate;
	readonly #cards: SummaryCards;
	readonly #compared = el('p', { class: 'subtle compared' });
	readonly #calls: Costliest;
	readonly #tasks: Costliest;
	readonly #time: ChartView;
	readonly #models: ChartView;
	readonly #sources: SourceList;
	readonly #problem = el('div', { class: 'problems' });
	readonly #instead = el('div', { class: 'instead' });
	readonly #renewal = new Renewal((isCurrent) => this.#load(isCurrent), figuresEveryMs);
	#shown: TimeRange | null = null;
	#content: 'calls' | 'empty' | 'empty-range' = 'calls';
	#sampleRunning = false;

	constructor(ui: Ui, store: Store, navigate: Navigate) {
		this.#ui = ui;
		this.#store = store;
		this.#navigate = navigate;
		this.#cards = new SummaryCards(ui, ['calls', 'cost', 'input', 'output', 'cached', 'latency', 'cacheHit', 'errors']);
		this.#calls = new Costliest(ui, 'calls');
		this.#tasks = new Costliest(ui, 'tasks');
		const chart = (name: 'time' | 'model', eager: boolean) => {
			const heading = text(`charts.${name}`);
			const choose = (filter: CallFilter) => this.#choose(filter);
			return new ChartView(ui, store, { name, heading, empty: text('charts.empty'), choose, eager });
		};
		this.#time = chart('time', true);
		this.#models = chart('model', false);
		this.#sources = new SourceList(ui, () => navigate.to('sources'));
		this.#compared.hidden = true;
		const figures = el(
			'div',
			{ class: 'figures-area' },
			this.#cards.element,
			this.#compared,
			el('div', { class: 'costliest-pair' }, this.#calls.element, this.#tasks.element),
			el('div', { class: 'charts' }, this.#time.element, this.#models.element),
		);
		this.scroller = el('div', { class: 'scroller' }, this.#problem, figures, this.#instead, this.#sources.element);
		this.element = el(
			'main',
			{ class: 'overview', tabindex: '-1', 'aria-label': text('page.overview') },
			this.scroller,
		);
	}

	start(): Promise<void> {
		return this.#renewal.start();
	}

	changed(): void {
		this.#renewal.soon();
	}

	setHostState(state: HostState): void {
		if (state.sampleRunning === this.#sampleRunning) return;
		this.#sampleRunning = state.sampleRunning;
		this.#showInstead();
	}

	/** What is known of the agents. */
	showSources(view: SourcesView): void {
		this.#sources.show(view);
	}

	focus(): void {
		this.element.focus();
	}

	redraw(): void {
		this.#time.redraw();
		this.#models.redraw();
	}

	leave(): void {
		this.#renewal.stop();
	}

	async #load(isCurrent: () => boolean): Promise<void> {
		const { link, format } = this.#ui;
		const choice = this.#store.state.range;
		try {
			const nowMs = this.#ui.now();
			const before = periodBefore(choice, nowMs, format.timeZone);
			const range = rangeOf(choice, nowMs, format.timeZone);
			const counting = shownRange(this.#ui, choice, nowMs).then(async (shown) => {
				const granularity = granularityFor(shown);
				const question = { range: shown, granularity, timeZone: format.timeZone };
				return { shown, granularity, counted: await link.request({ kind: 'series', ...question }) };
			});
			const [overview, { shown, granularity, counted }] = await Promise.all([
				link.request({
					kind: 'overview',
					...(range === null ? {} : { range }),
					...(before === null ? {} : { before }),
				}),
				counting,
			]);
			const any = overview.totals.calls > 0 || (await firstCallMs(this.#ui)) !== null;
			if (!isCurrent()) return;
			this.#shown = shown;
			this.#content = overview.totals.calls > 0 ? 'calls' : any ? 'empty-range' : 'empty';
			this.#showInstead();
			this.#problem.replaceChildren();
			this.#show(overview, { counted, granularity, shown, before });
		} catch (error) {
			this.#ui.report(error);
			if (!isCurrent()) return;
			this.#time.fail();
			this.#models.fail();
			this.#problem.replaceChildren(retryNotice(text('charts.failed'), () => void this.start()));
		}
	}

	#show(
		overview: Overview,
		{
			counted,
			granularity,
			shown,
			before,
		}: {
			counted: SeriesBucket[];
			granularity: ReturnType<typeof granularityFor>;
			shown: TimeRange;
			before: TimeRange | null;
		},
	): void {
		const { format } = this.#ui;
		const { totals, byModel } = overview;
		this.#showBefore(totals, overview.before, before);
		this.#calls.showCalls(overview.costliestCalls, totals, ({ callId }) =>
			this.#navigate.to('prompts', { filter: {}, callId }),
		);
		this.#tasks.showTasks(overview.costliestTasks, totals, shown, (task) => {
			// Its figures are of the whole task, and so are the calls that they lead to.
			const filter = { sessionId: task.sessionId };
			this.#navigate.to('prompts', { filter, ...(isWithin(task, shown) ? {} : { range: 'all' }) });
		});
		const billing = drawnBilling(totals);
		const ranked = rankModels(byModel, billing);
		const buckets = bucketsIn(shown, granularity, format.timeZone);
		this.#time.show(costOverTime(format, { buckets, granularity, counted, ranked, billing }));
		this.#models.show(costByModel(format, { groups: byModel, ranked, billing }));
	}

	/** @param span what the figures are compared with; `null`: nothing */
	#showBefore(totals: Totals, before: Totals | null, span: TimeRange | null): void {
		const name = span === null ? '' : text('overview.before.span', { span: this.#ui.format.span(span) });
		const comparable = before !== null && before.calls > 0;
		this.#cards.show(totals, comparable ? { totals: before, name } : null);
		this.#compared.hidden = before === null;
		setText(this.#compared, comparable ? beforeText(this.#store.state.range) : text('overview.before.none'));
		setAttribute(this.#compared, 'title', name);
	}

	/** Shows the calls that a bar stands for. */
	#choose({ range, ...filter }: CallFilter): void {
		const { timeZone } = this.#ui.format;
		const within = range === undefined || this.#shown === null ? null : choiceWithin(range, this.#shown, timeZone);
		this.#navigate.to('prompts', { filter, ...(within === null ? {} : { range: within }) });
	}

	#showInstead(): void {
		setAttribute(this.element, 'data-content', this.#content);
		if (this.#content === 'calls') this.#instead.replaceChildren();
		else if (this.#content === 'empty') this.#instead.replaceChildren(emptyScreen(this.#ui, this.#sampleRunning));
		else this.#instead.replaceChildren(emptyRange(() => this.#navigate.to('overview', { range: 'all' })));
	}
}

function beforeText(choice: RangeChoice): string {
	if (choice === 'today' || choice === '7d' || choice === '30d') return text(`overview.before.${choice}`);
	return text('overview.before.dates');
}
