import type { CallFilter, CallSort } from '../../src/core/views.ts';
import type { HostLink } from '../host-link.ts';
import type { LineSource } from './line-pages.ts';

/** Tasks with their calls, those in `closed` without. */
export function timelineSource(
	link: HostLink,
	query: { filter: CallFilter; sort: 'newest' | 'oldest'; closed: string[] },
): LineSource {
	return {
		layout: 'tasks',
		async fetch(offset, limit) {
			const page = await link.request({ kind: 'timeline', ...query, limit, from: { offset } });
			const { items, total, calls, revision } = page;
			return { lines: items, total, calls, more: false, revision };
		},
		async find(callId) {
			const { items, offset } = await link.request({ kind: 'timeline', ...query, limit: 3, from: { callId } });
			const index = items.findIndex((item) => item.type === 'call' && item.row.callId === callId);
			return index < 0 ? null : offset + index;
		},
	};
}

/** Calls alone. */
export function callsSource(link: HostLink, query: { filter: CallFilter; sort: CallSort }): LineSource {
	return {
		layout: 'calls',
		async fetch(offset, limit) {
			const { rows, total, revision } = await link.request({ kind: 'calls', ...query, offset, limit });
			return {
				lines: rows.map((row) => ({ type: 'call', row, depth: 0 })),
				total,
				calls: total,
				more: false,
				revision,
			};
		},
		find: (callId) => link.request({ kind: 'positionOf', ...query, callId }),
	};
}

/**
 * Calls in which a search found something. How many there are is known at the end only: until then one more line than
 * was found stands for those to come.
 */
export function searchSource(link: HostLink, query: { filter: CallFilter; text: string }): LineSource {
	return {
		layout: 'hits',
		async fetch(offset, limit) {
			const { hits, more } = await link.request({ kind: 'search', ...query, offset, limit });
			const found = offset + hits.length;
			return {
				lines: hits.map((hit) => ({ type: 'hit', row: hit.row, hit, depth: 0 })),
				total: found + (more ? 1 : 0),
				calls: found,
				more,
				revision: 0,
			};
		},
		find: () => Promise.resolve(null),
	};
}
