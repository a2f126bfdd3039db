import type { RunLine } from '../src/protocol/messages.ts';
import { button, el } from './dom.ts';
import { icon } from './icons.ts';
import { runFigures } from './run-figures.ts';
import { text } from './strings.ts';
import type { Ui } from './ui.ts';

export interface RunEndedEvents {
	/** Someone wants to see the calls of the run. */
	open(run: RunLine): void;
	/** Someone has seen it. */
	closed(run: RunLine): void;
}

/**
 * The compact summary of the run that ended last, at the foot of every page until it is closed. The region is there from
 * the start, so that screen readers tell of what comes into it.
 */
export class RunEndedLine {
	readonly element = el('div', { class: 'run-ended', role: 'status' });
	readonly #ui: Ui;
	readonly #events: RunEndedEvents;

	constructor(ui: Ui, events: RunEndedEvents) {
		this.#ui = ui;
		this.#events = events;
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
					this.#close(run);
					this.#events.open(run);
				}),
				button(text('close'), () => this.#close(run), { appearance: 'icon', icon: icon('close') }),
			),
		);
	}

	#close(run: RunLine): void {
		this.element.replaceChildren();
		this.#events.closed(run);
	}
}
