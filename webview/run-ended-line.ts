import type { RunLine } from '../src/protocol/messages.ts';
import { button, el } from './dom.ts';
import { icon } from './icons.ts';
import { runFigures } from './run-figures.ts';
import { text } from './strings.ts';
import type { Ui } from './ui.ts';

/**
 * The compact summary of the run that ended last, at the foot of every page until it is closed. The region is there from
 * the start, so that screen readers tell of what comes into it.
 */
export class RunEndedLine {
	readonly element = el('div', { class: 'run-ended', role: 'status' });
	readonly #ui: Ui;
	readonly #open: (run: RunLine) => void;

	/** @param open someone wants to see the calls of the run */
	constructor(ui: Ui, open: (run: RunLine) => void) {
		this.#ui = ui;
		this.#open = open;
	}

	show(run: RunLine): void {
		const title = run.title === null ? text('runEnded.title') : text('runEnded.named', { title: run.title });
		this.element.replaceChildren(
			el('strong', { class: 'run-ended-title', dir: 'auto', title, text: title }),
			runFigures(this.#ui, run),
			el(
				'div',
				{ class: 'run-ended-actions' },
				button(text('runEnded.open'), () => {
					this.#close();
					this.#open(run);
				}),
				button(text('close'), () => this.#close(), { appearance: 'icon', icon: icon('close') }),
			),
		);
	}

	#close(): void {
		this.element.replaceChildren();
	}
}
