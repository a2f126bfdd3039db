import type { CallFilter, Facets } from '../../src/core/views.ts';
import type { HostLink } from '../host-link.ts';
import { type FilterField, without } from './list-filters.ts';

/** The fields whose values are counted. */
export const countedFields = ['agentId', 'provider', 'model', 'kind', 'status', 'folder', 'source'] as const;
export type CountedField = (typeof countedFields)[number];

/** What a field can be, and how many calls that would list; most first. */
export type FacetOptions = Record<CountedField, { value: string; calls: number }[]>;

/**
 * Asks what there is to filter by. A field that is restricted already is counted as if it were not, so that its other
 * values can be told too.
 */
export async function facetOptions(link: HostLink, filter: CallFilter): Promise<FacetOptions> {
	const restricted = countedFields.filter((field) => isRestricted(filter, field));
	const ask = (asked: CallFilter) => link.request({ kind: 'facets', filter: asked });
	const [all, ...others] = await Promise.all([ask(filter), ...restricted.map((field) => ask(leaveOut(filter, field)))]);
	const facetsOf = (field: CountedField) => others[restricted.indexOf(field)] ?? all;
	return {
		agentId: facetsOf('agentId').agents.map(({ agentId, calls }) => ({ value: agentId, calls })),
		provider: summed(facetsOf('provider').models, ({ provider }) => provider),
		model: summed(facetsOf('model').models, ({ model }) => model),
		kind: facetsOf('kind').kinds.map(({ kind, calls }) => ({ value: kind, calls })),
		status: facetsOf('status').states.map(({ state, calls }) => ({ value: state, calls })),
		folder: facetsOf('folder').folders.map(({ folder, calls }) => ({ value: folder, calls })),
		source: facetsOf('source').sources.map(({ source, calls }) => ({ value: source, calls })),
	};
}

function isRestricted(filter: CallFilter, field: FilterField): boolean {
	return Object.keys(leaveOut(filter, field)).length < Object.keys(filter).length;
}

function leaveOut({ range, ...filter }: CallFilter, field: FilterField): CallFilter {
	const rest = without(filter, field);
	return range === undefined ? rest : { ...rest, range };
}

/** One model may be served by several providers, and one provider serves several models. */
function summed(
	models: Facets['models'],
	nameOf: (model: Facets['models'][number]) => string,
): { value: string; calls: number }[] {
	const sums = new Map<string, number>();
	for (const model of models) sums.set(nameOf(model), (sums.get(nameOf(model)) ?? 0) + model.calls);
	return [...sums].map(([value, calls]) => ({ value, calls })).sort((a, b) => b.calls - a.calls);
}
