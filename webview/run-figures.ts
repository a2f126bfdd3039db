import type { RunLine } from '../src/protocol/messages.ts';
import { el } from './dom.ts';
import { plural, text } from './strings.ts';
import type { Ui } from './ui.ts';

/** The compact summary of a run: calls, tokens in, out and together, from the cache, into it, and the cost. */
export function runFigures(
	ui: Ui,
	{ summary, cost, pending }: Pick<RunLine, 'summary' | 'cost' | 'pending'>,
): HTMLElement {
	const { format } = ui;
	const notes = [
		summary.unpriced_calls > 0 &&
			plural('run.unpricedCalls', summary.unpriced_calls, format.count(summary.unpriced_calls)),
		summary.calls_without_usage > 0 &&
			plural('run.noUsage', summary.calls_without_usage, format.count(summary.calls_without_usage)),
	].filter((note) => note !== false);
	const running = pending > 0 ? ` (${text('run.running', { count: format.count(pending) })})` : '';
	const figures: [string, string, string][] = [
		['calls', text('run.calls'), format.count(summary.calls) + running],
		['input', text('run.input'), format.count(summary.input_tokens)],
		['output', text('run.output'), format.count(summary.output_tokens)],
		['total', text('run.total'), format.count(summary.total_tokens)],
		['cached', text('run.cached'), format.count(summary.input_cached_tokens)],
		['created', text('run.created'), format.count(summary.input_cache_creation_tokens)],
		['cost', text('run.cost'), costOf(ui, cost)],
	];
	return el(
		'dl',
		{ class: 'run-figures', title: notes.length > 0 ? notes.join('\n') : null },
		...figures.map(([name, label, value]) =>
			el('div', { 'data-figure': name }, el('dt', { text: label }), el('dd', { text: value })),
		),
	);
}

/** What is billed; and beside it, or alone, what a subscription covers. Without any known price it is no sum. */
function costOf({ format }: Ui, { costNanoUsd, subscriptionNanoUsd, unpriced, bound }: RunLine['cost']): string {
	const sumBound = unpriced > 0 && bound === 'exact' ? 'atLeast' : bound;
	const covered =
		subscriptionNanoUsd > 0 ? text('run.equivalent', { cost: format.money(subscriptionNanoUsd, sumBound) }) : null;
	if (costNanoUsd === 0 && covered !== null) return covered;
	if (costNanoUsd === 0 && unpriced > 0) return text('run.unpriced');
	const billed = format.money(costNanoUsd, sumBound);
	return covered === null ? billed : `${billed} + ${covered}`;
}
