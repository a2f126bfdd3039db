import { isTaskKey, keyOf, type Layout, type Line } from './line.ts';

export interface LinePage {
	lines: Line[];
	/** Lines in all, as far as is known. */
	total: number;
	/** Calls among them, those of closed tasks included. */
	calls: number;
	/** There are more than `total`, and nobody knows how many. */
	more: boolean;
	revision: number;
}

/** Where the lines of a list come from. */
export interface LineSource {
	readonly layout: Layout;
	fetch(offset: number, limit: number): Promise<LinePage>;
	/** The index of a call; `null`: it is not in the list, or only looking tells. */
	find(callId: string): Promise<number | null>;
}

/** A line that was seen at an index. */
export interface Anchor {
	key: string;
	index: number;
}

/** Lines fetched at once. */
export const pageSize = 100;
/** Pages kept: the ones longest out of view go first. */
const maxPages = 60;
/** Requests under way at once; what was scrolled past meanwhile is never asked for. */
const maxFetches = 2;
/** Lines beyond those in view that are fetched once all in view are here: so they are before someone scrolls there. */
const linesAhead = 50;
/** How many pages on each side of where a line was are looked through for it. */
const searchedPages = 2;

export interface LinePagesEvents {
	/** Lines came into the page, or their number has grown. */
	lines(): void;
	/** Lines of another revision came: it is time to `renew`. */
	stale(): void;
	error(error: unknown): void;
}

/**
 * The lines of a list, fetched by page as they come into view, all of one revision of the ledger.
 *
 * A page that comes back with another revision is not mixed in: `stale` asks the owner to `renew`, which fetches what is
 * in view anew and swaps all at once.
 */
export class LinePages {
	readonly source: LineSource;
	readonly #on: LinePagesEvents;
	#pages = new Map<number, Line[]>();
	#indexes = new Map<string, number>();
	#wanted: number[] = [];
	#fetching = new Set<number>();
	#generation = 0;
	total = 0;
	calls = 0;
	more = false;
	revision = -1;

	constructor(source: LineSource, on: LinePagesEvents) {
		this.source = source;
		this.#on = on;
	}

	/** The line at an index, or `undefined` while it is not here. */
	line(index: number): Line | undefined {
		return this.#pages.get(Math.floor(index / pageSize))?.[index % pageSize];
	}

	/** The index of a line among those that are here. */
	indexOf(key: string): number | null {
		return this.#indexes.get(key) ?? null;
	}

	/** The line at an index, fetched if it is not here; `null`: there is none, or the list changed meanwhile. */
	async get(index: number): Promise<Line | null> {
		if (index < 0 || index >= this.total) return null;
		const known = this.line(index);
		if (known !== undefined) return known;
		await this.#fetchPage(Math.floor(index / pageSize), this.#generation);
		return this.line(index) ?? null;
	}

	/** The index of a call wherever it is, with its line here; `null`: it is not in the list. */
	async find(callId: string): Promise<number | null> {
		const known = this.indexOf(callId);
		if (known !== null) return known;
		const index = await this.source.find(callId);
		if (index === null) return null;
		await this.get(index);
		return this.indexOf(callId);
	}

