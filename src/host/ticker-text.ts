import { formatNanoUsd } from '../core/money.ts';
import { formatAllTokens, formatTokens } from '../core/tokens-text.ts';
import type { GroupTotals, SessionRow, Totals } from '../core/views.ts';

/** What the ticker shows sums of. */
export interface TickerFigures {
	today: Totals;
	month: Totals;
	/** This month, costliest first. */
	byModel: GroupTotals[];
	/** The task that was active last; `null` when nothing was recorded yet. */
	task: SessionRow | null;
}

/** Words of the tooltip, translated. */
export interface TickerWords {
	heading: string;
	task: string;
	today: string;
	month: string;
	calls: string;
	tokens: string;
	cost: string;
	unpriced: (count: number) => string;
	/** What is covered by a subscription, at API prices, beside what is billed. */
	apiEquivalent: (cost: string) => string;
	/** What subscriptions would have cost. */
	subscriptions: (cost: string) => string;
	/** Markdown: with a link that says what to do. */
	nothing: string;
}

type Sum = Pick<Totals, 'calls' | 'unpriced' | 'inputTokens' | 'outputTokens' | 'costNanoUsd' | 'bound'>;

/** A tooltip's columns touch without it; plain spaces would be dropped. */
const gap = '&nbsp;&nbsp;&nbsp;';
/** Most models that the tooltip lists. */
const maxModels = 5;

/** `$1.24`, `≥ $1.24` when some calls have no known price, `unpriced` when nothing else is known: that is not $0. */
export function costText(
	sum: Pick<Sum, 'unpriced' | 'costNanoUsd' | 'bound'>,
	locale: string,
	unpriced: string,
): string {
	if (sum.unpriced > 0 && sum.costNanoUsd === 0) return unpriced;
	return formatNanoUsd(sum.costNanoUsd, { bound: boundOf(sum), locale });
}

/** What a task is billed; what a subscription covers is named as such beside it, or alone when there is nothing else. */
function taskCost(task: SessionRow, locale: string, words: TickerWords): string {
	const billed = costText(task, locale, words.unpriced(task.unpriced));
	if (task.subscriptionNanoUsd === 0) return billed;
	const covered = formatNanoUsd(task.subscriptionNanoUsd, { bound: boundOf(task), locale });
	const labelled = words.apiEquivalent(covered);
	return task.costNanoUsd === 0 ? labelled : `${billed} + ${labelled}`;
}

function boundOf({ unpriced, bound }: Pick<Sum, 'unpriced' | 'bound'>): Totals['bound'] {
	return unpriced > 0 && bound === 'exact' ? 'atLeast' : bound;
}

/** The tooltip as a Markdown table. Names come from models and are escaped: a table row is what they stay in. */
export function tooltipTable(figures: TickerFigures, words: TickerWords, locale: string): string {
	if (figures.month.calls === 0 && figures.task === null) return `**${words.heading}**\n\n${words.nothing}`;
	const row = (name: string, sum: Sum, cost = costText(sum, locale, words.unpriced(sum.unpriced))): string => {
		const tokens = `${formatTokens(sum.inputTokens, locale)} → ${formatTokens(sum.outputTokens, locale)}`;
		return `| ${name}${gap} | ${formatAllTokens(sum.calls, locale)}${gap} | ${tokens}${gap} | ${cost} |`;
	};
	const lines = [
		`**${words.heading}**`,
		'',
		`| | ${words.calls}${gap} | ${words.tokens}${gap} | ${words.cost} |`,
		'|:--|--:|--:|--:|',
	];
	if (figures.task !== null) lines.push(row(words.task, figures.task, taskCost(figures.task, locale, words)));
	lines.push(row(words.today, figures.today), row(words.month, figures.month));
	const models = [...figures.byModel].sort((a, b) => b.costNanoUsd - a.costNanoUsd || b.calls - a.calls);
	for (const group of models.slice(0, maxModels)) lines.push(row(escapeCell(group.model), group));
	const { unpriced, subscriptionNanoUsd } = figures.month;
	if (unpriced > 0) lines.push('', words.unpriced(unpriced));
	if (subscriptionNanoUsd > 0) lines.push('', words.subscriptions(formatNanoUsd(subscriptionNanoUsd, { locale })));
	return lines.join('\n');
}

/** Every character that Markdown could read something into, links without brackets among them. */
function escapeCell(text: string): string {
	return text
		.slice(0, 60)
		.replace(/[\r\n]+/g, ' ')
		.replace(/[\\`*_{}[\]<>()#+!|~$&:.@]/g, (char) => `\\${char}`);
}
