import type { Analytics, CallFilter, Granularity, TimeRange } from '../../src/core/views.ts';
import type { HostState } from '../../src/protocol/messages.ts';
import { ChartView } from '../charts/chart-view.ts';
import { drawnBilling, rankModels } from '../charts/cost-figures.ts';
import { costOverTime } from '../charts/cost-over-time.ts';
import { SortableTable } from '../charts/sortable-table.ts';
import type { Sort } from '../charts/sorted.ts';
import { el, setAttribute, setText } from '../dom.ts';
import { SummaryCards } from '../overview/summary-cards.ts';
import type { Navigate, PageView } from '../page.ts';
import { type FacetOptions, facetOptions } from '../prompts/facet-options.ts';
import { Renewal } from '../renewal.ts';
import { emptyFilter, emptyRange, emptyScreen, retryNotice } from '../screens.ts';
import { firstCallMs, shownRange } from '../shown-range.ts';
import type { Store } from '../store.ts';
import { type StringKey, text } from '../strings.ts';
import { choiceWithin } from '../time-range.ts';
import type { Ui } from '../ui.ts';
import type { AnalyticsFilter } from './analytics-state.ts';
import { callsOverTime } from './calls-over-time.ts';
import { FilterBar } from './filter-bar.ts';
import { offeredFor, usedFor } from './granularities.ts';
import { agentTable, folderTable, modelTable } from './group-tables.ts';
import { latencyHistogram } from './latency-histogram.ts';
import { latencyOverTime } from './latency-over-time.ts';
import { tokensOverTime } from './tokens-over-time.ts';

/** Figures are renewed at most this often while calls stream in. */
const figuresEveryMs = 1000;
const charts = ['time', 'calls', 'latency', 'histogram', 'tokens'] as const;
type ChartName = (typeof charts)[number];
const tables = ['models', 'agents', 'folders'] as const;
type TableName = (typeof tables)[number];
const costliestFirst: Sort = { column: 'cost_usd', descending: true };

/** What calls cost, how long they took, and by whom they were made, over time: each figure a way to its calls. */
export class AnalyticsPage implements PageView {
	readonly element: HTMLElement;
	readonly scroller: HTMLElement;
	readonly #ui: Ui;
	readonly #store: Store;
	readonly #navigate: Navigate;
	readonly #bar: FilterBar;
	readonly #cards: SummaryCards;
	readonly #charts: Record<ChartName, ChartView>;
	readonly #tables: Record<TableName, SortableTable>;
	readonly #problem = el('div', { class: 'problems' });
	readonly #instead = el('div', { class: 'instead' });
	readonly #pricesAsOf = el('p', { class: 'subtle' });
	readonly #renewal = new Renewal((isCurrent) => this.#load(isCurrent), figuresEveryMs);
	#facets: FacetOptions | null = null;
	#range: TimeRange | null = null;
	#recorded = true;
	#sampleRunning = false;

