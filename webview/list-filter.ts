import type { CallFilter } from '../src/core/views.ts';

/** Which calls the Prompts page lists, apart from the time range. */
export type ListFilter = Omit<CallFilter, 'range'>;

type Readers = { [K in keyof Required<ListFilter>]: (kept: unknown) => ListFilter[K] };

/** One reader a field: a new field of the filter does not compile until it has one. */
const readers: Readers = {
	sessionId: textOf,
	agentId: textOf,
	provider: textOf,
	model: textOf,
	kind: oneOf(['chat', 'condense', 'subagent', 'title', 'tool', 'replay']),
	state: oneOf(['pending', 'ok', 'error', 'cancelled']),
	folder: textOf,
	folders: (kept) => (Array.isArray(kept) && kept.every((each) => typeof each === 'string') ? kept : undefined),
	source: textOf,
	event: oneOf(['llm_call', 'llm_response', 'paired']),
	usageMissing: trueOf,
	orphan: trueOf,
	unpriced: trueOf,
	minCostNanoUsd: (kept) => (Number.isSafeInteger(kept) && Number(kept) >= 0 ? Number(kept) : undefined),
	minLatencyMs: (kept) => (Number.isFinite(kept) && Number(kept) >= 0 ? Number(kept) : undefined),
};

/** Reads a filter that was kept; what does not fit is left out, field by field. */
export function restoreFilter(kept: unknown): ListFilter {
	if (typeof kept !== 'object' || kept === null) return {};
	const found = Object.entries(readers).flatMap(([name, read]) => {
		const value = Object.hasOwn(kept, name) ? read((kept as Record<string, unknown>)[name]) : undefined;
		return value === undefined ? [] : [[name, value]];
	});
	return Object.fromEntries(found);
}

function textOf(kept: unknown): string | undefined {
	return typeof kept === 'string' ? kept : undefined;
}

function trueOf(kept: unknown): true | undefined {
	return kept === true ? kept : undefined;
}

function oneOf<T extends string>(allowed: readonly T[]): (kept: unknown) => T | undefined {
	return (kept) => allowed.find((each) => each === kept);
}
