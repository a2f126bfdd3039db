import { el } from '../dom.ts';
import type { Navigate, PageView } from '../page.ts';
import type { Store } from '../store.ts';
import { text } from '../strings.ts';
import type { Ui } from '../ui.ts';

/** What calls cost, how long they took, and by whom they were made, over time. */
export class AnalyticsPage implements PageView {
	readonly element = el('main', { class: 'analytics', tabindex: '-1', 'aria-label': text('page.analytics') });

	constructor(_ui: Ui, _store: Store, _navigate: Navigate) {}

	async start(): Promise<void> {}

	changed(): void {}

	setHostState(): void {}

	focus(): void {
		this.element.focus();
	}

	redraw(): void {}

	leave(): void {}
}
