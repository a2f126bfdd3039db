/**
 * Durations counted in slots that widen by 5 %: any percentile is right to 2.5 % whatever the range, and two histograms
 * add up to the histogram of both. Sparse: slot → count.
 */
export type Histogram = Map<number, number>;

const GROWTH = Math.log(1.05);
/** Shorter than a microsecond counts as one: a logarithm has no zero. */
const SHORTEST_MS = 0.001;

/** The slot of a duration in milliseconds. */
export function slotOf(ms: number): number {
	return Math.round(Math.log(Math.max(ms, SHORTEST_MS)) / GROWTH);
}

/** The duration in milliseconds that stands for a slot: its geometric middle. */
export function slotMs(slot: number): number {
	return Math.exp(slot * GROWTH);
}

/** Counts one duration in; with `count` -1, out again. */
export function addDuration(histogram: Histogram, ms: number, count = 1): void {
	addToSlot(histogram, slotOf(ms), count);
}

/** Adds `from` to `to`; with `sign` -1, takes it out again. */
export function addHistogram(to: Histogram, from: ReadonlyMap<number, number>, sign: 1 | -1 = 1): void {
	for (const [slot, count] of from) addToSlot(to, slot, sign * count);
}

/**
 * The duration that the given part (0 to 1) of all is not longer than, by the nearest rank, in milliseconds; show it
 * with ≈. `null` when nothing was counted.
 */
export function percentileMs(histogram: ReadonlyMap<number, number>, part: number): number | null {
	let total = 0;
	for (const count of histogram.values()) total += count;
	if (total <= 0) return null;
	let rank = Math.max(1, Math.ceil(total * Math.min(part, 1)));
	for (const [slot, count] of [...histogram].sort(([a], [b]) => a - b)) {
		rank -= count;
		if (rank <= 0) return slotMs(slot);
	}
	return null;
}

/** As bytes, some two for each slot: differences of slots and counts as variable-length integers. */
export function encodeHistogram(histogram: ReadonlyMap<number, number>): Uint8Array {
	const bytes: number[] = [];
	let before = 0;
	for (const [slot, count] of [...histogram].sort(([a], [b]) => a - b)) {
		pushVarint(bytes, zigzag(slot - before));
		pushVarint(bytes, zigzag(count));
		before = slot;
	}
	return Uint8Array.from(bytes);
}

/** Stands between encoded histograms, in hex: a count of 0 is never written. */
export const BETWEEN_HISTOGRAMS = '0000';

/** What `encodeHistogram` made; of several with `BETWEEN_HISTOGRAMS` between them their sum. A cut-off last pair is left out. */
export function decodeHistogram(bytes: Uint8Array): Histogram {
	const histogram: Histogram = new Map();
	let slot = 0;
	let step: number | null = null;
	let value = 0;
	let scale = 1;
	for (let at = 0; at < bytes.length; at++) {
		const byte = bytes[at] ?? 0;
		value += (byte & 0x7f) * scale;
		scale *= 128;
		if (byte >= 0x80) continue;
		const number = value % 2 === 0 ? value / 2 : -(value + 1) / 2;
		value = 0;
		scale = 1;
		if (step === null) {
			step = number;
			continue;
		}
		slot = number === 0 ? 0 : slot + step;
		if (number !== 0) addToSlot(histogram, slot, number);
		step = null;
	}
	return histogram;
}

function addToSlot(histogram: Histogram, slot: number, count: number): void {
	const sum = (histogram.get(slot) ?? 0) + count;
	if (sum === 0) histogram.delete(slot);
	else histogram.set(slot, sum);
}

/** Small numbers of either sign as small numbers: 0, -1, 1, -2 … as 0, 1, 2, 3 … Beyond 2^53 nothing is counted. */
function zigzag(value: number): number {
	return value >= 0 ? value * 2 : -value * 2 - 1;
}

function pushVarint(bytes: number[], value: number): void {
	let rest = value;
	while (rest >= 128) {
		bytes.push((rest % 128) + 128);
		rest = Math.floor(rest / 128);
	}
	bytes.push(rest);
}
