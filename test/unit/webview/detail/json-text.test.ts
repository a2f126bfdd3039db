import assert from 'node:assert/strict';
import fc from 'fast-check';
import { jsonText } from '../../../../webview/detail/json-text.ts';

describe('writing a value as JSON', () => {
	it('reads back as the same value', () => {
		fc.assert(
			fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
				const { text, complete } = jsonText(value, 1e9);
				assert.ok(complete);
				assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)));
			}),
		);
	});

	it('indents', () =>
		assert.equal(jsonText({ a: [1, 'x'], b: {} }, 1000).text, '{\n  "a": [\n    1,\n    "x"\n  ],\n  "b": {}\n}'));

	it('stops soon after its limit', () => {
		for (const value of [{ text: 'x'.repeat(1e6) }, Array.from({ length: 1e5 }, (_, index) => index)]) {
			const { text, complete } = jsonText(value, 2000);
			assert.equal(complete, false);
			assert.ok(text.length < 2100, `${text.length}`);
		}
	});
});
