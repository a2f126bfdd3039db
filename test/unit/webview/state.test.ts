import assert from 'node:assert/strict';
import { initialState, reduce, restoreState } from '../../../webview/state.ts';

describe('what the panel keeps', () => {
	it('comes back as it was', () => {
		let state = reduce(initialState, { kind: 'range', range: '30d' });
		state = reduce(state, { kind: 'select', callId: 'c7' });
		state = reduce(state, { kind: 'tab', tab: 'metadata' });
		state = reduce(state, { kind: 'table', chart: 'time', shown: true });
		state = reduce(state, { kind: 'closeNotice', notice: '/ledger.damaged' });
		const anchor = { key: 'c3', index: 40, y: 12 };
		state = reduce(state, { kind: 'prompts', prompts: { search: 'retry', sort: 'cost', byTask: false } });
		state = reduce(state, { kind: 'prompts', prompts: { closed: ['s1'], unfolded: ['c9'] } });
		state = reduce(state, { kind: 'scroll', scroll: { top: 0, anchor } });
		assert.deepEqual(restoreState(JSON.parse(JSON.stringify(state))), state);
	});

	it('is the default for a first look', () => {
		assert.deepEqual(restoreState(undefined), initialState);
		assert.deepEqual(restoreState(null), initialState);
	});

	it('falls back field by field when another version wrote it', () => {
		const kept = {
			range: 'fortnight',
			selected: 7,
			tab: 'metadata',
			scroll: { top: 'far', anchor: { index: 3 } },
			tables: ['time', 4],
		};
		assert.deepEqual(restoreState(kept), { ...initialState, tab: 'metadata', tables: ['time'] });
	});

	it('takes a person who was on the one page of an older version to the calls', () => {
		assert.equal(restoreState({ page: 'usage' }).page, 'prompts');
		assert.equal(restoreState({ page: 'elsewhere' }).page, 'overview');
	});

	it('keeps how far down each page was, the sidebar, the filter and the open runs', () => {
		let state = reduce(initialState, { kind: 'top', page: 'overview', top: 120 });
		state = reduce(state, { kind: 'top', page: 'diagnostics', top: 40 });
		state = reduce(state, { kind: 'sidebar', sidebar: 'collapsed' });
		state = reduce(state, { kind: 'openRuns', runIds: ['a'] });
		state = reduce(state, { kind: 'filter', filter: { model: 'm', minCostNanoUsd: 5, unpriced: true } });
		assert.deepEqual(restoreState(JSON.parse(JSON.stringify(state))), state);
		const odd = {
			tops: { overview: 'far', x: 1 },
			filter: { model: 7, state: 'gone', kind: 'chat', minLatencyMs: -1 },
		};
		const restored = restoreState(odd);
		assert.deepEqual([restored.tops, restored.filter, restored.sidebar], [{ overview: 0 }, { kind: 'chat' }, null]);
	});

	it('forgets the place in the list when the range changes', () => {
		const scrolled = reduce(initialState, { kind: 'scroll', scroll: { top: 900, anchor: null } });
		assert.deepEqual(reduce(scrolled, { kind: 'range', range: 'all' }).scroll, initialState.scroll);
	});

	it('shows a chart as a table or not, each for itself', () => {
		const both = reduce(reduce(initialState, { kind: 'table', chart: 'time', shown: true }), {
			kind: 'table',
			chart: 'model',
			shown: true,
		});
		assert.deepEqual(reduce(both, { kind: 'table', chart: 'time', shown: false }).tables, ['model']);
	});
});
