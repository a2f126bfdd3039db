import type { SessionRow } from '../../src/core/views.ts';
import { el, setAttribute, setText } from '../dom.ts';
import { plural, text } from '../strings.ts';
import type { Ui } from '../ui.ts';

/** What a task cost: what is billed, and apart from it what a subscription pays for; and how much of it has no price. */
export class TaskCost {
	readonly element = el('span', { class: 'cost-badge' });
	readonly #ui: Ui;
	readonly #amount = el('span', { class: 'cost-amount' });
	readonly #missing = el('span', { class: 'cost-plan' });
	readonly #plan = el('span', { class: 'cost-plan' });

	constructor(ui: Ui) {
		this.#ui = ui;
		this.element.append(el('span', { class: 'cost-line' }, this.#amount), this.#plan, this.#missing);
	}

	update(session: SessionRow): void {
		const { format } = this.#ui;
		const { calls, pending, unpriced, costNanoUsd, subscriptionNanoUsd, bound } = session;
		const priced = calls - pending - unpriced > 0;
		const subscribed = costNanoUsd === 0 && subscriptionNanoUsd > 0;
		const kind = priced ? 'priced' : unpriced > 0 ? 'unpriced' : 'none';
		setAttribute(this.element, 'data-kind', kind);
		if (kind === 'priced') setText(this.#amount, format.money(subscribed ? subscriptionNanoUsd : costNanoUsd, bound));
		else setText(this.#amount, text(kind === 'unpriced' ? 'row.unpriced' : 'none'));
		setText(this.#missing, priced && unpriced > 0 ? plural('task.unpriced', unpriced, format.count(unpriced)) : '');
		const apart = costNanoUsd > 0 && subscriptionNanoUsd > 0;
		if (subscribed) setText(this.#plan, text('row.subscription'));
		else setText(this.#plan, apart ? text('task.subscription', { cost: format.money(subscriptionNanoUsd) }) : '');
		setAttribute(this.element, 'title', kind === 'priced' && bound !== 'exact' ? text(`bound.${bound}`) : null);
	}
}
