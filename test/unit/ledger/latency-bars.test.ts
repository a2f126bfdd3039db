import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { addDuration, type Histogram } from '../../../src/core/latency-histogram.ts';
import { latencyBars } from '../../../src/ledger/queries/latency-bars.ts';

describe('Latency bars', () => {
	it('touch, are as wide on a logarithmic scale, few, and count every call between their edges', () => {
		const durations = fc.array(fc.double({ min: 0.001, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 50 });
		fc.assert(
			fc.property(durations, (all) => {
				const histogram: Histogram = new Map();
				for (const ms of all) addDuration(histogram, ms);
				const bars = latencyBars(histogram);
				assert.ok(bars.length <= 24);
				const widths = bars.map(({ fromMs, toMs }) => Math.log(toMs / fromMs));
				for (const [i, bar] of bars.entries()) {
					if (i > 0) assert.equal(bar.fromMs, bars[i - 1]?.toMs);
					assert.ok(Math.abs((widths[i] ?? 0) - (widths[0] ?? 0)) < 1e-9);
					// A duration on an edge belongs to the bar that its slot is in.
					const inside = all.filter((ms) => ms > bar.fromMs * 1.000001 && ms < bar.toMs * 0.999999).length;
					const atMost = all.filter((ms) => ms > bar.fromMs * 0.999999 && ms < bar.toMs * 1.000001).length;
					assert.ok(bar.calls >= inside && bar.calls <= atMost);
				}
				assert.equal(
					bars.reduce((sum, { calls }) => sum + calls, 0),
					all.length,
				);
			}),
		);
	});

	it('are none without a latency', () => assert.deepEqual(latencyBars(new Map()), []));
});
