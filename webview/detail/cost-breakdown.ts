import type { Cost, CostLine } from '../../src/core/pricing/cost.ts';
import type { CallDetail } from '../../src/core/views.ts';
import { append, button, el } from '../dom.ts';
import { icon } from '../icons.ts';
import { isSample } from '../list/sample-badge.ts';
import { text } from '../strings.ts';
import type { Ui } from '../ui.ts';

/** What a call cost and why: the figure, then bucket × tokens × rate × tier, the price used, and what else is known. */
export function costBreakdown(ui: Ui, detail: CallDetail): HTMLElement {
	const section = el('section', { class: 'cost-section' }, el('h3', { text: text('cost.heading') }));
	const { cost } = detail;
	if (cost === null) {
		section.append(
			el('p', { class: 'subtle', text: text(detail.row.state === 'pending' ? 'cost.pending' : 'usage.unknown') }),
		);
		return section;
	}
	section.append(headline(ui, cost, detail));
	if (cost.lines.length > 0) section.append(linesTable(ui, cost));
	append(section, twoFigures(ui, cost), priceSentence(cost));
	for (const note of [...cost.notes, ...detail.usageNotes])
		section.append(el('p', { class: 'cost-note', dir: 'auto', text: note }));
	if (detail.origin.record !== undefined) {
		section.append(
			el('p', {
				class: 'subtle breakable',
				dir: 'auto',
				text: text('cost.readFrom', { record: detail.origin.record }),
			}),
		);
	}
	return section;
}

function headline(ui: Ui, cost: Cost, detail: CallDetail): HTMLElement {
	const { shownNanoUsd } = cost;
	const element = el('div', { class: 'cost-headline' });
	if (cost.basis === 'refused') {
		element.append(el('span', { class: 'cost-total unpriced', text: text('cost.basis.refused') }));
		element.append(el('p', { text: text('row.refused.hint') }));
		return element;
	}
	if (shownNanoUsd === null) {
		const why = cost.unpriced === null ? text('row.unpriced.hint') : text(`cost.unpriced.${cost.unpriced}`);
		element.append(el('span', { class: 'cost-total unpriced', text: text('row.unpriced') }), el('p', { text: why }));
		// Without token counts a price would change nothing.
		if (cost.unpriced !== 'noUsage') element.append(setPriceButton(ui, detail));
		return element;
	}
	element.append(el('span', { class: 'cost-total', text: ui.format.money(shownNanoUsd, cost.bound) }));
	const basis = [text(`cost.basis.${cost.basis}`)];
	if (cost.bound !== 'exact') basis.push(text(`bound.${cost.bound}`));
	element.append(el('span', { class: 'subtle', text: basis.join(' · ') }));
	if (isSample(detail.row)) element.append(el('p', { class: 'cost-note', text: text('row.sample.hint') }));
	if (detail.origin.billing === 'subscription') {
		element.append(el('p', { class: 'cost-note', text: text('row.subscription.hint') }));
	}
	return element;
}

function setPriceButton(ui: Ui, { row }: CallDetail): HTMLElement {
	return button(text('cost.setPrice'), () => {
		const model = row.actualModel ?? row.model;
		ui.link.request({ kind: 'priceModel', provider: row.provider, model }).catch((error: unknown) => ui.report(error));
	});
}

function linesTable(ui: Ui, cost: Cost): HTMLElement {
	const columns = ['bucket', 'tokens', 'rate', 'tier', 'cost'] as const;
	const head = el('tr');
	for (const column of columns) {
		head.append(
			el('th', { scope: 'col', class: column === 'bucket' ? '' : 'number', text: text(`cost.column.${column}`) }),
		);
	}
	const body = el('tbody');
	for (const line of cost.lines) body.append(lineRow(ui, line));
	const table = el('table', { class: 'figures' }, el('thead', {}, head), body);
	if (cost.computedNanoUsd !== null) {
		const total = el('tr', {}, el('th', { scope: 'row', colspan: 4, text: text('cost.computed') }));
		total.append(el('td', { class: 'number', text: ui.format.exactMoney(cost.computedNanoUsd) }));
		table.append(el('tfoot', {}, total));
	}
	return el('div', { class: 'table-scroll', tabindex: 0, role: 'group', 'aria-label': text('cost.heading') }, table);
}

function lineRow(ui: Ui, line: CostLine): HTMLElement {
	// 1 pico-USD a token is 1e-12 USD; a million of them 1e-6 USD, which is 1,000 nano-USD.
	const perMillion = ui.format.exactMoney(line.ratePicoUsd * 1000);
	const each = line.bucket === 'requests';
	const rate = each ? text('cost.rateEach', { rate: ui.format.exactMoney(line.ratePicoUsd / 1000) }) : perMillion;
	const tier =
		line.tierStart === 0 ? text('cost.tier.base') : text('cost.tier.from', { tokens: ui.format.count(line.tierStart) });
	return el(
		'tr',
		{},
		el('th', { scope: 'row', text: text(`bucket.${line.bucket}`) }),
		el('td', { class: 'number', text: ui.format.count(line.tokens) }),
		el('td', { class: 'number', text: rate }),
		el('td', { class: 'number', text: tier }),
		el('td', { class: 'number', text: ui.format.exactMoney((line.tokens * line.ratePicoUsd) / 1000) }),
	);
}

/** Computed beside reported, when both are known. */
function twoFigures(ui: Ui, cost: Cost): HTMLElement | null {
	const { computedNanoUsd, reportedNanoUsd, reportedBy, diverges } = cost;
	if (reportedNanoUsd === null || reportedBy === null) return null;
	const list = el('dl', { class: 'facts' });
	append(
		list,
		el('dt', { text: text(`cost.reported.${reportedBy}`) }),
		el('dd', { text: ui.format.exactMoney(reportedNanoUsd) }),
		computedNanoUsd !== null && el('dt', { text: text('cost.computed') }),
		computedNanoUsd !== null && el('dd', { text: ui.format.exactMoney(computedNanoUsd) }),
	);
	if (!diverges) return list;
	return el('div', {}, list, el('p', { class: 'cost-note warning' }, icon('warning'), text('cost.diverges')));
}

function priceSentence(cost: Cost): HTMLElement | null {
	const { price } = cost;
	if (price === null) return null;
	const validity =
		price.validFrom === null ? text('cost.price.always') : text('cost.price.from', { date: price.validFrom });
	const origin = text(`cost.price.${price.from}`, { date: price.tableDate });
	return el('p', {
		class: 'subtle',
		dir: 'auto',
		text: text('cost.price', { model: `${price.provider}/${price.model}`, validity, origin }),
	});
}
