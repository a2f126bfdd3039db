import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { coverRange, pieceBoundsMs } from '../../../src/ledger/time-cover.ts';

const MAX = Date.UTC(2100, 0, 1);

describe('coverRange', () => {
	it('covers every millisecond once, and no other', () => {
		fc.assert(
			fc.property(fc.integer({ min: 0, max: MAX }), fc.integer({ min: 0, max: MAX }), (fromMs, toMs) => {
				const { pieces, edges } = coverRange({ fromMs, toMs });
				const parts = [...pieces.map(pieceBoundsMs), ...edges.map((edge) => [edge.fromMs, edge.toMs] as const)];
				parts.sort(([a], [b]) => a - b);
				if (fromMs >= toMs) return assert.deepEqual(parts, []);
				assert.equal(parts[0]?.[0], fromMs);
				assert.equal(parts.at(-1)?.[1], toMs);
				for (let i = 1; i < parts.length; i++) assert.equal(parts[i]?.[0], parts[i - 1]?.[1]);
				assert.ok(pieces.length <= 7);
				for (const edge of edges) assert.ok(edge.toMs - edge.fromMs < 2 * 900_000);
			}),
			{ numRuns: 2_000 },
		);
	});
});
