import type { CallFilter } from '../../src/core/views.ts';
import { button, el, setAttribute, setText } from '../dom.ts';
import { icon } from '../icons.ts';
import type { ListFilter } from '../list-filter.ts';
import { plural, text } from '../strings.ts';
import type { Ui } from '../ui.ts';
import { Choice, type ChoiceOption } from './choice.ts';
import { type CountedField, countedFields, type FacetOptions, facetOptions } from './facet-options.ts';
import { LimitField } from './limit-field.ts';
import {
	activeFields,
	fieldText,
	type Status,
	statuses,
	statusOf,
	statusText,
	without,
	withStatus,
} from './list-filters.ts';

/** Stands for no restriction. No value is empty. */
const any = '';
const events = ['llm_call', 'llm_response', 'paired'] as const;

/** The button that opens the filters, and the filters: each with how many calls it would list. */
export class FilterPanel {
	readonly button: HTMLElement;
	readonly element: HTMLElement;
	readonly #ui: Ui;
	readonly #change: (filter: ListFilter) => void;
	readonly #event = new Choice(text('filters.event'), (event) => this.#choose('event', event));
	readonly #choices = new Map<CountedField, Choice>();
	readonly #fields = new Map<CountedField, HTMLElement>();
	readonly #cost: LimitField;
	readonly #latency: LimitField;
	readonly #problem = el('p', { class: 'filters-problem', role: 'status' });
	/** The toolkit makes a span in a button as small as an icon. */
	readonly #label = el('bdi');
	#filter: ListFilter = {};
	#query: CallFilter = {};
	#asked = '';

	constructor(ui: Ui, change: (filter: ListFilter) => void) {
		this.#ui = ui;
		this.#change = change;
		const mark = icon('filter');
		mark.setAttribute('slot', 'start');
		this.button = button('', () => (this.element.hidden ? this.#open() : this.close()), { class: 'filters-open' });
		this.button.append(mark, this.#label);
		setAttribute(this.button, 'aria-haspopup', 'dialog');
		this.#cost = new LimitField(text('filters.minCost'), 1e9, (nanoUsd) => this.#limit('minCostNanoUsd', nanoUsd));
		this.#latency = new LimitField(text('filters.minLatency'), 1000, (ms) => this.#limit('minLatencyMs', ms));
		const grid = el('div', { class: 'filters-grid' }, labelled(text('filters.event'), this.#event.element));
		for (const field of countedFields) {
			const choice = new Choice(fieldText(field), (value) => this.#choose(field, value));
			this.#choices.set(field, choice);
			const part = labelled(fieldText(field), choice.element);
			this.#fields.set(field, part);
			grid.append(part);
		}
		grid.append(this.#cost.element, this.#latency.element);
		const clear = button(text('filters.clear'), () => change({}));
		const done = button(text('close'), () => this.close(true));
		this.element = el(
			'div',
			{ class: 'filters', role: 'dialog', 'aria-label': text('filters.open') },
			grid,
			this.#problem,
			el('div', { class: 'filters-actions' }, clear, done),
		);
		this.element.addEventListener('keydown', (event) => {
			// A list that is open takes Escape for itself.
			if (event.key !== 'Escape' || event.defaultPrevented) return;
			event.preventDefault();
			this.close(true);
		});
		document.addEventListener('pointerdown', (event) => {
			const path = event.composedPath();
			if (!path.includes(this.element) && !path.includes(this.button)) this.close();
		});
		this.close();
	}

	/** @param query the filter with the range, for the counts */
	show(filter: ListFilter, query: CallFilter): void {
		this.#filter = filter;
		this.#query = query;
		const active = activeFields(filter).length;
		setText(
			this.#label,
			active === 0 ? text('filters.open') : plural('filters.active', active, this.#ui.format.count(active)),
		);
		setAttribute(this.button, 'data-active', active > 0);
		this.#event.show(
			[
				{ value: any, label: text('filters.any') },
				...events.map((value) => ({ value, label: text(`filters.event.${value}`) })),
			],
			filter.event ?? any,
		);
		this.#cost.show(filter.minCostNanoUsd ?? null);
		this.#latency.show(filter.minLatencyMs ?? null);
		if (!this.element.hidden) void this.#load();
	}

	close(focus = false): void {
		this.element.hidden = true;
		this.#asked = '';
		setAttribute(this.button, 'aria-expanded', 'false');
		if (focus) this.button.focus();
	}

	#open(): void {
		this.element.hidden = false;
		setAttribute(this.button, 'aria-expanded', 'true');
		void this.#load();
		this.#event.element.focus();
	}

	/** Asks what there is to choose from, once for each filter. */
	async #load(): Promise<void> {
		const asked = JSON.stringify(this.#query);
		if (asked === this.#asked) return;
		this.#asked = asked;
		try {
			const options = await facetOptions(this.#ui.link, this.#query);
			if (asked !== this.#asked) return;
			setText(this.#problem, '');
			for (const field of countedFields) this.#offer(field, options);
		} catch (error) {
			this.#ui.report(error);
			if (asked !== this.#asked) return;
			this.#asked = '';
			setText(this.#problem, text('filters.failed'));
		}
	}

	#offer(field: CountedField, options: FacetOptions): void {
		const chosen = (field === 'status' ? statusOf(this.#filter) : this.#filter[field]) ?? any;
		const counted: ChoiceOption[] = options[field].map(({ value, calls }) => ({
			value,
			label: text('filters.option', { name: this.#valueLabel(field, value), count: this.#ui.format.count(calls) }),
		}));
		// What is remarkable about calls is not counted, and what is chosen may have no calls.
		const more = field === 'status' ? [...statuses] : chosen === any ? [] : [chosen];
		const uncounted = more
			.filter((value) => counted.every((option) => option.value !== value))
			.map((value) => ({ value, label: this.#valueLabel(field, value) }));
		this.#choices.get(field)?.show([{ value: any, label: text('filters.any') }, ...counted, ...uncounted], chosen);
		// Who has one folder or one source needs no filter for it.
		const part = this.#fields.get(field);
		const needed = (field !== 'folder' && field !== 'source') || counted.length > 1 || chosen !== any;
		if (part !== undefined) part.hidden = !needed;
	}

	#valueLabel(field: CountedField, value: string): string {
		if (field === 'status') return statusText(statuses.find((status) => status === value) ?? 'ok');
		if (field === 'kind') return kindText(value);
		return value === '' ? text('none') : value;
	}

	#choose(field: CountedField | 'event', value: string): void {
		const rest = without(this.#filter, field);
		if (value === any) this.#change(rest);
		else if (field === 'status') this.#change(withStatus(this.#filter, value as Status));
		else this.#change({ ...rest, [field]: value });
	}

	#limit(field: 'minCostNanoUsd' | 'minLatencyMs', value: number | null): void {
		const rest = without(this.#filter, field);
		this.#change(value === null ? rest : { ...rest, [field]: Math.round(value) });
	}
}

const kinds = ['chat', 'condense', 'subagent', 'title', 'tool', 'replay'] as const;

function kindText(value: string): string {
	return text(`kind.${kinds.find((kind) => kind === value) ?? 'chat'}`);
}

function labelled(label: string, control: HTMLElement): HTMLElement {
	return el(
		'div',
		{ class: 'filter' },
		el('span', { class: 'filter-name', 'aria-hidden': 'true', text: label }),
		control,
	);
}
