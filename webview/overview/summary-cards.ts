import type { Totals } from '../../src/core/views.ts';
import { el, setAttribute, setText } from '../dom.ts';
import { plural, type StringKey, text } from '../strings.ts';
import type { Ui } from '../ui.ts';

interface CardText {
	value: string;
	notes: string[];
	title?: string;
}

const cards = {
	calls: 'cards.calls',
	cost: 'cards.cost',
	input: 'cards.input',
	output: 'cards.output',
	cached: 'cards.cached',
	latency: 'cards.latency',
	errors: 'cards.errors',
} satisfies Record<string, StringKey>;
type CardName = keyof typeof cards;
const cardNames = Object.keys(cards) as CardName[];

/** The figures of a time range at a glance. A partial sum says that it is one. */
export class SummaryCards {
	readonly element = el('dl', { class: 'cards', 'aria-label': text('cards.label') });
	readonly #ui: Ui;
	readonly #cards = new Map<CardName, { box: HTMLElement; value: HTMLElement; notes: HTMLElement }>();

	constructor(ui: Ui) {
		this.#ui = ui;
		for (const name of cardNames) {
			const value = el('dd', { class: 'card-value', text: '\u00a0' });
			const notes = el('dd', { class: 'card-notes', text: '\u00a0' });
			const box = el('div', { class: 'card', 'data-card': name }, el('dt', { text: text(cards[name]) }), value, notes);
			this.#cards.set(name, { box, value, notes });
			this.element.append(box);
		}
		this.#box('errors', true);
		setAttribute(this.element, 'data-loading', true);
	}

	show(totals: Totals): void {
		setAttribute(this.element, 'data-loading', false);
		const texts = cardTexts(this.#ui, totals);
		for (const name of cardNames) {
			const card = this.#cards.get(name);
			if (card === undefined) continue;
			const { value, notes, title } = texts[name];
			setText(card.value, value);
			card.notes.replaceChildren(...notes.map((note) => el('span', { text: note })));
			setAttribute(card.box, 'title', title);
		}
		this.#box('errors', totals.errors === 0);
	}

	#box(name: CardName, hidden: boolean): void {
		const card = this.#cards.get(name);
		if (card !== undefined) card.box.hidden = hidden;
	}
}

/** What each card says. */
export function cardTexts(ui: Ui, totals: Totals): Record<CardName, CardText> {
	const { format } = ui;
	const { latency } = totals;
	const notes = (...list: (string | false | null)[]) => list.filter((note) => note !== false && note !== null);
	const bound = totals.unpriced > 0 && totals.bound === 'exact' ? 'atLeast' : totals.bound;
	const allUnpriced = totals.unpriced > 0 && totals.costNanoUsd === 0 && totals.subscriptionNanoUsd === 0;
	return {
		calls: {
			value: format.count(totals.calls),
			notes: notes(
				totals.pending > 0 && text('cards.running', { count: format.count(totals.pending) }),
				totals.cancelled > 0 && text('cards.cancelled', { count: format.count(totals.cancelled) }),
			),
		},
		cost: {
			value: allUnpriced ? text('row.unpriced') : format.money(totals.costNanoUsd, bound),
			notes: notes(
				totals.unpriced > 0 && plural('cards.unpriced', totals.unpriced, format.count(totals.unpriced)),
				totals.subscriptionNanoUsd > 0 &&
					text('cards.subscription', { cost: format.money(totals.subscriptionNanoUsd) }),
			),
			title: notes(
				bound !== 'exact' && text(`bound.${bound}`),
				totals.subscriptionNanoUsd > 0 && text('row.subscription.hint'),
			).join('\n'),
		},
		input: {
			value: format.compact(totals.inputTokens),
			notes: notes(
				totals.usageMissing > 0 && plural('cards.noUsage', totals.usageMissing, format.count(totals.usageMissing)),
			),
			title: format.count(totals.inputTokens),
		},
		output: {
			value: format.compact(totals.outputTokens),
			notes: notes(
				totals.reasoningTokens > 0 && text('cards.reasoning', { tokens: format.compact(totals.reasoningTokens) }),
			),
			title: format.count(totals.outputTokens),
		},
		cached: {
			value: format.compact(totals.cacheReadTokens),
			notes: notes(
				totals.inputTokens > 0 &&
					text('cards.cacheShare', { share: format.percent(totals.cacheReadTokens / totals.inputTokens) }),
				totals.cacheWriteTokens > 0 && text('cards.cacheWritten', { tokens: format.compact(totals.cacheWriteTokens) }),
			),
			title: format.count(totals.cacheReadTokens),
		},
		latency: {
			value: format.duration(latency.avgMs),
			notes: notes(
				latency.p50Ms !== null && text('cards.p50', { duration: format.duration(latency.p50Ms) }),
				latency.p90Ms !== null && text('cards.p90', { duration: format.duration(latency.p90Ms) }),
			),
		},
		errors: {
			value: format.count(totals.errors),
			notes: notes(
				totals.calls > 0 && text('cards.errorShare', { share: format.percent(totals.errors / totals.calls) }),
			),
		},
	};
}
