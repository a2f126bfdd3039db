import assert from 'node:assert/strict';
import { plural, text } from '../../../webview/strings.ts';

describe('texts of the panel', () => {
	it('fill their placeholders', () => assert.equal(text('completion.status', { status: 429 }), 'HTTP 429'));

	it('do not take a value for a placeholder', () => {
		assert.equal(text('role.toolNamed', { name: '{name} $& {count}' }), 'Result of {name} $& {count}');
	});

	it('agree with their number', () => {
		assert.equal(plural('list.new', 1), '1 new call');
		assert.equal(plural('list.new', 3), '3 new calls');
		assert.equal(plural('list.count', 100_000, '100,000'), '100,000 calls');
	});
});
