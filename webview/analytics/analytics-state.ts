import type { CallFilter, Granularity } from '../../src/core/views.ts';
import type { Sort } from '../charts/sorted.ts';

const granularities: readonly Granularity[] = ['hour', 'day', 'week'];

/** Whose calls the page is about. */
export type AnalyticsFilter = Pick<CallFilter, 'agentId' | 'provider' | 'model'>;

/** What a person chose on the Analytics page. The range is shared by the pages. */
export interface AnalyticsState {
	filter: AnalyticsFilter;
	/** `null`: what suits the range. */
	granularity: Granularity | null;
	/** By the name of the table. */
	sorts: Record<string, Sort>;
}

export const initialAnalytics: AnalyticsState = { filter: {}, granularity: null, sorts: {} };

/** Reads what was kept; what does not fit falls back, field by field. */
export function restoreAnalytics(kept: unknown): AnalyticsState {
	if (!isRecord(kept)) return initialAnalytics;
	return {
		filter: restoreFilter(kept.filter),
		granularity: granularities.find((each) => each === kept.granularity) ?? null,
		sorts: restoreSorts(kept.sorts),
	};
}

function restoreFilter(kept: unknown): AnalyticsFilter {
	if (!isRecord(kept)) return {};
	const { agentId, provider, model } = kept;
	return {
		...(typeof agentId === 'string' ? { agentId } : {}),
		...(typeof provider === 'string' ? { provider } : {}),
		...(typeof model === 'string' ? { model } : {}),
	};
}

function restoreSorts(kept: unknown): Record<string, Sort> {
	if (!isRecord(kept)) return {};
	const sorts = Object.entries(kept).flatMap(([table, sort]): [string, Sort][] => {
		if (!isRecord(sort) || typeof sort.column !== 'string' || typeof sort.descending !== 'boolean') return [];
		return [[table, { column: sort.column, descending: sort.descending }]];
	});
	return Object.fromEntries(sorts);
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null;
}
