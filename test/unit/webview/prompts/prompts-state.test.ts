import assert from 'node:assert/strict';
import { initialPrompts, restorePrompts, withTask } from '../../../../webview/prompts/prompts-state.ts';

describe('how a person looks at the calls', () => {
	it('falls back field by field when another version wrote it', () => {
		const kept = { search: 7, sort: 'size', byTask: 'yes', closed: ['a', 4, 'b'], unfolded: 'c' };
		assert.deepEqual(restorePrompts(kept), { ...initialPrompts, closed: ['a', 'b'] });
		assert.deepEqual(restorePrompts(null), initialPrompts);
	});

	it('stays small: it is written with each change', () => {
		const many = Array.from({ length: 5000 }, (_, number) => `task-${number}`);
		const restored = restorePrompts({ closed: many, unfolded: many, search: 'x'.repeat(5000) });
		assert.deepEqual([restored.closed.length, restored.unfolded.length, restored.search.length], [2000, 200, 1000]);
		assert.equal(restored.closed.at(-1), 'task-4999');
		assert.deepEqual(withTask(many, 'one more', false).slice(-2), ['task-4999', 'one more']);
	});

	it('closes a task once, and opens it again', () => {
		assert.deepEqual(withTask(['a', 'b'], 'a', false), ['b', 'a']);
		assert.deepEqual(withTask(['a', 'b'], 'a', true), ['b']);
	});
});
