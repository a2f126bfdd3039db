import assert from 'node:assert/strict';
import { keyAction } from '../../../../webview/list/list-keys.ts';

describe('keys in the list of calls', () => {
	const place = { active: 10, total: 100, page: 8 };
	const target = (key: string, over: Partial<{ active: number | null; total: number }> = {}) => {
		const action = keyAction(key, { ...place, ...over });
		return action?.kind === 'move' ? action.index : action;
	};

	it('move by a line, by a page, and to both ends', () => {
		assert.deepEqual(
			['ArrowDown', 'ArrowUp', 'PageDown', 'PageUp', 'Home', 'End'].map((key) => target(key)),
			[11, 9, 18, 2, 0, 99],
		);
	});

	it('stop at the ends', () => {
		assert.deepEqual(
			[target('ArrowUp', { active: 0 }), target('PageUp', { active: 3 }), target('PageDown', { active: 95 })],
			[0, 0, 99],
		);
	});

	it('mark the first line when none is', () => {
		assert.equal(target('ArrowDown', { active: null }), 0);
		assert.equal(target('PageDown', { active: null }), 8);
	});

	it('open, unfold, fold and leave', () => {
		const kinds = ['Enter', ' ', 'ArrowRight', 'ArrowLeft', 'Escape'].map((key) => keyAction(key, place)?.kind);
		assert.deepEqual(kinds, ['open', 'toggle', 'unfold', 'fold', 'leave']);
	});

	it('leave other keys to the browser', () => {
		for (const key of ['a', 'Tab', 'F5', 'toString', '__proto__']) assert.equal(keyAction(key, place), null);
	});
});
