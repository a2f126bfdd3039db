import type { Granularity, TimeRange } from '../../src/core/views.ts';
import { granularityFor } from '../time-range.ts';

const hourMs = 3_600_000;
const lengths: readonly [Granularity, number][] = [
	['hour', hourMs],
	['day', 24 * hourMs],
	['week', 7 * 24 * hourMs],
];
/** More bars than this are less than a pixel wide each, and take long to count. */
const mostBars = 800;

/** How the calls of a range may be put together. */
export function offeredFor({ fromMs, toMs }: TimeRange): Granularity[] {
	return lengths
		.filter(([, ms]) => ms === lengths.at(-1)?.[1] || (toMs - fromMs) / ms <= mostBars)
		.map(([each]) => each);
}

/** What was chosen where it gives few enough bars, else what suits the range. */
export function usedFor(chosen: Granularity | null, range: TimeRange): Granularity {
	return chosen !== null && offeredFor(range).includes(chosen) ? chosen : granularityFor(range);
}
