import type { CallFilter, GroupTotals, NamedTotals, Totals } from '../../src/core/views.ts';
import { Cells, column } from '../charts/cells.ts';
import { costCell } from '../charts/cost-by-model.ts';
import { boundOfSum } from '../charts/cost-figures.ts';
import type { Cell, Column, TableData } from '../charts/picture.ts';
import type { Format } from '../format.ts';
import { cacheHit } from '../overview/change.ts';
import { text } from '../strings.ts';

/** Provider, model, and what their calls came to. */
export function modelTable(format: Format, groups: readonly GroupTotals[]): TableData {
	const cells = new Cells(format);
	const figures = figuresOf(format, groups, true);
	return {
		columns: [
			column('provider', text('charts.column.provider'), 'text'),
			column('model', text('charts.column.model'), 'text'),
			...figures.columns,
		],
		named: 'model',
		rows: groups.map((group) => ({
			cells: [cells.text(group.provider), cells.text(group.model), ...figures.cells(group)],
			filter: { provider: group.provider, model: group.model },
		})),
	};
}

/** What the calls of each agent came to. */
export function agentTable(format: Format, groups: readonly NamedTotals[]): TableData {
	return namedTable(format, groups, 'agent', (name) => ({ filter: { agentId: name }, shown: name }));
}

/** What the calls of each project folder came to. */
export function folderTable(format: Format, groups: readonly NamedTotals[]): TableData {
	return namedTable(format, groups, 'folder', (name) =>
		name === '' ? { filter: null, shown: text('analytics.noFolder') } : { filter: { folder: name }, shown: name },
	);
}

function namedTable(
	format: Format,
	groups: readonly NamedTotals[],
	kind: 'agent' | 'folder',
	read: (name: string) => { filter: CallFilter | null; shown: string },
): TableData {
	const figures = figuresOf(format, groups, false);
	return {
		columns: [column(kind, text(`analytics.column.${kind}`), 'text'), ...figures.columns],
		rows: groups.map((group) => {
			const { filter, shown } = read(group.name);
			return { cells: [{ text: shown, raw: group.name }, ...figures.cells(group)], filter };
		}),
	};
}

/** The columns that all these tables share. */
function figuresOf(
	format: Format,
	groups: readonly Totals[],
	withRate: boolean,
): { columns: Column[]; cells: (group: Totals) => Cell[] } {
	const cells = new Cells(format);
	const hasPlan = groups.some(({ subscriptionNanoUsd }) => subscriptionNanoUsd > 0);
	const hinted = (id: string, name: 'tokens' | 'p90' | 'per1k') => ({
		...column(id, text(`analytics.column.${name}`)),
		hint: text(`analytics.column.${name}.hint`),
	});
	return {
		columns: [
			column('calls', text('charts.column.calls')),
			hinted('tokens', 'tokens'),
			column('input_tokens', null),
			column('output_tokens', null),
			column('cost_usd', text('charts.column.cost')),
			column('bound', null, 'text'),
			column('unpriced_calls', null),
			...(hasPlan
				? [{ ...column('api_equivalent_usd', text('row.subscription')), hint: text('row.subscription.hint') }]
				: []),
			column('avg_latency_ms', text('charts.column.latency')),
			hinted('p90_latency_ms', 'p90'),
			{ ...column('cache_hit', text('analytics.column.cacheHit')), hint: text('cards.cacheHit.hint') },
			...(withRate ? [hinted('usd_per_1k_output', 'per1k')] : []),
		],
		cells: (group) => [
			cells.count(group.calls),
			cells.tokens(group.inputTokens + group.outputTokens),
			cells.count(group.inputTokens),
			cells.count(group.outputTokens),
			costCell(cells, group, 'api'),
			cells.text(boundOfSum([group])),
			cells.count(group.unpriced),
			...(hasPlan ? [cells.money(group.subscriptionNanoUsd)] : []),
			cells.duration(group.latency.avgMs),
			cells.duration(group.latency.p90Ms, '≈ '),
			cells.share(cacheHit(group)),
			...(withRate ? [rateCell(cells, group)] : []),
		],
	};
}

/** What a thousand tokens of output came to. Unknown where nothing has a price, or nothing came out. */
function rateCell(cells: Cells, group: Totals): Cell {
	const nanoUsd = group.costNanoUsd + group.subscriptionNanoUsd;
	if (group.outputTokens === 0 || (nanoUsd === 0 && group.unpriced > 0)) return cells.money(null);
	return cells.money(Math.round((nanoUsd / group.outputTokens) * 1000), boundOfSum([group]));
}
