import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { canonicalJson } from '../../../src/core/canonical-json.ts';
import { parseArguments } from '../../../src/core/normalise-messages.ts';
import { jsonValue, snapshotValue, TOO_DEEP } from '../../../src/core/snapshot-value.ts';

function nested(levels: number): unknown {
	let value: unknown = 'core';
	for (let i = 0; i < levels; i++) value = { in: value };
	return value;
}

describe('snapshotValue', () => {
	it('makes null of numbers that JSON cannot say', () => {
		assert.deepEqual(snapshotValue({ n: Number.POSITIVE_INFINITY, list: [Number.NaN, 1] }), {
			n: null,
			list: [null, 1],
		});
	});

	it('cuts what is nested beyond all measure, and says so', () => {
		const json = canonicalJson(snapshotValue(nested(5_000)));
		assert.ok(json.includes(TOO_DEEP));
		assert.ok(!json.includes('core'));
	});

	it('leaves cycles out at once, however many there are', () => {
		const node: Record<string, unknown> = { name: 'a' };
		for (const key of ['b', 'c', 'd']) node[key] = node;
		assert.deepEqual(snapshotValue(node), { name: 'a' });
	});
});

describe('jsonValue', () => {
	it('gives the value itself where JSON can say it', () => {
		const value = { a: [1, 'x', null, { b: false }] };
		assert.equal(jsonValue(value), value);
	});

	for (const [name, odd] of [
		['an infinity', { a: [Number.NEGATIVE_INFINITY] }],
		['a bigint', [1n]],
		['a function', { run: () => 1 }],
		['binary data', { bytes: new Uint8Array(2) }],
		['great depth', nested(5_000)],
	] as const) {
		it(`gives a copy that has a form in JSON for ${name}`, () => {
			const kept = jsonValue(odd);
			assert.doesNotThrow(() => canonicalJson(kept));
			assert.equal(jsonValue(kept), kept);
		});
	}
});

describe('parseArguments', () => {
	it('keeps arguments that parse to what JSON cannot say', () => {
		assert.deepEqual(parseArguments('{"n":1e999,"path":"a"}'), { n: null, path: 'a' });
		assert.doesNotThrow(() => canonicalJson(parseArguments(`${'['.repeat(3_000)}${']'.repeat(3_000)}`)));
	});
});
