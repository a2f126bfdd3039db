import type { SourceScope, SourcesView, SourceView } from '../../src/protocol/sources.ts';
import { button, el, setAttribute, setText } from '../dom.ts';
import type { PageView } from '../page.ts';
import { plural, text } from '../strings.ts';
import type { Ui } from '../ui.ts';
import { ImportStrip } from './import-strip.ts';
import { SourceCard } from './source-card.ts';

const scopes: readonly SourceScope[] = ['thisWorkspace', 'allProjects'];

/** Each agent that calls are recorded of, how far the import is, and what is recorded at all. */
export class SourcesPage implements PageView {
	readonly element: HTMLElement;
	readonly scroller: HTMLElement;
	readonly #ui: Ui;
	readonly #heading = el('h2', { tabindex: '-1', text: text('sources.title') });
	readonly #strip: ImportStrip;
	readonly #notice = el('p', { class: 'notice', 'data-kind': 'warning', role: 'status' });
	readonly #scopes = new Map<SourceScope, HTMLElement>();
	readonly #history = el('span', { class: 'source-history' });
	readonly #everything: HTMLElement;
	readonly #found = el('ul', { class: 'source-list', 'aria-label': text('sources.found') });
	readonly #missing = el('ul', { class: 'source-list' });
	readonly #missingPart: HTMLDetailsElement;
	readonly #instead = el('p', { class: 'placeholder-text', role: 'status' });
	readonly #cards = new Map<string, SourceCard>();
	#view: SourcesView | null = null;
	#timer: ReturnType<typeof setInterval> | undefined;

	/** @param close the reader has seen enough */
	constructor(ui: Ui, close: () => void) {
		this.#ui = ui;
		this.#strip = new ImportStrip(ui, true);
		this.#everything = button(text('sources.importAll'), () => ui.run('importAllHistory'));
		const scope = el('div', { class: 'range', role: 'group', 'aria-label': text('sources.scope') });
		for (const each of scopes) {
			const element = button(text(`sources.scope.${each}`), () => this.#choose(each));
			this.#scopes.set(each, element);
			scope.append(element);
		}
		this.#missingPart = el('details', { class: 'source-missing' }, el('summary'), this.#missing);
		this.element = el(
			'main',
			{ class: 'sources' },
			el('div', { class: 'sources-head' }, this.#heading),
			el('p', { class: 'subtle', text: text('sources.intro') }),
			el(
				'div',
				{ class: 'sources-choices' },
				el('span', { text: text('sources.scope') }),
				scope,
				this.#history,
				this.#everything,
				button(text('sources.importNow'), () => ui.run('importNow')),
			),
			this.#notice,
			this.#strip.element,
			this.#instead,
			this.#found,
			this.#missingPart,
		);
		this.scroller = this.element;
		this.element.addEventListener('keydown', (event) => {
			if (event.key === 'Escape') close();
		});
		this.#notice.hidden = true;
	}

	async start(): Promise<void> {
		this.leave();
		this.#showAgain();
		// “2 min. ago” is to stay right.
		this.#timer = setInterval(() => {
			if (!document.hidden) this.#showAgain();
		}, 30_000);
	}

	/** It is told of the agents by `showSources`, not of the ledger. */
	changed(): void {}

	setHostState(): void {}

	redraw(): void {}

	leave(): void {
		clearInterval(this.#timer);
	}

	focus(): void {
		this.#heading.focus();
	}

	showSources(view: SourcesView): void {
		this.#view = view;
		this.#strip.show(view);
		this.#showChoices(view);
		this.#showNotice(view);
		const isMissing = ({ state, live }: SourceView) => state === 'notFound' && live !== 'attached';
		const found = view.sources.filter((source) => !isMissing(source));
		const missing = view.sources.filter(isMissing);
		this.#place(this.#found, found);
		this.#place(this.#missing, missing);
		this.#missingPart.hidden = missing.length === 0;
		const summary = this.#missingPart.firstElementChild;
		const names = missing.map(({ title }) => title).join(', ');
		if (summary !== null) setText(summary, text('sources.missing', { names }));
		this.#instead.hidden = found.length > 0;
		setText(this.#instead, text(view.sources.length === 0 ? 'sources.looking' : 'sources.none'));
	}

	#showAgain(): void {
		if (this.#view !== null) this.showSources(this.#view);
	}

	#place(list: HTMLElement, sources: readonly SourceView[]): void {
		const nowMs = this.#ui.now();
		const elements = sources.map((source) => {
			const card = this.#cards.get(source.id) ?? this.#newCard(source);
			card.update(source, nowMs);
			return card.element;
		});
		// Moved only when it has to be: a moved element loses the focus.
		const same = elements.length === list.children.length && elements.every((each, at) => list.children[at] === each);
		if (!same) list.replaceChildren(...elements);
		list.hidden = sources.length === 0;
	}

	#newCard(source: SourceView): SourceCard {
		const { id, title } = source;
		const card = new SourceCard(this.#ui, source, (on) => {
			this.#ui.announce(text(on ? 'sources.switchedOn' : 'sources.switchedOff', { agent: title }));
			this.#ui.link.request({ kind: 'setSource', id, on }).catch((error: unknown) => this.#failed(error));
		});
		this.#cards.set(id, card);
		return card;
	}

	#choose(scope: SourceScope): void {
		this.#ui.link.request({ kind: 'setScope', scope }).catch((error: unknown) => this.#failed(error));
	}

	#failed(error: unknown): void {
		this.#ui.report(error);
		for (const card of this.#cards.values()) card.reset();
		if (this.#view !== null) this.showSources(this.#view);
		this.#ui.announce(text('sources.notChanged'));
		this.#notice.hidden = false;
		setText(this.#notice, text('sources.notChanged'));
	}

	#showChoices({ scope, metadataDays, contentDays }: SourcesView): void {
		for (const [each, element] of this.#scopes) {
			setAttribute(element, 'appearance', each === scope ? 'primary' : 'secondary');
			setAttribute(element, 'aria-pressed', each === scope ? 'true' : 'false');
		}
		const everything = metadataDays === null && contentDays === null;
		this.#everything.hidden = everything;
		const days = (count: number | null) => plural('sources.days', count ?? 0, this.#ui.format.count(count));
		setText(
			this.#history,
			everything
				? text('sources.history.all')
				: text('sources.history.limited', { days: days(metadataDays), contentDays: days(contentDays) }),
		);
	}

	#showNotice({ failed, hasFolder, scope }: SourcesView): void {
		const key = failed ? 'sources.failed' : !hasFolder && scope === 'thisWorkspace' ? 'sources.noFolder' : null;
		this.#notice.hidden = key === null;
		if (key !== null) setText(this.#notice, text(key));
	}
}
