import type { HostState, Notice, RunLine } from '../src/protocol/messages.ts';
import type { PanelPage } from '../src/protocol/pages.ts';
import type { SourcesView } from '../src/protocol/sources.ts';
import { AnalyticsPage } from './analytics/analytics-page.ts';
import { onThemeChange } from './charts/theme.ts';
import { DiagnosticsPage } from './diagnostics/diagnostics-page.ts';
import { button, el, setText } from './dom.ts';
import { Format } from './format.ts';
import { icon } from './icons.ts';
import { readOnlyNotice, setAsideNotice } from './notices.ts';
import { OverviewPage } from './overview/overview-page.ts';
import type { Navigate, PageChange, PageView } from './page.ts';
import { PromptsPage } from './prompts/prompts-page.ts';
import { RangeSelector } from './range-selector.ts';
import { RunEndedLine } from './run-ended-line.ts';
import { failedScreen, loadingScreen } from './screens.ts';
import { Sidebar } from './sidebar.ts';
import { ImportStrip } from './sources/import-strip.ts';
import { SourcesPage } from './sources/sources-page.ts';
import type { Store } from './store.ts';
import { text } from './strings.ts';
import { rangeOf } from './time-range.ts';
import type { Ui } from './ui.ts';

/** How often it is looked whether “today” has become another day. */
const dayCheckMs = 1000;

/** The frame of the panel: sidebar, toolbar, notices, and the page or what stands in its place. */
export class App {
	readonly element: HTMLElement;
	readonly #ui: Ui;
	readonly #store: Store;
	readonly #range: RangeSelector;
	readonly #sidebar: Sidebar;
	readonly #heading = el('h1');
	readonly #running: HTMLElement;
	readonly #notices = el('div', { class: 'notices' });
	readonly #content = el('div', { class: 'content' });
	readonly #strip: ImportStrip;
	readonly #runEnded: RunEndedLine;
	readonly #views = new Map<PanelPage, PageView>();
	readonly #navigate: Navigate = { to: (page, change) => this.#go(page, change ?? {}) };
	/** The page that is in sight, and not a screen in its place. */
	#shown: PanelPage | null = null;
	#state: HostState | null = null;
	#noticesShown = '';
	#sources: SourcesView | null = null;
	#revision = -1;
	/** The ledger changed while the panel was hidden. */
	#missed = false;
	#rangeFrom = 0;

