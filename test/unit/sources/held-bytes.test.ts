import assert from 'node:assert/strict';
import fc from 'fast-check';
import { HeldBytes } from '../../../src/sources/held-bytes.ts';

describe('HeldBytes', () => {
	it('gives each value as its pieces were, whatever was held before, and none that is too long', () => {
		const piece = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));
		fc.assert(
			fc.property(
				fc.array(fc.array(piece, { minLength: 1, maxLength: 5 })),
				fc.integer({ min: 1, max: 90 }),
				(values, max) => {
					const held = new HeldBytes(max);
					for (const pieces of values) {
						const whole = Buffer.concat(pieces);
						for (const part of pieces.slice(0, -1)) {
							const passing = Buffer.from(part);
							held.hold(passing);
							passing.fill(0);
						}
						assert.deepEqual(held.finish(pieces.at(-1) ?? Buffer.alloc(0)), whole.length > max ? null : whole);
					}
				},
			),
		);
	});

	it('gives back the room of a long value when a short one comes', () => {
		const held = new HeldBytes(64 << 20);
		const before = process.memoryUsage().arrayBuffers;
		held.hold(Buffer.alloc(32 << 20));
		held.finish(Buffer.alloc(1));
		held.hold(Buffer.from('a'));
		assert.equal(held.finish(Buffer.from('b'))?.toString(), 'ab');
		globalThis.gc?.();
		assert.ok(process.memoryUsage().arrayBuffers - before < 40 << 20);
	});
});
