import type { RowCost } from '../../src/core/views.ts';
import { el, setAttribute, setText } from '../dom.ts';
import { icon } from '../icons.ts';
import { text } from '../strings.ts';
import type { Ui } from '../ui.ts';

/** What a call cost, in a word: a price, or “unpriced”, and never $0 for want of a price. */
export class CostBadge {
	readonly element = el('span', { class: 'cost-badge' });
	readonly #ui: Ui;
	readonly #amount = el('span', { class: 'cost-amount' });
	readonly #line = el('span', { class: 'cost-line' });
	readonly #flag = el('span', { class: 'cost-flag', title: text('row.diverges.hint') }, icon('warning'));
	readonly #plan = el('span', { class: 'cost-plan', text: text('row.subscription') });

	constructor(ui: Ui) {
		this.#ui = ui;
		this.#flag.append(el('span', { class: 'sr-only', text: text('row.diverges.hint') }));
		this.#line.append(this.#amount);
		this.element.append(this.#line);
	}

	/** `null`: not known yet, since the call is running. */
	update(cost: RowCost | null): void {
		const unpriced = cost !== null && cost.nanoUsd === null;
		const kind = cost?.basis === 'refused' ? 'refused' : unpriced ? 'unpriced' : 'priced';
		setAttribute(this.element, 'data-kind', cost === null ? 'none' : kind);
		setText(this.#amount, this.#text(cost));
		show(this.#line, this.#flag, cost?.diverges === true);
		show(this.element, this.#plan, cost?.billing === 'subscription' && !unpriced);
		setAttribute(this.element, 'title', this.#title(cost));
	}

	#text(cost: RowCost | null): string {
		if (cost === null) return text('none');
		if (cost.basis === 'refused') return text('row.refused');
		return cost.nanoUsd === null ? text('row.unpriced') : this.#ui.format.money(cost.nanoUsd, cost.bound);
	}

	#title(cost: RowCost | null): string | null {
		if (cost === null) return null;
		if (cost.basis === 'refused') return text('row.refused.hint');
		if (cost.nanoUsd === null) return text('row.unpriced.hint');
		const parts = [text(`cost.basis.${cost.basis}`)];
		if (cost.bound !== 'exact') parts.push(text(`bound.${cost.bound}`));
		if (cost.billing === 'subscription') parts.push(text('row.subscription.hint'));
		if (cost.diverges) parts.push(text('row.diverges.hint'));
		return parts.join('\n');
	}
}

function show(parent: HTMLElement, part: HTMLElement, shown: boolean): void {
	if (shown === (part.parentElement === parent)) return;
	if (shown) parent.append(part);
	else part.remove();
}
