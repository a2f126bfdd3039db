import { coverRange, everything } from '../time-cover.ts';
import { callSums } from './call-sums.ts';
import type { Reader, ResolvedFilter } from './reader.ts';

/** How many calls pass the filter: from the sums, without counting rows. */
export function countCalls(reader: Reader, filter: ResolvedFilter): number {
	const cover = filter.range ? coverRange(filter.range) : everything;
	let calls = 0;
	for (const sums of callSums(reader, [cover], filter).get(0)?.values() ?? []) calls += sums.calls;
	return calls;
}
