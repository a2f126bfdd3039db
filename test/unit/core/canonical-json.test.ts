import assert from 'node:assert/strict';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { CanonicalJsonError, canonicalJson } from '../../../src/core/canonical-json.ts';

describe('canonicalJson', () => {
	it('writes the example of RFC 8785, section 3.2.2', () => {
		const value = {
			numbers: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
			string: '\u20ac$\u000f\u000aA\'\u0042\u0022\u005c\\"/',
			literals: [null, true, false],
		};
		assert.equal(
			canonicalJson(value),
			'{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
		);
	});

	it('sorts keys by UTF-16 code units, as RFC 8785 section 3.2.3 shows', () => {
		const keys = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\u{1f600}': 5, '\u0080': 6, '\u00f6': 7 };
		assert.equal(canonicalJson(keys), '{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}');
	});

	it('equals the reference library for any JSON value', () => {
		fc.assert(
			fc.property(fc.jsonValue({ noUnicodeString: false, maxDepth: 5 }), (value) => {
				let expected: string | undefined;
				try {
					expected = canonicalize(value);
				} catch {
					return; // A lone surrogate, which the library refuses.
				}
				assert.equal(canonicalJson(value), expected);
			}),
			{ numRuns: 2000 },
		);
	});

	it('does not depend on the order in which keys were set', () => {
		fc.assert(
			fc.property(
				fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()),
				fc.infiniteStream(fc.nat()),
				(object, order) => {
					const entries = Object.entries(object).map((entry) => ({ entry, rank: order.next().value }));
					const shuffled = Object.fromEntries(entries.sort((a, b) => a.rank - b.rank).map(({ entry }) => entry));
					assert.equal(canonicalJson(shuffled), canonicalJson(object));
				},
			),
		);
	});

	it('survives a round trip through JSON text, so that a stored event hashes the same', () => {
		fc.assert(
			fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), (object) => {
				assert.equal(canonicalJson(JSON.parse(JSON.stringify(object))), canonicalJson(object));
			}),
		);
	});

	it('writes a lone surrogate as U+FFFD, in keys too', () => {
		assert.equal(canonicalJson({ 'a\ud800': 'b\udc00' }), '{"a\ufffd":"b\ufffd"}');
	});

	it('keeps keys apart that hold the separator of its own cache', () => {
		assert.equal(canonicalJson({ a: 1, b: 2 }), '{"a":1,"b":2}');
		assert.equal(canonicalJson({ 'a\u0000b': 1 }), '{"a\\u0000b":1}');
		assert.equal(canonicalJson({ b: 2, a: 1 }), '{"a":1,"b":2}');
	});

	it('leaves undefined members out and writes -0 as 0', () => {
		assert.equal(canonicalJson({ a: undefined, b: [undefined, -0] }), '{"b":[null,0]}');
	});

	for (const [what, value, reason] of [
		['NaN', { a: Number.NaN }, 'notFinite'],
		['infinity', [Number.POSITIVE_INFINITY], 'notFinite'],
		['a bigint', { a: 1n }, 'notJson'],
		['a function', { a: () => 1 }, 'notJson'],
		['a bare undefined', undefined, 'notJson'],
	] as const) {
		it(`refuses ${what}`, () => {
			assert.throws(
				() => canonicalJson(value),
				(error) => error instanceof CanonicalJsonError && error.reason === reason,
			);
		});
	}

	it('refuses hostile nesting instead of exhausting the stack', () => {
		const value: unknown = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));
		assert.throws(
			() => canonicalJson(value),
			(error) => error instanceof CanonicalJsonError && error.reason === 'tooDeep',
		);
	});
});
