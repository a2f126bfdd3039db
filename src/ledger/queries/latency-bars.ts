import { type Histogram, slotMs } from '../../core/latency-histogram.ts';
import type { LatencyBar } from '../../core/views.ts';

/** More bars than this tell nothing more. */
const MAX_BARS = 24;
/** Slots of the histogram in one bar: 5 %, 16 %, 28 %, 41 %, twice, four times, sixteen times as long, and so on. */
const WIDTHS = [1, 3, 5, 7, 14, 28, 57, 114, 1_000];

/**
 * A histogram as bars that are all as wide on a logarithmic scale and touch, empty ones between them included. All
 * durations are counted; the narrowest width is taken that needs no more than 24 bars.
 */
export function latencyBars(histogram: Histogram): LatencyBar[] {
	const slots = [...histogram.keys()];
	if (slots.length === 0) return [];
	const [first, last] = [Math.min(...slots), Math.max(...slots)];
	const width = WIDTHS.find((each) => barOf(last, each) - barOf(first, each) < MAX_BARS) ?? 1_000;
	const bars: LatencyBar[] = [];
	for (let bar = barOf(first, width); bar <= barOf(last, width); bar++) {
		bars.push({ fromMs: edgeMs(bar * width), toMs: edgeMs((bar + 1) * width), calls: 0 });
	}
	for (const [slot, calls] of histogram) {
		const bar = bars[barOf(slot, width) - barOf(first, width)];
		if (bar) bar.calls += calls;
	}
	return bars;
}

function barOf(slot: number, width: number): number {
	return Math.floor(slot / width);
}

/** Where a slot begins: half a slot below its middle. */
function edgeMs(slot: number): number {
	return slotMs(slot - 0.5);
}
