import { addHistogram, type Histogram, percentileMs } from '../../core/latency-histogram.ts';
import type { CallFilter, GroupTotals, Totals } from '../../core/views.ts';
import type { Dimension } from '../dimensions.ts';
import { addSums, noSums, type Sums } from '../sums.ts';
import { coverRange, everything } from '../time-cover.ts';
import { callSums, latencies } from './call-sums.ts';
import type { Reader } from './reader.ts';

/** Sums over all calls that pass the filter. */
export function totals(reader: Reader, filter: CallFilter): Totals {
	return reader.snapshot(() => {
		const resolved = reader.resolve(filter);
		const cover = resolved.range ? coverRange(resolved.range) : everything;
		const builder = new TotalsBuilder();
		for (const [dim, sums] of callSums(reader, [cover], resolved).get(0) ?? []) {
			builder.add(reader.dimension(dim), sums);
		}
		for (const histogram of latencies(reader, cover, resolved).values()) builder.addLatencies(histogram);
		return builder.totals();
	});
}

/** The same by provider and model, dearest first. */
export function byModel(reader: Reader, filter: CallFilter): GroupTotals[] {
	return reader.snapshot(() => {
		const resolved = reader.resolve(filter);
		const cover = resolved.range ? coverRange(resolved.range) : everything;
		const groups = new Map<string, { provider: string; model: string; builder: TotalsBuilder }>();
		const groupOf = (n: number) => {
			const { provider, model } = reader.dimension(n);
			const key = JSON.stringify([provider, model]);
			const group = groups.get(key) ?? { provider, model, builder: new TotalsBuilder() };
			groups.set(key, group);
			return group.builder;
		};
		for (const [dim, sums] of callSums(reader, [cover], resolved).get(0) ?? []) {
			groupOf(dim).add(reader.dimension(dim), sums);
		}
		for (const [dim, histogram] of latencies(reader, cover, resolved)) groupOf(dim).addLatencies(histogram);
		return [...groups.values()]
			.map(({ provider, model, builder }) => ({ provider, model, ...builder.totals() }))
			.sort((a, b) => costOf(b) - costOf(a) || b.calls - a.calls || a.model.localeCompare(b.model));
	});
}

function costOf({ costNanoUsd, subscriptionNanoUsd }: Totals): number {
	return costNanoUsd + subscriptionNanoUsd;
}

/** How a sum of costs relates to the truth: a cost that is missing or a lower bound makes it a least, and so on. */
export function boundOf(sums: { unpriced: number; at_least: number; at_most: number }): Totals['bound'] {
	const least = sums.unpriced > 0 || sums.at_least > 0;
	if (sums.at_most > 0) return least ? 'about' : 'atMost';
	return least ? 'atLeast' : 'exact';
}

class TotalsBuilder {
	readonly #sums = noSums();
	readonly #byState = { pending: 0, ok: 0, error: 0, cancelled: 0 };
	readonly #histogram: Histogram = new Map();
	#subscriptionNano = 0;

	add({ state, billing }: Pick<Dimension, 'state' | 'billing'>, sums: Readonly<Sums>): void {
		this.#byState[state] += sums.calls;
		addSums(this.#sums, sums);
		if (billing === 'subscription') this.#subscriptionNano += sums.cost_nano;
	}

	addLatencies(histogram: Histogram): void {
		addHistogram(this.#histogram, histogram);
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
			cacheWriteTokens: sums.cache_write,
			reasoningTokens: sums.reasoning,
			costNanoUsd: sums.cost_nano - this.#subscriptionNano,
			subscriptionNanoUsd: this.#subscriptionNano,
			bound: boundOf(sums),
			latency: {
				avgMs: sums.latency_count === 0 ? null : sums.latency_us / sums.latency_count / 1000,
				p50Ms: percentileMs(this.#histogram, 0.5),
				p90Ms: percentileMs(this.#histogram, 0.9),
				p99Ms: percentileMs(this.#histogram, 0.99),
			},
		};
	}
}
