import type { Totals } from '../../src/core/views.ts';
import { boundOfSum } from '../charts/cost-figures.ts';
import { append, el, setAttribute, setText } from '../dom.ts';
import { plural, type StringKey, text } from '../strings.ts';
import type { Ui } from '../ui.ts';
import { cacheHit, changeElement, changesOf } from './change.ts';

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
	tokens: 'cards.tokens',
	latency: 'cards.latency',
	cacheHit: 'cards.cacheHit',
	errors: 'cards.errors',
} satisfies Record<string, StringKey>;
export type CardName = keyof typeof cards;

/** The figures of some calls at a glance. A partial sum says that it is one. */
export class SummaryCards {
	readonly element = el('dl', { class: 'cards', 'aria-label': text('cards.label') });
	readonly #ui: Ui;
	readonly #cards = new Map<CardName, { box: HTMLElement; value: HTMLElement; notes: HTMLElement }>();

	/** @param names which cards; that of errors is seen only when there are some */
	constructor(ui: Ui, names: readonly CardName[]) {
		this.#ui = ui;
		for (const name of names) {
			const value = el('dd', { class: 'card-value', text: '\u00a0' });
			const notes = el('dd', { class: 'card-notes', text: '\u00a0' });
			const box = el('div', { class: 'card', 'data-card': name }, el('dt', { text: text(cards[name]) }), value, notes);
			box.hidden = name === 'errors';
			this.#cards.set(name, { box, value, notes });
			this.element.append(box);
		}
		setAttribute(this.element, 'data-loading', true);
	}

	/** @param before what to compare with, and how that is called */
	show(totals: Totals, before: { totals: Totals; name: string } | null = null): void {
		setAttribute(this.element, 'data-loading', false);
		const texts = cardTexts(this.#ui, totals);
		const changes = before === null ? {} : changesOf(this.#ui.format, totals, before.totals);
		for (const [name, { box, value, notes }] of this.#cards) {
			const card = texts[name];
			const change = changes[name];
			setText(value, card.value);
			notes.replaceChildren();
			append(
				notes,
				change !== undefined && changeElement(change),
				...card.notes.map((note) => el('span', { text: note })),
			);
			const title = [card.title ?? '', change !== undefined && before !== null ? before.name : ''];
			setAttribute(box, 'title', title.filter((line) => line !== '').join('\n') || null);
			if (name === 'errors') box.hidden = totals.errors === 0;
		}
	}
}

/** What each card says. */
export function cardTexts(ui: Ui, totals: Totals): Record<CardName, CardText> {
	const { format } = ui;
	const { latency } = totals;
	const notes = (...list: (string | false | null)[]) => list.filter((note) => note !== false && note !== null);
	const bound = boundOfSum([totals]);
	const allUnpriced = totals.unpriced > 0 && totals.costNanoUsd === 0 && totals.subscriptionNanoUsd === 0;
	const hit = cacheHit(totals);
	const noUsage =
		totals.usageMissing > 0 && plural('cards.noUsage', totals.usageMissing, format.count(totals.usageMissing));
	const parts = { input: format.compact(totals.inputTokens), output: format.compact(totals.outputTokens) };
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
		input: { value: parts.input, notes: notes(noUsage), title: format.count(totals.inputTokens) },
		output: {
			value: parts.output,
			notes: notes(
				totals.reasoningTokens > 0 && text('cards.reasoning', { tokens: format.compact(totals.reasoningTokens) }),
			),
			title: format.count(totals.outputTokens),
		},
		cached: {
			value: format.compact(totals.cacheReadTokens),
			notes: notes(
				totals.cacheWriteTokens > 0 && text('cards.cacheWritten', { tokens: format.compact(totals.cacheWriteTokens) }),
			),
			title: format.count(totals.cacheReadTokens),
		},
		tokens: {
			value: format.compact(totals.inputTokens + totals.outputTokens),
			notes: notes(text('cards.tokensInOut', parts), noUsage),
			title: format.count(totals.inputTokens + totals.outputTokens),
		},
		latency: {
			value: format.duration(latency.avgMs),
			notes: notes(
				latency.p50Ms !== null && text('cards.p50', { duration: format.duration(latency.p50Ms) }),
				latency.p90Ms !== null && text('cards.p90', { duration: format.duration(latency.p90Ms) }),
			),
		},
		cacheHit: {
			value: hit === null ? text('none') : format.percent(hit),
			notes: [],
			title: text('cards.cacheHit.hint'),
		},
		errors: {
			value: format.count(totals.errors),
			notes: notes(
				totals.calls > 0 && text('cards.errorShare', { share: format.percent(totals.errors / totals.calls) }),
			),
		},
	};
}
