import type { CallRow, SessionRow, TimeRange, Totals } from '../../src/core/views.ts';
import { boundOfSum } from '../charts/cost-figures.ts';
import { append, el, setAttribute } from '../dom.ts';
import { isSample, sampleBadge } from '../list/sample-badge.ts';
import { plural, text } from '../strings.ts';
import type { Ui } from '../ui.ts';

type Sums = Pick<Totals, 'costNanoUsd' | 'subscriptionNanoUsd'>;

/** What a line says: what it cost, what it is, and why it cost so much. */
interface CostLine {
	amount: string;
	/** Of all that the range cost, 0 to 1; `null`: nothing to compare with. */
	share: number | null;
	/** A subscription pays for it. */
	plan: boolean;
	name: string;
	badge: HTMLElement | null;
	facts: string[];
	title: string;
	open(): void;
}

/** The calls, or the tasks, that cost most: the first look of someone who wonders where the money went. */
export class Costliest {
	readonly element: HTMLElement;
	readonly #ui: Ui;
	readonly #list = el('ol', { class: 'costliest-list' });
	readonly #none = el('p', { class: 'placeholder-text', text: text('costliest.none') });

	constructor(ui: Ui, name: 'calls' | 'tasks') {
		this.#ui = ui;
		const heading = text(`costliest.${name}`);
		this.element = el(
			'section',
			{ class: 'costliest', 'data-of': name, 'aria-label': heading },
			el('h2', { text: heading }),
			this.#list,
			this.#none,
		);
		this.#none.hidden = true;
	}

	showCalls(calls: readonly CallRow[], totals: Sums, open: (call: CallRow) => void): void {
		this.#show(
			calls.flatMap((call) => {
				const line = lineOfCall(this.#ui, call, totals);
				return line === null ? [] : [{ ...line, open: () => open(call) }];
			}),
		);
	}

	/** @param range what the totals are of: a task may have begun before it, or go on after it */
	showTasks(tasks: readonly SessionRow[], totals: Sums, range: TimeRange, open: (task: SessionRow) => void): void {
		this.#show(
			tasks.flatMap((task) => {
				const line = lineOfTask(this.#ui, task, totals, range);
				return line === null ? [] : [{ ...line, open: () => open(task) }];
			}),
		);
	}

	#show(lines: CostLine[]): void {
		this.#none.hidden = lines.length > 0;
		const focused = [...this.#list.children].findIndex((item) => item.contains(document.activeElement));
		this.#list.replaceChildren(...lines.map((line) => this.#line(line)));
		// New figures must not take the focus from who is reading them.
		if (focused >= 0) this.#list.children[Math.min(focused, lines.length - 1)]?.querySelector('button')?.focus();
	}

	#line({ amount, share, plan, name, badge, facts, title, open }: CostLine): HTMLElement {
		const meter = el('span', { class: 'costliest-share', 'aria-hidden': 'true' });
		meter.style.setProperty('--share', `${((share ?? 0) * 100).toFixed(1)}%`);
		const cost = el('span', { class: 'costliest-cost' }, el('strong', { text: amount }), meter);
		if (share !== null) {
			const of = text(plan ? 'costliest.shareOfPlan' : 'costliest.share', { share: this.#ui.format.percent(share) });
			setAttribute(meter, 'title', of);
			cost.append(el('span', { class: 'sr-only', text: of }));
		}
		const what = el('span', { class: 'costliest-what' });
		append(
			what,
			el(
				'span',
				{ class: 'costliest-name' },
				el('bdi', { text: name }),
				badge,
				plan && el('span', { class: 'badge', text: text('row.subscription'), title: text('row.subscription.hint') }),
			),
			el('span', { class: 'costliest-facts subtle', dir: 'auto', text: facts.join(' · '), title: facts.join('\n') }),
		);
		const choose = el('button', { type: 'button', title }, cost, what);
		choose.addEventListener('click', open);
		return el('li', {}, choose);
	}
}

function lineOfCall({ format, now }: Ui, call: CallRow, totals: Sums): Omit<CostLine, 'open'> | null {
	const { cost } = call;
	if (cost === null || cost.nanoUsd === null || cost.nanoUsd === 0) return null;
	const plan = cost.billing === 'subscription';
	const share = shareOf(cost.nanoUsd, plan ? totals.subscriptionNanoUsd : totals.costNanoUsd);
	return {
		amount: format.money(cost.nanoUsd, cost.bound),
		share,
		plan,
		name: call.sessionTitle ?? text('row.untitled'),
		badge: isSample(call) ? sampleBadge() : null,
		facts: [
			call.model,
			text('costliest.tokens', { input: format.compact(call.inputTokens), output: format.compact(call.outputTokens) }),
			...cachedText(format, call.inputTokens, call.cacheReadTokens),
			format.moment(call.startedAtMs, now()),
			format.duration(call.latencyMs),
		],
		title: text('costliest.open'),
	};
}

function lineOfTask(
	{ format, now }: Ui,
	task: SessionRow,
	totals: Sums,
	range: TimeRange,
): Omit<CostLine, 'open'> | null {
	const plan = task.costNanoUsd === 0;
	const nanoUsd = plan ? task.subscriptionNanoUsd : task.costNanoUsd;
	if (nanoUsd === 0) return null;
	const whole = isWithin(task, range);
	const share = whole ? shareOf(nanoUsd, plan ? totals.subscriptionNanoUsd : totals.costNanoUsd) : null;
	return {
		amount: format.money(nanoUsd, boundOfSum([task])),
		share,
		plan,
		name: task.title ?? text('row.untitled'),
		badge: null,
		facts: [
			...(whole ? [] : [text('costliest.whole', { start: format.moment(task.startedAtMs, now()) })]),
			task.agentId,
			...(!plan && task.subscriptionNanoUsd > 0
				? [text('cards.subscription', { cost: format.money(task.subscriptionNanoUsd) })]
				: []),
			plural('costliest.calls', task.calls, format.count(task.calls)),
			text('costliest.tokens', { input: format.compact(task.inputTokens), output: format.compact(task.outputTokens) }),
			...cachedText(format, task.inputTokens, task.cacheReadTokens),
			format.moment(task.lastAtMs, now()),
		],
		title: text('costliest.show'),
	};
}

/** Whether the range has all calls of a task. Else its figures are no part of the range's. */
export function isWithin({ startedAtMs, lastAtMs }: SessionRow, { fromMs, toMs }: TimeRange): boolean {
	return startedAtMs >= fromMs && lastAtMs < toMs;
}

function shareOf(part: number, whole: number): number | null {
	return whole > 0 && part <= whole ? part / whole : null;
}

function cachedText(format: Ui['format'], input: number | null, cached: number | null): string[] {
	if (input === null || cached === null || input === 0) return [];
	return [text('row.cached', { share: format.percent(cached / input) })];
}