	constructor(ui: Ui, store: Store, navigate: Navigate) {
		this.#ui = ui;
		this.#store = store;
		this.#navigate = navigate;
		this.#bar = new FilterBar(ui, {
			filter: (filter) => this.#filter(filter),
			granularity: (granularity) => {
				store.change({ kind: 'analytics', change: { granularity } });
				void this.start();
			},
			calls: () => {
				const { filter } = store.state.analytics;
				return this.#range === null ? filter : { ...filter, range: this.#range };
			},
		});
		this.#cards = new SummaryCards(ui, ['calls', 'cost', 'latency', 'tokens', 'errors']);
		this.#charts = {
			time: this.#chart('time', 'charts.empty'),
			calls: this.#chart('calls', 'analytics.none'),
			latency: this.#chart('latency', 'analytics.latency.empty'),
			histogram: this.#chart('histogram', 'analytics.latency.empty'),
			tokens: this.#chart('tokens', 'analytics.tokens.empty'),
		};
		this.#tables = { models: this.#table('models'), agents: this.#table('agents'), folders: this.#table('folders') };
		const figures = el(
			'div',
			{ class: 'figures-area' },
			this.#cards.element,
			el('div', { class: 'charts analytics-charts' }, ...charts.map((name) => this.#charts[name].element)),
			el('div', { class: 'analytics-tables' }, ...tables.map((name) => this.#tables[name].element)),
			this.#pricesAsOf,
		);
		this.scroller = el('div', { class: 'scroller' }, this.#bar.element, this.#problem, figures, this.#instead);
		this.element = el(
			'main',
			{ class: 'analytics', tabindex: '-1', 'aria-label': text('page.analytics') },
			this.scroller,
		);
		this.#bar.show(store.state.analytics.filter, null);
	}

	start(): Promise<void> {
		return this.#renewal.start();
	}

	changed(): void {
		this.#renewal.soon();
	}

	setHostState({ sampleRunning, pricesAsOf }: HostState): void {
		const date = this.#ui.format.dates({ fromDate: pricesAsOf, toDate: pricesAsOf });
		setText(this.#pricesAsOf, text('analytics.pricesAsOf', { date }));
		if (sampleRunning === this.#sampleRunning) return;
		this.#sampleRunning = sampleRunning;
		if (!this.#recorded) this.#showInstead(0);
	}

	focus(): void {
		this.element.focus();
	}

	redraw(): void {
		for (const name of charts) this.#charts[name].redraw();
	}

	leave(): void {
		this.#renewal.stop();
	}

	#chart(name: ChartName, empty: StringKey): ChartView {
		return new ChartView(this.#ui, this.#store, {
			name: `analytics-${name}`,
			heading: text(`analytics.${name}`),
			empty: text(empty),
			choose: (filter) => this.#choose(filter),
			eager: name === 'time',
		});
	}

	#table(name: TableName): SortableTable {
		return new SortableTable(this.#ui, {
			name,
			heading: text(`analytics.${name}`),
			sort: this.#store.state.analytics.sorts[name] ?? costliestFirst,
			onSort: (sort) => {
				const { sorts } = this.#store.state.analytics;
				this.#store.change({ kind: 'analytics', change: { sorts: { ...sorts, [name]: sort } } });
			},
			choose: (filter) => this.#choose(filter),
		});
	}

	#filter(filter: AnalyticsFilter): void {
		this.#store.change({ kind: 'analytics', change: { filter } });
		this.#bar.show(filter, this.#facets);
		void this.start();
	}

	async #load(isCurrent: () => boolean): Promise<void> {
		const { link, format } = this.#ui;
		const { range: choice, analytics: chosen } = this.#store.state;
		try {
			const range = await shownRange(this.#ui, choice, this.#ui.now());
			const granularity = usedFor(chosen.granularity, range);
			const { filter } = chosen;
			const [analytics, facets] = await Promise.all([
				link.request({ kind: 'analytics', filter, range, granularity, timeZone: format.timeZone }),
				facetOptions(link, { ...filter, range }),
			]);
			const recorded = analytics.totals.calls > 0 || (await firstCallMs(this.#ui)) !== null;
			if (!isCurrent()) return;
			this.#recorded = recorded;
			this.#facets = facets;
			this.#range = range;
			this.#bar.show(filter, facets);
			this.#bar.showGranularity(chosen.granularity, granularity, offeredFor(range));
			this.#problem.replaceChildren();
			this.#show(analytics, granularity);
		} catch (error) {
			this.#ui.report(error);
			if (!isCurrent()) return;
			for (const name of charts) this.#charts[name].fail();
			for (const name of tables) this.#tables[name].say(text('charts.failed'));
			this.#problem.replaceChildren(retryNotice(text('charts.failed'), () => void this.start()));
		}
	}

	#show({ totals, byModel, byAgent, byFolder, buckets, latencyBars }: Analytics, granularity: Granularity): void {
		const { format } = this.#ui;
		this.#showInstead(totals.calls);
		this.#cards.show(totals);
		const billing = drawnBilling(totals);
		const ranked = rankModels(byModel, billing);
		const { time, calls, latency, histogram, tokens } = this.#charts;
		time.show(costOverTime(format, { buckets, granularity, counted: buckets, ranked, billing }));
		calls.show(callsOverTime(format, { buckets, granularity, billing }));
		latency.show(latencyOverTime(format, { buckets, granularity, totals }));
		histogram.show(latencyHistogram(format, latencyBars));
		tokens.show(tokensOverTime(format, { buckets, granularity }));
		const { models, agents, folders } = this.#tables;
		models.show(modelTable(format, byModel));
		agents.show(agentTable(format, byAgent));
		folders.show(folderTable(format, byFolder));
	}

	/** Where no call passes, and what to do about it. */
	#showInstead(calls: number): void {
		setAttribute(this.element, 'data-content', calls > 0 ? 'calls' : 'empty');
		if (calls > 0) {
			this.#instead.replaceChildren();
			return;
		}
		this.#instead.replaceChildren(this.#emptyScreen());
	}

	#emptyScreen(): HTMLElement {
		if (!this.#recorded) return emptyScreen(this.#ui, this.#sampleRunning);
		if (Object.keys(this.#store.state.analytics.filter).length === 0)
			return emptyRange(() => this.#navigate.to('analytics', { range: 'all' }));
		return emptyFilter(text('analytics.none'), text('analytics.clear'), () => this.#filter({}));
	}

	/** Shows the calls that a bar, a row or an entry of a key stands for: among those that the page is about. */
	#choose({ range, ...filter }: CallFilter): void {
		const chosen = this.#store.state.analytics.filter;
		const within =
			range === undefined || this.#range === null ? null : choiceWithin(range, this.#range, this.#ui.format.timeZone);
		this.#navigate.to('prompts', {
			filter: { ...chosen, ...filter },
			...(within === null ? {} : { range: within }),
		});
	}
}