	constructor(ui: Ui, store: Store) {
		this.#ui = ui;
		this.#store = store;
		this.#range = new RangeSelector(ui, store.state.range, (range) => this.#go(store.state.page, { range }));
		this.#sidebar = new Sidebar(store, (page) => this.#go(page, {}));
		this.#running = el(
			'span',
			{ class: 'running', role: 'status' },
			el('vscode-progress-ring', { 'aria-hidden': 'true' }),
			el('span', { text: text('sample.running') }),
		);
		this.#running.hidden = true;
		this.#strip = new ImportStrip(ui, false);
		this.#runEnded = new RunEndedLine(ui, {
			open: ({ runId }) => this.#go('prompts', { range: 'all', filter: { sessionId: runId } }),
			closed: (run) => store.change({ kind: 'closeRun', run: runKey(run) }),
		});
		const toolbar = el(
			'header',
			{ class: 'toolbar' },
			this.#heading,
			this.#running,
			this.#range.element,
			button(text('settings'), () => ui.run('openSettings'), { appearance: 'icon', icon: icon('gear') }),
		);
		this.#content.append(loadingScreen());
		this.element = el(
			'div',
			{ class: 'app' },
			this.#sidebar.element,
			el('div', { class: 'frame' }, toolbar, this.#notices, this.#strip.element, this.#content, this.#runEnded.element),
			ui.announcer,
		);
		this.#showPageName();
		ui.link.onNotice((notice) => this.#onNotice(notice));
		document.addEventListener('visibilitychange', () => this.#onVisible());
		onThemeChange(() => this.#view?.redraw());
		setInterval(() => this.#checkDay(), dayCheckMs);
	}

	/** The page in sight. */
	get #view(): PageView | null {
		return this.#shown === null ? null : (this.#views.get(this.#shown) ?? null);
	}

	#onNotice(notice: Notice): void {
		switch (notice.kind) {
			case 'changed':
				this.#changed(notice.revision);
				return;
			case 'state':
				this.#setState(notice.state);
				return;
			case 'sources':
				this.#sources = notice.sources;
				for (const view of this.#views.values()) view.showSources?.(notice.sources);
				this.#showStrip();
				return;
			case 'page':
				this.#go(notice.page, {});
				if (notice.focus === 'search') this.#view?.focusSearch?.();
				return;
			case 'runEnded':
				if (notice.again !== true || runKey(notice.run) !== this.#store.state.closedRun)
					this.#runEnded.show(notice.run);
				return;
			case 'diagnostics':
				this.#view?.diagnosed?.(notice.params);
				return;
		}
	}

	#changed(revision: number): void {
		if (revision === this.#revision) return;
		this.#revision = revision;
		if (document.hidden) this.#missed = true;
		else this.#view?.changed(revision);
	}

	#onVisible(): void {
		if (document.hidden || !this.#missed) return;
		this.#missed = false;
		this.#view?.changed(this.#revision);
	}

	/** Goes to a page, which takes the focus if it is another one, and changes what the pages share. */
	#go(page: PanelPage, { range, filter, callId }: PageChange): void {
		const { state } = this.#store;
		const isOther = page !== state.page;
		if (range !== undefined) this.#store.change({ kind: 'range', range });
		if (filter !== undefined) this.#store.change({ kind: 'filter', filter });
		// What is searched for there may leave out what is gone to.
		if (filter !== undefined || callId !== undefined) this.#store.change({ kind: 'prompts', prompts: { search: '' } });
		if (callId !== undefined) this.#store.change({ kind: 'reveal', callId });
		if (isOther) this.#store.change({ kind: 'page', page });
		this.#range.show(this.#store.state.range);
		this.#showPageName();
		if (isOther) this.#showPage();
		else if (this.#store.state !== state) this.#restart();
		if (isOther) this.#view?.focus();
	}

	#setState(state: HostState): void {
		const before = this.#state;
		this.#state = state;
		const placeChanged = before?.locale !== state.locale || before.timeZone !== state.timeZone;
		if (placeChanged) {
			this.#ui.format = new Format(state.locale, state.timeZone);
			this.#range.show(this.#store.state.range);
		}
		this.#running.hidden = !state.sampleRunning;
		this.#showNotices(state);
		const shown = this.#shown;
		this.#showPage();
		if (shown !== this.#shown) return;
		this.#view?.setHostState(state);
		if (placeChanged) this.#restart();
	}

	/** Shows the chosen page, or what stands in its place while the ledger cannot be read. */
	#showPage(): void {
		const state = this.#state;
		if (state === null) return;
		const { page } = this.#store.state;
		// Where calls come from can be told without a ledger.
		if (page !== 'sources' && state.ledger === 'starting') this.#showInstead(loadingScreen());
		else if (page !== 'sources' && state.ledger === 'failed' && !state.readable)
			this.#showInstead(failedScreen(this.#ui, state.problem));
		else if (page !== this.#shown) {
			this.#view?.leave();
			this.#shown = page;
			const view = this.#viewOf(page);
			this.#content.replaceChildren(view.element);
			view.setHostState(state);
			this.#restart();
		}
	}

	#showInstead(screen: HTMLElement): void {
		this.#view?.leave();
		this.#shown = null;
		this.#content.replaceChildren(screen);
	}

	#restart(): void {
		const page = this.#shown;
		const view = this.#view;
		if (page === null || view === null) return;
		this.#rangeFrom = this.#fromMs();
		void view.start().then(() => {
			if (view.scroller !== undefined && page === this.#shown) {
				view.scroller.scrollTop = this.#store.state.tops[page] ?? 0;
			}
		});
	}

	#viewOf(page: PanelPage): PageView {
		const known = this.#views.get(page);
		if (known !== undefined) return known;
		const view = this.#newView(page);
		this.#views.set(page, view);
		if (this.#sources !== null) view.showSources?.(this.#sources);
		const { scroller } = view;
		scroller?.addEventListener('scrollend', () => {
			if (this.#shown === page) this.#store.change({ kind: 'top', page, top: scroller.scrollTop });
		});
		return view;
	}

	#newView(page: PanelPage): PageView {
		const ui = this.#ui;
		const store = this.#store;
		switch (page) {
			case 'overview':
				return new OverviewPage(ui, store, this.#navigate);
			case 'prompts':
				return new PromptsPage(ui, store, this.#navigate);
			case 'analytics':
				return new AnalyticsPage(ui, store, this.#navigate);
			case 'diagnostics':
				return new DiagnosticsPage(ui, store, this.#navigate);
			case 'sources':
				return new SourcesPage(ui, () => this.#go('overview', {}));
		}
	}

	#showPageName(): void {
		const { page } = this.#store.state;
		setText(this.#heading, text(`page.${page}`));
		this.#sidebar.show(page);
		this.#range.element.hidden = page === 'sources' || page === 'diagnostics';
		this.#showStrip();
	}

	/** The Sources page has a strip of its own. */
	#showStrip(): void {
		if (this.#sources !== null) this.#strip.show(this.#sources);
		if (this.#store.state.page === 'sources') this.#strip.element.hidden = true;
	}

	/** At midnight “today” is another range. */
	#checkDay(): void {
		if (document.hidden || this.#shown === null || this.#fromMs() === this.#rangeFrom) return;
		this.#restart();
	}

	#fromMs(): number {
		return rangeOf(this.#store.state.range, this.#ui.now(), this.#ui.format.timeZone)?.fromMs ?? 0;
	}

	/** What a person should know beside what the page shows. Written only when it changes, since it is read aloud. */
	#showNotices(state: HostState): void {
		const problem = state.ledger === 'failed' && state.readable ? (state.problem ?? text('failed.unknown')) : null;
		const setAside = state.setAside === this.#store.state.closedNotice ? null : state.setAside;
		const shown = JSON.stringify([problem, setAside]);
		if (shown === this.#noticesShown) return;
		this.#noticesShown = shown;
		this.#notices.replaceChildren();
		if (problem !== null) this.#notices.append(readOnlyNotice(this.#ui, problem));
		if (setAside === null) return;
		const close = () => {
			this.#store.change({ kind: 'closeNotice', notice: setAside });
			this.#showNotices(state);
		};
		this.#notices.append(setAsideNotice(this.#ui, setAside, close));
	}
}

/** A run that goes on after its end, and ends again, is another one to tell of. */
function runKey({ runId, summary }: RunLine): string {
	return `${summary.calls} ${runId}`;
}
