import { type PanelPage, panelPages } from '../src/protocol/pages.ts';
import { el, setAttribute } from './dom.ts';
import { type IconName, icon } from './icons.ts';
import type { Store } from './store.ts';
import { text } from './strings.ts';

const icons: Record<PanelPage, IconName> = {
	overview: 'overview',
	prompts: 'prompts',
	analytics: 'chart',
	diagnostics: 'pulse',
	sources: 'plug',
};

/** Below this width the sidebar shows icons alone, unless it was opened. */
const roomForWords = '(min-width: 900px)';
/** Below this width it lies across the top. */
const roomAtSide = '(min-width: 521px)';

/** The way from page to page: beside them with words, beside them as icons, or above them. */
export class Sidebar {
	readonly element: HTMLElement;
	readonly #store: Store;
	readonly #links = new Map<PanelPage, HTMLButtonElement>();
	readonly #toggle: HTMLButtonElement;
	readonly #wide = matchMedia(roomForWords);
	readonly #side = matchMedia(roomAtSide);

	constructor(store: Store, go: (page: PanelPage) => void) {
		this.#store = store;
		const list = el('ul', { class: 'sidebar-pages' });
		for (const page of panelPages) {
			const link = el(
				'button',
				{ type: 'button', class: 'sidebar-page', 'data-page': page },
				icon(icons[page]),
				el('span', { class: 'sidebar-word', text: text(`page.${page}`) }),
			);
			link.addEventListener('click', () => go(page));
			this.#links.set(page, link);
			list.append(el('li', { class: page === 'sources' ? 'sidebar-foot' : null }, link));
		}
		this.#toggle = el('button', { type: 'button', class: 'sidebar-toggle' }, icon('sidebar'));
		this.#toggle.addEventListener('click', () => {
			store.change({ kind: 'sidebar', sidebar: this.#open ? 'collapsed' : 'open' });
			this.#layOut();
		});
		this.element = el('nav', { class: 'sidebar', 'aria-label': text('pages.label') }, this.#toggle, list);
		for (const query of [this.#wide, this.#side]) query.addEventListener('change', () => this.#layOut());
		this.show(store.state.page);
		this.#layOut();
	}

	/** Marks the page that is in sight. */
	show(page: PanelPage): void {
		for (const [each, link] of this.#links) setAttribute(link, 'aria-current', each === page ? 'page' : null);
	}

	get #open(): boolean {
		const { sidebar } = this.#store.state;
		return sidebar === null ? this.#wide.matches : sidebar === 'open';
	}

	#layOut(): void {
		const open = this.#open;
		setAttribute(this.element, 'data-form', this.#side.matches ? (open ? 'words' : 'icons') : 'bar');
		const label = text(open ? 'sidebar.collapse' : 'sidebar.open');
		setAttribute(this.#toggle, 'aria-label', label);
		setAttribute(this.#toggle, 'aria-expanded', open ? 'true' : 'false');
		this.#toggle.title = label;
		for (const [page, link] of this.#links) link.title = open && this.#side.matches ? '' : text(`page.${page}`);
	}
}
