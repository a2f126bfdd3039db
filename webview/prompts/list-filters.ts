import type { CallState } from '../../src/core/views.ts';
import type { Format } from '../format.ts';
import type { ListFilter } from '../list-filter.ts';
import { text } from '../strings.ts';

/** How calls stand, as one choice: a state, or what is remarkable about a call that ended. */
export const statuses = ['pending', 'ok', 'error', 'cancelled', 'usageMissing', 'orphan', 'unpriced'] as const;
export type Status = (typeof statuses)[number];

/** What a person chooses by: each is one chip, and one field of the panel of filters. */
export const filterFields = [
	'event',
	'agentId',
	'provider',
	'model',
	'kind',
	'status',
	'folder',
	'source',
	'minCostNanoUsd',
	'minLatencyMs',
	'sessionId',
] as const;
export type FilterField = (typeof filterFields)[number];

export function statusOf({ state, usageMissing, orphan, unpriced }: ListFilter): Status | null {
	if (usageMissing) return 'usageMissing';
	if (orphan) return 'orphan';
	return unpriced ? 'unpriced' : (state ?? null);
}

/** Leaves one thing out of a filter. */
export function without(filter: ListFilter, field: FilterField): ListFilter {
	const rest = { ...filter };
	if (field !== 'status') {
		delete rest[field];
		return rest;
	}
	for (const each of ['state', 'usageMissing', 'orphan', 'unpriced'] as const) delete rest[each];
	return rest;
}

export function withStatus(filter: ListFilter, status: Status): ListFilter {
	const rest = without(filter, 'status');
	return isState(status) ? { ...rest, state: status } : { ...rest, [status]: true };
}

/** The value of a field, in words; `null`: the filter does not restrict it. */
export function valueText(filter: ListFilter, field: FilterField, format: Format): string | null {
	switch (field) {
		case 'event':
			return filter.event === undefined ? null : text(`filters.event.${filter.event}`);
		case 'kind':
			return filter.kind === undefined ? null : text(`kind.${filter.kind}`);
		case 'status': {
			const status = statusOf(filter);
			return status === null ? null : statusText(status);
		}
		case 'minCostNanoUsd':
			return filter.minCostNanoUsd === undefined
				? null
				: text('filters.overCost', { cost: format.exactMoney(filter.minCostNanoUsd) });
		case 'minLatencyMs':
			return filter.minLatencyMs === undefined
				? null
				: text('filters.overLatency', { duration: format.duration(filter.minLatencyMs) });
		default:
			return filter[field] ?? null;
	}
}

export function statusText(status: Status): string {
	return text(status === 'unpriced' ? 'filters.state.unpriced' : `state.${status}`);
}

/** The name of a field, in words. */
export function fieldText(field: FilterField): string {
	if (field === 'minCostNanoUsd') return text('list.column.cost');
	if (field === 'minLatencyMs') return text('list.column.duration');
	return text(field === 'status' ? 'filters.state' : `filters.${field}`);
}

/** What is restricted, in the order of the panel. */
export function activeFields(filter: ListFilter): FilterField[] {
	return filterFields.filter((field) => (field === 'status' ? statusOf(filter) !== null : filter[field] !== undefined));
}

/**
 * Reads a number as people write it, with a point or a comma, for a limit that is not below 0.
 * `null`: nothing was written; `undefined`: it is no such number.
 */
export function readLimit(written: string): number | null | undefined {
	const trimmed = written.trim().replace(/^[$≥>]\s*/, '');
	if (trimmed === '') return null;
	if (!/^\d*[.,]?\d+$/.test(trimmed)) return undefined;
	const value = Number(trimmed.replace(',', '.'));
	return Number.isFinite(value) && value < 1e6 ? value : undefined;
}

function isState(status: Status): status is CallState {
	return status === 'pending' || status === 'ok' || status === 'error' || status === 'cancelled';
}
