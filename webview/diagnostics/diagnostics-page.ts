import { el } from '../dom.ts';
import type { Navigate, PageView } from '../page.ts';
import type { Store } from '../store.ts';
import { text } from '../strings.ts';
import type { Ui } from '../ui.ts';

/** Each call of a run as its diagnostics tell of it. */
export class DiagnosticsPage implements PageView {
	readonly element = el('main', { class: 'diagnostics', tabindex: '-1', 'aria-label': text('page.diagnostics') });

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