	/**
	 * Names the lines in view, `[start, end)`, and others: what is missing of them is fetched, and nothing else any more.
	 * Where nothing is missing, lines around them are fetched ahead.
	 */
	want(start: number, end: number, others: readonly number[] = []): void {
		const pages = new Set(pagesOf(start, Math.min(end, this.total)));
		for (const index of others) if (index < this.total) pages.add(Math.floor(index / pageSize));
		this.#wanted = [...pages];
		for (const number of this.#wanted) {
			const lines = this.#pages.get(number);
			if (lines === undefined) continue;
			this.#pages.delete(number);
			this.#pages.set(number, lines);
		}
		this.#fetchNext();
		if (this.#fetching.size > 0) return;
		const around = pagesOf(Math.max(0, start - linesAhead), Math.min(end + linesAhead, this.total));
		const ahead = around.findLast((number) => !this.#pages.has(number));
		if (ahead !== undefined) void this.#fetchWanted(ahead);
	}

	/**
	 * Fetches the lines in view anew and swaps them in together with the total.
	 *
	 * @param view lines in view before, `[start, end)`
	 * @param anchor the line that must not move under the reader's eyes; absent: the view stays at its indexes
	 * @param others lines out of view that are needed too
	 * @returns where the anchor is now; `null` without an anchor or when it is gone
	 */
	async renew(
		view: { start: number; end: number },
		anchor?: Anchor,
		others: readonly number[] = [],
	): Promise<number | null> {
		const generation = ++this.#generation;
		for (let attempt = 0; ; attempt++) {
			const fetched = new Map<number, Line[]>();
			const revisions = new Set<number>();
			let last: LinePage = { lines: [], total: 0, calls: 0, more: false, revision: -1 };
			let lastNumber = -1;
			const page = async (number: number): Promise<Line[]> => {
				const known = fetched.get(number);
				if (known !== undefined) return known;
				const reply = await this.source.fetch(number * pageSize, pageSize);
				revisions.add(reply.revision);
				// The furthest page knows best how many there are.
				if (number > lastNumber) last = reply;
				lastNumber = Math.max(lastNumber, number);
				fetched.set(number, reply.lines);
				return reply.lines;
			};
			const start = anchor?.index ?? view.start;
			await page(Math.floor(start / pageSize));
			// A list that shrank may end above the place.
			if (start >= last.total && last.total > 0) await page(Math.floor((last.total - 1) / pageSize));
			const found = anchor === undefined ? null : await this.#locate(anchor, last.total, page);
			const shift = anchor === undefined || found === null ? 0 : found - anchor.index;
			const end = Math.max(0, Math.min(view.end + shift, last.total));
			const needed = new Set(pagesOf(Math.min(Math.max(0, view.start + shift), end), end));
			// Where they were, or as much further down as the list has grown.
			for (const other of others.flatMap((index) => [index, index + Math.max(0, last.total - this.total)]))
				if (other < last.total) needed.add(Math.floor(other / pageSize));
			await Promise.all([...needed].map(page));
			if (revisions.size > 1 && attempt < 2) continue;
			if (generation !== this.#generation) return found;
			this.#pages = fetched;
			this.#index();
			this.#take(last);
			this.revision = Math.max(...revisions);
			return found;
		}
	}

	/** Looks where a line was, and where it is if the list grew above it; then asks; then looks around. */
	async #locate(
		{ key, index }: Anchor,
		total: number,
		page: (number: number) => Promise<Line[]>,
	): Promise<number | null> {
		const inPage = async (number: number): Promise<number | null> => {
			if (number < 0 || number * pageSize >= total) return null;
			const at = (await page(number)).findIndex((line) => keyOf(line) === key);
			return at < 0 ? null : number * pageSize + at;
		};
		const here = Math.floor(index / pageSize);
		const grown = Math.floor((index + Math.max(0, total - this.total)) / pageSize);
		const known = (await inPage(here)) ?? (this.total > 0 ? await inPage(grown) : null);
		if (known !== null) return known;
		const told = isTaskKey(key) ? null : await this.source.find(key);
		if (told !== null) return inPage(Math.floor(told / pageSize));
		for (let step = 1; step <= searchedPages; step++) {
			const found = (await inPage(here + step)) ?? (await inPage(here - step));
			if (found !== null) return found;
		}
		return null;
	}

	#fetchNext(): void {
		for (const number of this.#wanted) {
			if (this.#fetching.size >= maxFetches) return;
			if (this.#pages.has(number) || this.#fetching.has(number)) continue;
			void this.#fetchWanted(number);
		}
	}

	async #fetchWanted(number: number): Promise<void> {
		this.#fetching.add(number);
		await this.#fetchPage(number, this.#generation);
		this.#fetching.delete(number);
		this.#fetchNext();
	}

	async #fetchPage(number: number, generation: number): Promise<void> {
		try {
			const reply = await this.source.fetch(number * pageSize, pageSize);
			if (generation !== this.#generation) return;
			if (reply.revision !== this.revision) {
				this.#wanted = [];
				this.#on.stale();
				return;
			}
			this.#pages.set(number, reply.lines);
			if (!reply.more || reply.total > this.total) this.#take(reply);
			this.#forgetOldest();
			this.#index();
			this.#on.lines();
		} catch (error) {
			this.#wanted = [];
			this.#on.error(error);
		}
	}

	#take({ total, calls, more }: LinePage): void {
		this.total = total;
		this.calls = calls;
		this.more = more;
	}

	#forgetOldest(): void {
		for (const number of this.#pages.keys()) {
			if (this.#pages.size <= maxPages) return;
			if (!this.#wanted.includes(number)) this.#pages.delete(number);
		}
	}

	#index(): void {
		this.#indexes = new Map();
		for (const [number, lines] of this.#pages) {
			for (const [at, line] of lines.entries()) this.#indexes.set(keyOf(line), number * pageSize + at);
		}
	}
}

function pagesOf(start: number, end: number): number[] {
	const pages: number[] = [];
	for (let number = Math.floor(start / pageSize); number * pageSize < end; number++) pages.push(number);
	return pages;
}
