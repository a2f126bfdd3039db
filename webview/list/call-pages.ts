import type { CallRow } from '../../src/core/views.ts';
import { type Anchor, locate } from './locate.ts';

export interface CallPage {
	rows: CallRow[];
	total: number;
	revision: number;
}
export type FetchCalls = (offset: number, limit: number) => Promise<CallPage>;

/** Rows fetched at once. */
export const pageSize = 100;
/** Pages kept: the ones longest out of view go first. */
const maxPages = 60;
/** Requests under way at once; what was scrolled past meanwhile is never asked for. */
const maxFetches = 2;

/**
 * The rows of a list, fetched by page as they come into view, all of one revision of the ledger.
 *
 * A page that comes back with another revision is not mixed in: `onStale` asks the owner to `renew`, which fetches
 * what is in view anew and swaps all at once.
 */
export class CallPages {
	readonly #fetch: FetchCalls;
	readonly #onRows: () => void;
	readonly #onStale: () => void;
	readonly #onError: (error: unknown) => void;
	#pages = new Map<number, CallRow[]>();
	#wanted: number[] = [];
	#fetching = new Set<number>();
	#generation = 0;
	total = 0;
	revision = -1;

	constructor(fetch: FetchCalls, on: { rows: () => void; stale: () => void; error: (error: unknown) => void }) {
		this.#fetch = fetch;
		this.#onRows = on.rows;
		this.#onStale = on.stale;
		this.#onError = on.error;
	}

	/** The row at an index, or `undefined` while it is not here. */
	row(index: number): CallRow | undefined {
		return this.#pages.get(Math.floor(index / pageSize))?.[index % pageSize];
	}

	/** The index of a call among the rows that are here. */
	indexOf(callId: string): number | null {
		for (const [number, rows] of this.#pages) {
			const index = rows.findIndex((row) => row.callId === callId);
			if (index >= 0) return number * pageSize + index;
		}
		return null;
	}

	/** Names the rows in view, `[start, end)`: what is missing of them is fetched, and nothing else any more. */
	want(start: number, end: number): void {
		this.#wanted = pagesOf(start, Math.min(end, this.total));
		for (const number of this.#wanted) {
			const rows = this.#pages.get(number);
			if (rows === undefined) continue;
			this.#pages.delete(number);
			this.#pages.set(number, rows);
		}
		this.#fetchNext();
	}

	/**
	 * Fetches the rows in view anew and swaps them in together with the total.
	 *
	 * @param view rows in view before, `[start, end)`
	 * @param anchor the row that must not move under the reader's eyes; absent: the view stays at its indexes
	 * @returns where the anchor is now; `null` without an anchor or when it is gone
	 */
	async renew(view: { start: number; end: number }, anchor?: Anchor): Promise<number | null> {
		const generation = ++this.#generation;
		for (let attempt = 0; ; attempt++) {
			const pages = new Map<number, CallRow[]>();
			const revisions = new Set<number>();
			let total = 0;
			const page = async (number: number): Promise<CallRow[]> => {
				const known = pages.get(number);
				if (known !== undefined) return known;
				const reply = await this.#fetch(number * pageSize, pageSize);
				revisions.add(reply.revision);
				total = reply.total;
				pages.set(number, reply.rows);
				return reply.rows;
			};
			await page(Math.floor((anchor?.index ?? view.start) / pageSize));
			const grown = Math.max(0, total - this.total);
			const found = anchor === undefined ? null : await locate(anchor, anchor.index + grown, { total, pageSize, page });
			const shift = anchor === undefined || found === null ? 0 : found - anchor.index;
			const last = Math.max(0, Math.min(view.end + shift, total));
			await Promise.all(pagesOf(Math.min(Math.max(0, view.start + shift), last), last).map(page));
			if (revisions.size > 1 && attempt < 2) continue;
			if (generation !== this.#generation) return found;
			this.#pages = pages;
			this.total = total;
			this.revision = Math.max(...revisions);
			return found;
		}
	}

	#fetchNext(): void {
		for (const number of this.#wanted) {
			if (this.#fetching.size >= maxFetches) return;
			if (this.#pages.has(number) || this.#fetching.has(number)) continue;
			this.#fetching.add(number);
			void this.#fetchPage(number, this.#generation);
		}
	}

	async #fetchPage(number: number, generation: number): Promise<void> {
		try {
			const reply = await this.#fetch(number * pageSize, pageSize);
			if (generation !== this.#generation) return;
			if (reply.revision !== this.revision) {
				this.#wanted = [];
				this.#onStale();
				return;
			}
			this.#pages.set(number, reply.rows);
			this.#forgetOldest();
			this.#onRows();
		} catch (error) {
			this.#wanted = [];
			this.#onError(error);
		} finally {
			this.#fetching.delete(number);
			this.#fetchNext();
		}
	}

	#forgetOldest(): void {
		for (const number of this.#pages.keys()) {
			if (this.#pages.size <= maxPages) return;
			if (!this.#wanted.includes(number)) this.#pages.delete(number);
		}
	}
}

function pagesOf(start: number, end: number): number[] {
	const pages: number[] = [];
	for (let number = Math.floor(start / pageSize); number * pageSize < end; number++) pages.push(number);
	return pages;
}
