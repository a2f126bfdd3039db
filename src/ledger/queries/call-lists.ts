import type { CallFilter, CallSort } from '../../core/views.ts';
import { comesBefore, sortedAmong, sortedCalls } from './call-order.ts';
import { changesSince, type Mark, markOf } from './change-feed.ts';
import type { Reader, ResolvedFilter } from './reader.ts';

/** Calls kept in all lists together, some 8 bytes each. The list asked for last is kept however long it is. */
const MAX_CALLS = 2_000_000;
const MAX_LISTS = 8;

interface List {
	calls: number[];
	mark: Mark;
}

/**
 * The calls of filters that no index and no sum answers, in order: made once, and from then on only what a commit
 * changed is looked at. Used inside a snapshot.
 */
export class CallLists {
	readonly #reader: Reader;
	/** Latest used last. */
	readonly #lists = new Map<string, List>();

	constructor(reader: Reader) {
		this.#reader = reader;
	}

	/** Numbers of the calls that pass, in order. Not to be changed by the caller. */
	get(filter: CallFilter, resolved: ResolvedFilter, sort: CallSort): readonly number[] {
		const key = JSON.stringify([sort, filterKey(filter)]);
		const known = this.#lists.get(key);
		const list = (known && this.#renewed(known, resolved, sort)) ?? {
			calls: sortedCalls(this.#reader, resolved, sort),
			mark: markOf(this.#reader),
		};
		this.#lists.delete(key);
		this.#lists.set(key, list);
		this.#bound();
		return list.calls;
	}

	#renewed(list: List, resolved: ResolvedFilter, sort: CallSort): List | null {
		const changes = changesSince(this.#reader, list.mark);
		if (!changes) return null;
		const mark = markOf(this.#reader);
		if (changes.calls.size === 0) return { ...list, mark };
		const calls = list.calls.filter((n) => !changes.calls.has(n));
		const isBefore = comesBefore(this.#reader, sort);
		for (const n of sortedAmong(this.#reader, resolved, sort, changes.calls)) {
			calls.splice(placeFor(calls, n, isBefore), 0, n);
		}
		return { calls, mark };
	}

	#bound(): void {
		let calls = 0;
		for (const list of this.#lists.values()) calls += list.calls.length;
		for (const [key, list] of this.#lists) {
			if (this.#lists.size === 1 || (this.#lists.size <= MAX_LISTS && calls <= MAX_CALLS)) return;
			this.#lists.delete(key);
			calls -= list.calls.length;
		}
	}
}

/** The same for filters that are the same, in whatever order their parts were given. */
export function filterKey(filter: CallFilter): string {
	const { range, ...parts } = filter;
	const said = Object.entries(parts).filter(([, value]) => value !== undefined);
	return JSON.stringify([range?.fromMs, range?.toMs, said.sort(([a], [b]) => (a < b ? -1 : 1))]);
}

function placeFor(calls: readonly number[], n: number, isBefore: (a: number, b: number) => boolean): number {
	let low = 0;
	let high = calls.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		const other = calls[middle];
		if (other !== undefined && isBefore(other, n)) low = middle + 1;
		else high = middle;
	}
	return low;
}
