import type { SourcesView } from '../../src/protocol/sources.ts';
import { button, el, setAttribute, setText } from '../dom.ts';
import { text } from '../strings.ts';
import type { Ui } from '../ui.ts';

/** How far an import is, and the way to stop it; or that it was stopped, and the way to go on. Empty otherwise. */
export class ImportStrip {
	readonly element = el('div', { class: 'import-strip' });
	readonly #ui: Ui;
	readonly #bar = el('progress', { 'aria-label': text('sources.progress') });
	readonly #words = el('span', { class: 'import-words' });
	readonly #stop: HTMLElement;
	readonly #resume: HTMLElement;
	/** Whether an import that was stopped is told of too. */
	readonly #tellsHeld: boolean;

	constructor(ui: Ui, tellsHeld: boolean) {
		this.#ui = ui;
		this.#tellsHeld = tellsHeld;
		this.#stop = button(text('sources.stop'), () => ui.run('stopImport'));
		this.#resume = button(text('sources.resume'), () => ui.run('importNow'));
		this.element.append(this.#bar, this.#words, this.#stop, this.#resume);
		this.element.hidden = true;
	}

	show({ progress, held }: SourcesView): void {
		const { format } = this.#ui;
		const isHeld = held && this.#tellsHeld;
		this.element.hidden = progress === null && !isHeld;
		this.#bar.hidden = progress === null;
		this.#stop.hidden = progress === null || held;
		this.#resume.hidden = !isHeld;
		if (progress === null) {
			setText(this.#words, isHeld ? text('sources.held') : '');
			return;
		}
		setAttribute(this.#bar, 'max', Math.max(1, progress.total));
		setAttribute(this.#bar, 'value', progress.done);
		const [done, total] = [format.count(progress.done), format.count(progress.total)];
		setText(this.#words, text('sources.reading', { done, total }));
	}
}
