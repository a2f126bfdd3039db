import type { SourceView } from '../../src/protocol/sources.ts';
import { append, el, setAttribute, setText } from '../dom.ts';
import { icon } from '../icons.ts';
import { plural, type StringKey, text } from '../strings.ts';
import type { Ui } from '../ui.ts';
import { skippedCount, skippedList } from './skipped.ts';

/** An element of the toolkit, by the one property that is read. */
interface Checkbox extends HTMLElement {
	checked: boolean;
}

/** Marks that tell a state by their form too. */
const marks = {
	off: 'ban',
	notFound: 'question',
	reading: 'spinner',
	following: 'check',
	held: 'pause',
	waiting: 'warning',
	failed: 'warning',
	listening: 'check',
} as const;

/** What is worth knowing of an agent's records, by source. */
const notes: { readonly [source: string]: StringKey } = {
	'claude-code': 'sources.note.claude-code',
	otlp: 'sources.note.otlp',
};

/** One agent: its switch, how it stands, what it brought, and what of it was left out. Updated in place. */
export class SourceCard {
	readonly element: HTMLElement;
	readonly #ui: Ui;
	readonly #switch: Checkbox;
	readonly #state = el('span', { class: 'badge source-state' });
	readonly #facts = el('dl', { class: 'source-facts' });
	readonly #live = el('p', { class: 'source-live subtle' });
	readonly #note = el('p', { class: 'source-note subtle' });
	readonly #problem = el('p', { class: 'source-problem' });
	readonly #skipped = el('details', { class: 'source-details' }, el('summary'));
	readonly #places = el('details', { class: 'source-details' }, el('summary', { text: text('sources.places') }));
	#shown = '';
	/** What the user has pressed and the host has not confirmed yet. */
	#wanted: boolean | null = null;
	/** The toolkit tells of a change also when it was not the user's. */
	#setting = false;

	/** `onSwitch` is told what the user wants. */
	constructor(ui: Ui, { id, title }: SourceView, onSwitch: (on: boolean) => void) {
		this.#ui = ui;
		const heading = el('h3', { id: `source-${id}`, text: title });
		this.#switch = el(
			'vscode-checkbox',
			// The toolkit sets a label of its own, which this overrules.
			{ class: 'source-switch', 'aria-labelledby': `record-${id} source-${id}` },
			el('span', { id: `record-${id}`, text: text('sources.record') }),
		) as Checkbox;
		this.#switch.addEventListener('change', () => {
			if (this.#setting) return;
			this.#wanted = this.#switch.checked;
			onSwitch(this.#wanted);
		});
		this.element = el(
			'li',
			{ class: 'source', 'data-source': id, 'aria-labelledby': `source-${id}` },
			el('div', { class: 'source-head' }, heading, this.#state, this.#switch),
			this.#problem,
			this.#facts,
			this.#live,
			this.#note,
			this.#skipped,
			this.#places,
		);
	}

	/** The switch shows again what holds, not what was pressed. */
	reset(): void {
		this.#shown = '';
		this.#wanted = null;
	}

	update(source: SourceView, nowMs: number): void {
		const on = source.state !== 'off';
		const shown = JSON.stringify([source, Math.floor(nowMs / 10_000)]);
		if (shown === this.#shown) return;
		this.#shown = shown;
		this.#set(on);
		setAttribute(this.element, 'data-state', source.state);
		setAttribute(this.element, 'data-live', source.live);
		this.#state.replaceChildren(icon(marks[source.state]), text(`sources.state.${source.state}`));
		this.#state.title = text(`sources.state.${source.state}.hint`);
		this.#problem.hidden = source.problem === null;
		if (source.problem !== null) setText(this.#problem, text('sources.problem', { reason: source.problem }));
		this.#showFacts(source, nowMs);
		const live = on && source.live !== 'none' ? text(`sources.live.${source.live}`) : '';
		this.#live.hidden = live === '';
		setText(this.#live, live);
		const note = on && source.state !== 'notFound' ? notes[source.id] : undefined;
		this.#note.hidden = note === undefined;
		setText(this.#note, note === undefined ? '' : text(note));
		this.#showSkipped(source);
		this.#showPlaces(source);
	}

	#set(on: boolean): void {
		if (this.#wanted === on) this.#wanted = null;
		// News from before the press must not undo it.
		if (this.#wanted !== null || this.#switch.checked === on) return;
		this.#setting = true;
		this.#switch.checked = on;
		this.#setting = false;
	}

	#showFacts({ state, calls, sinceMs, lastSeenMs, unitsDone, unitsTotal }: SourceView, nowMs: number): void {
		// Of an agent that is not looked at nothing is known, and zeros would say otherwise.
		this.#facts.hidden = (state === 'off' || state === 'notFound') && calls === 0;
		const { format } = this.#ui;
		const records =
			unitsDone < unitsTotal
				? text('sources.recordsOf', { done: format.count(unitsDone), total: format.count(unitsTotal) })
				: format.count(unitsTotal);
		const listens = state === 'listening';
		const facts: [string, string, string | null][] = [
			[text('sources.calls'), format.count(calls), null],
			[text(listens ? 'sources.requests' : 'sources.records'), records, null],
			[
				text('sources.since'),
				sinceMs === null ? text('none') : format.moment(sinceMs, nowMs),
				titleOf(sinceMs, format),
			],
			[
				text('sources.lastSeen'),
				lastSeenMs === null ? text('none') : format.relative(lastSeenMs, nowMs),
				titleOf(lastSeenMs, format),
			],
		];
		this.#facts.replaceChildren(
			...facts.map(([name, value, title]) => el('div', {}, el('dt', { text: name }), el('dd', { text: value, title }))),
		);
	}

	#showSkipped({ skipped }: SourceView): void {
		const count = skippedCount(skipped);
		this.#skipped.hidden = count === 0;
		const summary = this.#skipped.firstElementChild;
		if (summary !== null) setText(summary, plural('sources.skipped', count, this.#ui.format.count(count)));
		this.#skipped.replaceChildren(...(summary === null ? [] : [summary]), skippedList(skipped, this.#ui.format));
	}

	#showPlaces({ places, state }: SourceView): void {
		this.#places.hidden = places.length === 0;
		const summary = this.#places.firstElementChild;
		if (summary !== null) setText(summary, text(state === 'listening' ? 'sources.address' : 'sources.places'));
		const list = el('ul', { class: 'source-places' });
		append(list, ...places.map((place) => el('li', {}, el('bdi', { class: 'path', text: place }))));
		this.#places.replaceChildren(...(summary === null ? [] : [summary]), list);
	}
}

function titleOf(ms: number | null, format: Ui['format']): string | null {
	return ms === null ? null : format.full(ms);
}
