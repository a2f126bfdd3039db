import type { CallFilter, Facets } from '../../core/views.ts';
import type { Dimension } from '../dimensions.ts';
import { DAY_MS } from '../source-days.ts';
import { coverRange, everything } from '../time-cover.ts';
import { callSums } from './call-sums.ts';
import { noFilter, type Reader } from './reader.ts';

/**
 * What there is to filter by within the filter's range, whatever else it asks: a choice made in one place takes away
 * none of the others. Most calls first.
 */
export function facets(reader: Reader, { range }: CallFilter): Facets {
	return reader.snapshot(() => {
		const cover = range ? coverRange(range) : everything;
		const dims = callSums(reader, [cover], noFilter, { latencies: false }).get(0) ?? new Map();
		const counted: [Dimension, number][] = [];
		for (const [n, { sums }] of dims) if (sums.calls > 0) counted.push([reader.dimension(n), sums.calls]);
		return {
			agents: countBy(counted, ({ agent_id }) => ({ agentId: agent_id })),
			models: countBy(counted, ({ provider, model }) => ({ provider, model })),
			kinds: countBy(counted, ({ kind }) => ({ kind })),
			states: countBy(counted, ({ state }) => ({ state })),
			folders: countBy(counted, ({ folder }) => ({ folder })),
			sources: countBy(sourceCounts(reader, range), (source) => ({ source })),
		};
	});
}

function countBy<Of, Value extends object>(
	counted: Iterable<readonly [Of, number]>,
	nameOf: (of: Of) => Value,
): (Value & { calls: number })[] {
	const groups = new Map<string, Value & { calls: number }>();
	for (const [of, calls] of counted) {
		const value = nameOf(of);
		const key = JSON.stringify(value);
		const group = groups.get(key) ?? { ...value, calls: 0 };
		group.calls += calls;
		groups.set(key, group);
	}
	return [...groups]
		.sort(([a, { calls: x }], [b, { calls: y }]) => y - x || (a < b ? -1 : 1))
		.map(([, group]) => group);
}

/** Whole days from their counts, what is left at the ends from the calls. */
function sourceCounts(reader: Reader, range: CallFilter['range']): [source: string, calls: number][] {
	const { fromMs, toMs } = range ?? { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
	const days = { from: Math.ceil(fromMs / DAY_MS), to: Math.floor(toMs / DAY_MS) };
	const ofCalls = (from: number, to: number) =>
		reader
			.columns(
				`SELECT c.source_n, count(*) FROM call c INDEXED BY call_started
				WHERE c.started_ms >= ? AND c.started_ms < ? GROUP BY c.source_n`,
			)
			.all(from, to) as unknown as [number, number][];
	const rows =
		days.from < days.to && reader.isCurrent
			? [
					...ofCalls(fromMs, days.from * DAY_MS),
					...(reader
						.columns('SELECT source_n, sum(calls) FROM source_day WHERE day >= ? AND day < ? GROUP BY source_n')
						.all(days.from, days.to) as unknown as [number, number][]),
					...ofCalls(days.to * DAY_MS, toMs),
				]
			: ofCalls(fromMs, toMs);
	const names = new Map(
		reader
			.sql('SELECT n, name FROM source')
			.all()
			.map(({ n, name }) => [Number(n), String(name)]),
	);
	return rows.map(([n, calls]) => [names.get(n) ?? '', calls]);
}
