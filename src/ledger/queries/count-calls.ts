import { coverRange, everything } from '../time-cover.ts';
import { callConditions, callTable } from './call-conditions.ts';
import { callSums, isSummed } from './call-sums.ts';
import type { Reader, ResolvedFilter } from './reader.ts';

/** How many calls pass the filter: from the sums over time where they know. */
export function countCalls(reader: Reader, filter: ResolvedFilter): number {
	if (!isSummed(filter)) {
		const { where, values } = callConditions(filter);
		return Number(
			reader.sql(`SELECT count(*) AS calls FROM ${callTable(reader, filter)} ${where}`).get(...values)?.calls,
		);
	}
	const cover = filter.range ? coverRange(filter.range) : everything;
	let calls = 0;
	for (const { sums } of callSums(reader, [cover], filter, { latencies: false }).get(0)?.values() ?? []) {
		calls += sums.calls;
	}
	return calls;
}
