import type { Format } from '../format.ts';
import { plural, text } from '../strings.ts';
import type { Billing, CostSum } from './cost-figures.ts';

/** What a reader must know beside a chart: which money it draws, and what it leaves out. `null`: nothing. */
export function chartNote(format: Format, total: CostSum, billing: Billing): string | null {
	const sentences: string[] = [];
	if (billing === 'subscription') sentences.push(text('charts.subscription'));
	if (total.apartNanoUsd > 0) sentences.push(text('charts.apart', { cost: format.money(total.apartNanoUsd) }));
	if (total.unpriced > 0) sentences.push(plural('charts.unpriced', total.unpriced, format.count(total.unpriced)));
	return sentences.length === 0 ? null : sentences.join(' ');
}

/** The heading of the column with the money that a chart draws. */
export function costColumn(billing: Billing): string {
	return text(billing === 'api' ? 'charts.column.cost' : 'row.subscription');
}

/** Its heading in a file. */
export function costId(billing: Billing): string {
	return billing === 'api' ? 'cost_usd' : 'api_equivalent_usd';
}
