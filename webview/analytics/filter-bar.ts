import type { CallFilter, Granularity } from '../../src/core/views.ts';
import { button, el } from '../dom.ts';
import { ExportButton } from '../export-button.ts';
import { Choice, type ChoiceOption } from '../prompts/choice.ts';
import type { FacetOptions } from '../prompts/facet-options.ts';
import { type StringKey, text } from '../strings.ts';
import type { Ui } from '../ui.ts';
import type { AnalyticsFilter } from './analytics-state.ts';

interface FilterBarOptions {
	filter(filter: AnalyticsFilter): void;
	/** `null`: what suits the range. */
	granularity(granularity: Granularity | null): void;
	/** The calls that the page is about. */
	calls(): CallFilter;
}

const fields = ['agentId', 'provider', 'model'] as const;
type Field = (typeof fields)[number];
const granularities: readonly Granularity[] = ['hour', 'day', 'week'];

/** Whose calls the page is about, and how they are put together. */
export class FilterBar {
	readonly element: HTMLElement;
	readonly #ui: Ui;
	readonly #options: FilterBarOptions;
	readonly #fields: Record<Field, Choice>;
	readonly #granularity: Choice;
	readonly #clear: HTMLElement;
	#filter: AnalyticsFilter = {};

	constructor(ui: Ui, options: FilterBarOptions) {
		this.#ui = ui;
		this.#options = options;
		this.#fields = { agentId: this.#field('agentId'), provider: this.#field('provider'), model: this.#field('model') };
		this.#granularity = new Choice(text('analytics.granularity'), (value) => {
			options.granularity(granularities.find((each) => each === value) ?? null);
		});
		this.#clear = button(text('analytics.clear'), () => options.filter({}));
		this.element = el(
			'div',
			{ class: 'analytics-bar', role: 'group', 'aria-label': text('analytics.filters') },
			...fields.map((name) => labelled(`analytics.${name}`, this.#fields[name])),
			labelled('analytics.granularity', this.#granularity),
			this.#clear,
			new ExportButton(ui, options.calls).element,
		);
	}

	/**
	 * A list that someone has open stays as it is: new counts are not worth losing one's place for.
	 *
	 * @param facets what there is to choose from; `null`: not known yet
	 */
	show(filter: AnalyticsFilter, facets: FacetOptions | null): void {
		this.#filter = filter;
		for (const name of fields)
			if (!this.#fields[name].element.hasAttribute('open')) this.#offer(name, facets?.[name] ?? []);
		this.#clear.hidden = Object.keys(filter).length === 0;
	}

	/** @param offered those that give few enough bars; `used` is among them */
	showGranularity(chosen: Granularity | null, used: Granularity, offered: readonly Granularity[]): void {
		if (this.#granularity.element.hasAttribute('open')) return;
		const automatic =
			chosen === null
				? text('analytics.granularity.auto', { granularity: text(`charts.bucket.${used}`) })
				: text('analytics.granularity.automatic');
		const options = offered.map((each) => ({ value: each, label: text(`analytics.granularity.${each}`) }));
		this.#granularity.show([{ value: '', label: automatic }, ...options], chosen === null ? '' : used);
	}

	#field(name: Field): Choice {
		return new Choice(text(`analytics.${name}`), (value) => {
			const { [name]: _, ...others } = this.#filter;
			this.#options.filter(value === '' ? others : { ...others, [name]: value });
		});
	}

	/** What is chosen is always among what is offered. */
	#offer(name: Field, counted: FacetOptions[Field]): void {
		const { format } = this.#ui;
		const chosen = this.#filter[name];
		const options: ChoiceOption[] = counted.map(({ value, calls }) => ({
			value,
			label: `${value} (${format.count(calls)})`,
		}));
		if (chosen !== undefined && !counted.some(({ value }) => value === chosen))
			options.push({ value: chosen, label: chosen });
		this.#fields[name].show([{ value: '', label: text(`analytics.${name}.all`) }, ...options], chosen ?? '');
	}
}

function labelled(label: StringKey, { element }: Choice): HTMLElement {
	return el(
		'div',
		{ class: 'filter' },
		el('span', { class: 'filter-name', 'aria-hidden': 'true', text: text(label) }),
		element,
	);
}
