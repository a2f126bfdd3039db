import { addHistogram, type Histogram, percentileMs } from '../../core/latency-histogram.ts';
import type { CallFilter, GroupTotals, NamedTotals, Totals } from '../../core/views.ts';
import type { Dimension } from '../dimensions.ts';
import { addSums, isNothing, noSums } from '../sums.ts';
import { coverRange, everything } from '../time-cover.ts';
import { type Cell, callSums } from './call-sums.ts';
import type { Reader } from './reader.ts';

/** Sums over all calls that pass the filter. */
export function totals(reader: Reader, filter: CallFilter): Totals {
	return reader.snapshot(() => totalsOf(reader, cellsOf(reader, filter)));
}

/** The same by provider and model, dearest first. */
export function byModel(reader: Reader, filter: CallFilter): GroupTotals[] {
	return reader.snapshot(() => modelTotals(reader, cellsOf(reader, filter)));
}

/** Dimensions with what was added up for each. */
export type DimCells = Iterable<readonly [dim: number, cell: Cell]>;

export function totalsOf(reader: Reader, cells: DimCells): Totals {
	const builder = new TotalsBuilder();
	for (const [dim, cell] of cells) builder.add(reader.dimension(dim), cell);
	return builder.totals();
}

export function modelTotals(reader: Reader, cells: DimCells): GroupTotals[] {
	return groupTotals(reader, cells, ({ provider, model }) => ({ provider, model })).sort(
		(a, b) => byCost(a, b) || a.model.localeCompare(b.model) || a.provider.localeCompare(b.provider),
	);
}

/** By agent, or by folder; dearest first. */
export function namedTotals(reader: Reader, cells: DimCells, of: 'agent_id' | 'folder'): NamedTotals[] {
	return groupTotals(reader, cells, (dim) => ({ name: dim[of] })).sort(
		(a, b) => byCost(a, b) || a.name.localeCompare(b.name),
	);
}

function groupTotals<Group extends object>(
	reader: Reader,
	cells: DimCells,
	groupOf: (dim: Dimension) => Group,
): (Group & Totals)[] {
	const groups = new Map<string, { group: Group; builder: TotalsBuilder }>();
	for (const [n, cell] of cells) {
		if (isNothing(cell.sums)) continue;
		const dim = reader.dimension(n);
		const group = groupOf(dim);
		const key = JSON.stringify(group);
		const known = groups.get(key) ?? { group, builder: new TotalsBuilder() };
		groups.set(key, known);
		known.builder.add(dim, cell);
	}
	return [...groups.values()].map(({ group, builder }) => ({ ...group, ...builder.totals() }));
}

function byCost(a: Totals, b: Totals): number {
	const cost = ({ costNanoUsd, subscriptionNanoUsd }: Totals) => costNanoUsd + subscriptionNanoUsd;
	return cost(b) - cost(a) || b.calls - a.calls;
}

function cellsOf(reader: Reader, filter: CallFilter): DimCells {
	const resolved = reader.resolve(filter);
	const cover = resolved.range ? coverRange(resolved.range) : everything;
	return callSums(reader, [cover], resolved, { latencies: true }).get(0) ?? [];
}

/** How a sum of costs relates to the truth: a cost that is missing or a lower bound makes it a least, and so on. */
export function boundOf(sums: { unpriced: number; at_least: number; at_most: number }): Totals['bound'] {
	const least = sums.unpriced > 0 || sums.at_least > 0;
	if (sums.at_most > 0) return least ? 'about' : 'atMost';
	return least ? 'atLeast' : 'exact';
}

/** Average and percentiles (≈) of latencies; `null` when none is known. */
export function latencyOf(sumUs: number, count: number, histogram: Histogram): Totals['latency'] {
	return {
		avgMs: count === 0 ? null : sumUs / count / 1000,
		p50Ms: percentileMs(histogram, 0.5),
		p90Ms: percentileMs(histogram, 0.9),
		p99Ms: percentileMs(histogram, 0.99),
	};
}

class TotalsBuilder {
	readonly #sums = noSums();
	readonly #byState = { pending: 0, ok: 0, error: 0, cancelled: 0 };
	readonly #latencies: Histogram = new Map();
	#subscriptionNano = 0;

	add({ state, billing }: Pick<Dimension, 'state' | 'billing'>, { sums, latencies }: Cell): void {
		this.#byState[state] += sums.calls;
		addSums(this.#sums, sums);
		addHistogram(this.#latencies, latencies);
		if (billing === 'subscription') this.#subscriptionNano += sums.cost_nano;
	}

	totals(): Totals {
		const sums = this.#sums;
		return {
			calls: sums.calls,
			pending: this.#byState.pending,
			errors: this.#byState.error,
			cancelled: this.#byState.cancelled,
			unpriced: sums.unpriced,
			usageMissing: sums.usage_missing,
			inputTokens: sums.input,
			outputTokens: sums.output,
			cacheReadTokens: sums.cache_read,
			cacheToldTokens: sums.cache_told,
			cacheWriteTokens: sums.cache_write,
			reasoningTokens: sums.reasoning,
			costNanoUsd: sums.cost_nano - this.#subscriptionNano,
			subscriptionNanoUsd: this.#subscriptionNano,
			bound: boundOf(sums),
			latency: latencyOf(sums.latency_us, sums.latency_count, this.#latencies),
		};
	}
}
