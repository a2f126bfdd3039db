import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
	addDuration,
	addHistogram,
	decodeHistogram,
	encodeHistogram,
	type Histogram,
	percentileMs,
} from '../../../src/core/latency-histogram.ts';

const histogramOf = (durations: readonly number[]): Histogram => {
	const histogram: Histogram = new Map();
	for (const ms of durations) addDuration(histogram, ms);
	return histogram;
};
const durations = fc.array(fc.double({ min: 0.01, max: 1e7, noNaN: true }), { minLength: 1, maxLength: 200 });

describe('latency histogram', () => {
	it('gives any percentile to within 3 %', () => {
		fc.assert(
			fc.property(durations, fc.double({ min: 0, max: 1, noNaN: true }), (all, part) => {
				const sorted = [...all].sort((a, b) => a - b);
				const exact = sorted[Math.max(0, Math.ceil(all.length * part) - 1)] ?? Number.NaN;
				const estimate = percentileMs(histogramOf(all), part) ?? Number.NaN;
				assert.ok(Math.abs(estimate - exact) <= 0.03 * exact, `${estimate} for ${exact}`);
			}),
		);
	});

	it('adds up and takes apart', () => {
		fc.assert(
			fc.property(durations, durations, (a, b) => {
				const both = histogramOf(a);
				addHistogram(both, histogramOf(b));
				assert.deepEqual(both, histogramOf([...a, ...b]));
				addHistogram(both, histogramOf(b), -1);
				assert.deepEqual(both, histogramOf(a));
			}),
		);
	});

	it('takes one duration out again', () => {
		const histogram = histogramOf([5, 500]);
		addDuration(histogram, 5, -1);
		assert.deepEqual(histogram, histogramOf([500]));
	});

	it('survives its bytes, differences included', () => {
		fc.assert(
			fc.property(
				fc.array(fc.tuple(fc.integer({ min: -200, max: 500 }), fc.integer({ min: -1e9, max: 1e9 }))),
				(pairs) => {
					const histogram: Histogram = new Map(pairs.filter(([, count]) => count !== 0));
					assert.deepEqual([...decodeHistogram(encodeHistogram(histogram))].sort(), [...histogram].sort());
				},
			),
		);
	});

	it('takes about two bytes a slot', () => {
		const histogram = histogramOf(Array.from({ length: 60 }, (_, i) => 100 * 1.05 ** i));
		assert.ok(encodeHistogram(histogram).length <= 2 * histogram.size + 2);
	});

	it('reads what is left of cut-off bytes', () => {
		const bytes = encodeHistogram(histogramOf([1, 1000]));
		assert.equal(decodeHistogram(bytes.subarray(0, bytes.length - 1)).size, 1);
		assert.equal(decodeHistogram(new Uint8Array()).size, 0);
	});

	it('knows no percentile of nothing', () => assert.equal(percentileMs(new Map(), 0.5), null));
});
