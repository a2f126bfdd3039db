import type { HostState, Notice } from '../src/protocol/messages.ts';
import type { SourcesView } from '../src/protocol/sources.ts';
import { button, el, setAttribute } from './dom.ts';
import { Format } from './format.ts';
import { icon } from './icons.ts';
import { readOnlyNotice, setAsideNotice } from './notices.ts';
import { RangeSelector } from './range-selector.ts';
import { failedScreen, loadingScreen } from './screens.ts';
import { ImportStrip } from './sources/import-strip.ts';
import { SourcesPage } from './sources/sources-page.ts';
import type { Page } from './state.ts';
import type { Store } from './store.ts';
import { text } from './strings.ts';
import type { Ui } from './ui.ts';
import { UsagePage } from './usage-page.ts';

/** The frame of the panel: toolbar, notices, and the page or what stands in its place. */
export class App {
	readonly element: HTMLElement;
	readonly #ui: Ui;
	readonly #store: Store;
	readonly #range: RangeSelector;
	readonly #running: HTMLElement;
	readonly #notices = el('div', { class: 'notices' });
	readonly #content = el('div', { class: 'content' });
	readonly #strip: ImportStrip;
	readonly #sources: SourcesPage;
	readonly #sourcesButton: HTMLElement;
	#page: UsagePage | null = null;
	#state: HostState | null = null;
	#noticesShown = '';
	#sourcesView: SourcesView | null = null;

	constructor(ui: Ui, store: Store) {
		this.#ui = ui;
		this.#store = store;
		this.#range = new RangeSelector(store.state.range, (range) => {
			this.#page?.choose(range);
		});
		this.#running = el(
			'span',
			{ class: 'running', role: 'status' },
			el('vscode-progress-ring', { 'aria-hidden': 'true' }),
			el('span', { text: text('sample.running') }),
		);
		this.#running.hidden = true;
		this.#strip = new ImportStrip(ui, false);
		this.#sources = new SourcesPage(ui, () => this.#turnTo('usage'));
		this.#sourcesButton = button(text('sources.open'), () =>
			this.#turnTo(store.state.page === 'sources' ? 'usage' : 'sources'),
		);
		const toolbar = el(
			'header',
			{ class: 'toolbar' },
			el('h1', { text: text('title') }),
			this.#running,
			this.#range.element,
			this.#sourcesButton,
			button(text('settings'), () => ui.run('openSettings'), { appearance: 'icon', icon: icon('gear') }),
		);
		this.#content.append(loadingScreen());
		this.element = el(
			'div',
			{ class: 'app' },
			toolbar,
			this.#notices,
			this.#strip.element,
			this.#content,
			ui.announcer,
		);
		ui.link.onNotice((notice) => this.#onNotice(notice));
	}

	#onNotice(notice: Notice): void {
		switch (notice.kind) {
			case 'changed':
				this.#page?.changed(notice.revision);
				return;
			case 'state':
				this.#show(notice.state);
				return;
			case 'sources':
				this.#showSources(notice.sources);
				return;
			case 'page':
				this.#turnTo(notice.page);
		}
	}

	#showSources(view: SourcesView): void {
		this.#sourcesView = view;
		this.#sources.show(view);
		this.#showStrip();
	}

	/** The Sources section has a strip of its own. */
	#showStrip(): void {
		if (this.#sourcesView !== null) this.#strip.show(this.#sourcesView);
		if (this.#store.state.page === 'sources') this.#strip.element.hidden = true;
	}

	/** Shows another page, and takes the focus there. */
	#turnTo(page: Page): void {
		if (page === this.#store.state.page) return;
		this.#store.change({ kind: 'page', page });
		if (this.#state !== null) this.#show(this.#state);
		if (page === 'sources') this.#sources.focus();
		else this.#sourcesButton.focus();
	}

	#show(state: HostState): void {
		const before = this.#state;
		this.#state = state;
		const { format } = this.#ui;
		if (before?.locale !== state.locale || before.timeZone !== state.timeZone) {
			this.#ui.format = new Format(state.locale, state.timeZone);
		}
		this.#running.hidden = !state.sampleRunning;
		this.#showNotices(state);
		const sources = this.#store.state.page === 'sources';
		setAttribute(this.#sourcesButton, 'aria-pressed', sources ? 'true' : 'false');
		this.#range.element.hidden = sources;
		this.#showStrip();
		if (sources) {
			if (this.#sources.element.parentElement === null) this.#content.replaceChildren(this.#sources.element);
			return;
		}
		if (state.ledger === 'starting') this.#leavePage(loadingScreen());
		else if (state.ledger === 'failed' && !state.readable) this.#leavePage(failedScreen(this.#ui, state.problem));
		else this.#enterPage(state, format.timeZone !== this.#ui.format.timeZone);
	}

	#enterPage(state: HostState, zoneChanged: boolean): void {
		if (this.#page === null) {
			this.#page = new UsagePage(this.#ui, this.#store, (range) => this.#range.show(range));
			this.#content.replaceChildren(this.#page.element);
			void this.#page.start();
		} else if (this.#page.element.parentElement === null) {
			this.#content.replaceChildren(this.#page.element);
			void this.#page.start();
		} else if (zoneChanged) void this.#page.start();
		this.#page.setHostState(state);
	}

	#leavePage(screen: HTMLElement): void {
		this.#content.replaceChildren(screen);
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
