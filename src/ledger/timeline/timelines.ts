import type { CallFilter, TimelineItem, TimelinePage } from '../../core/views.ts';
import type { TimelineQuery } from '../ledger.ts';
import { filterKey } from '../queries/call-lists.ts';
import { sortedCalls } from '../queries/call-order.ts';
import { rowsOf } from '../queries/call-rows.ts';
import { countCalls } from '../queries/count-calls.ts';
import { noFilter, type Reader, type ResolvedFilter } from '../queries/reader.ts';
import { sessionRows } from '../queries/session-rows.ts';
import { Lines, type Stretch, tasksAbove } from './lines.ts';
import { Outline } from './outline.ts';
import { type Task, treeCalls } from './task-tree.ts';

/** Tasks kept in all outlines together, some 200 bytes each. The outline asked for last is kept however large it is. */
const MAX_TASKS = 300_000;
const MAX_OUTLINES = 6;
/** Sessions whose numbers are kept: a list of closed tasks comes again with each page. */
const MAX_NUMBERS = 200_000;

interface LastLines {
	outline: Outline;
	version: number;
	sort: TimelineQuery['sort'];
	sessionIds: readonly string[];
	lines: Lines;
}

/** Timelines of different filters, each remembered as an outline: which tasks it has, and how many calls of each. */
export class Timelines {
	readonly #reader: Reader;
	/** Latest used last. */
	readonly #outlines = new Map<string, Outline>();
	readonly #numbers = new Map<string, number>();
	/** The lines of the last page: the next one is mostly of the same. */
	#last: LastLines | null = null;
	/** That of the page being made: what passes it may have grown since the lines were. */
	#filter: ResolvedFilter = noFilter;

	constructor(reader: Reader) {
		this.#reader = reader;
	}

	page(query: TimelineQuery): TimelinePage {
		return this.#reader.snapshot(() => {
			const filter = this.#reader.resolve(query.filter);
			this.#filter = filter;
			const outline = this.outline(query.filter, filter);
			const wanted = 'callId' in query.from ? this.#find(outline, filter, query.from.callId) : null;
			const lines = this.#linesOf(query, outline, wanted?.task ?? null);
			const line = wanted ? lines.lineOf(wanted.task, wanted.rank) - Math.floor(query.limit / 2) : 0;
			const offset = 'offset' in query.from ? query.from.offset : Math.max(0, line);
			return {
				items: this.#items(lines.page(offset, query.limit), filter, query.sort),
				offset,
				total: lines.total,
				calls: outline.calls,
				sessions: outline.tasks.size,
				revision: this.#reader.revision(),
			};
		});
	}

	/** The tasks of a filter, as they are now. To be called inside a snapshot. */
	outline(filter: CallFilter, resolved: ResolvedFilter): Outline {
		const key = filterKey(filter);
		const known = this.#outlines.get(key);
		const outline = known?.renew(resolved) ? known : new Outline(this.#reader, resolved);
		this.#outlines.delete(key);
		this.#outlines.set(key, outline);
		let tasks = 0;
		for (const each of this.#outlines.values()) tasks += each.tasks.size;
		for (const [oldest, each] of this.#outlines) {
			if (this.#outlines.size === 1 || (this.#outlines.size <= MAX_OUTLINES && tasks <= MAX_TASKS)) break;
			this.#outlines.delete(oldest);
			tasks -= each.tasks.size;
		}
		return outline;
	}

	/** `shown`: a task that is open, with those above it, whatever is closed. */
	#linesOf({ closed: sessionIds, sort }: TimelineQuery, outline: Outline, shown: Task | null): Lines {
		const last = this.#last;
		const isSame =
			last?.outline === outline &&
			last.version === outline.version &&
			last.sort === sort &&
			last.sessionIds.length === sessionIds.length &&
			last.sessionIds.every((id, i) => id === sessionIds[i]);
		if (isSame && shown === null) return last.lines;
		const closed = this.#tasks(outline, sessionIds);
		for (const open of shown ? [shown, ...tasksAbove(shown)] : []) closed.delete(open);
		const lines = new Lines(outline.roots, sort, closed, (task) => this.#ranks(task));
		if (shown === null) this.#last = { outline, version: outline.version, sort, sessionIds, lines };
		return lines;
	}

	#tasks(outline: Outline, sessionIds: readonly string[]): Set<Task> {
		const unknown = sessionIds.filter((id) => !this.#numbers.has(id));
		if (unknown.length > 0) {
			if (this.#numbers.size > MAX_NUMBERS) this.#numbers.clear();
			const rows = this.#reader
				.columns('SELECT s.session_id, s.n FROM json_each(?) id JOIN session s ON s.session_id = id.value')
				.all(JSON.stringify(unknown)) as unknown as [string, number][];
			for (const [id, n] of rows) this.#numbers.set(id, n);
		}
		return new Set(sessionIds.flatMap((id) => outline.tasks.get(this.#numbers.get(id) ?? -1) ?? []));
	}

	/** A call's task, and its rank among the calls of that, oldest first. */
	#find(outline: Outline, filter: ResolvedFilter, callId: string): { task: Task; rank: number } | null {
		const n = this.#reader.callNumber(callId);
		const call = n === null ? undefined : this.#reader.sql('SELECT session_n, started_ms FROM call WHERE n = ?').get(n);
		const task = outline.tasks.get(Number(call?.session_n));
		if (n === null || !task) return null;
		const startedMs = Number(call?.started_ms);
		const own = within(filter, task.n, startedMs, startedMs + 1);
		const among = sortedCalls(this.#reader, own, 'oldest').indexOf(n);
		if (among < 0) return null;
		return { task, rank: among + countCalls(this.#reader, within(filter, task.n, 0, startedMs)) };
	}

	/** A subagent's task comes after the calls that began before it, or with it: one of those asked for it. */
	#ranks({ calls, family, n }: Task): readonly number[] {
		if (!family) return [];
		family.ranks ??= family.below.map((child) =>
			calls === 0 ? 0 : countCalls(this.#reader, within(this.#filter, n, 0, (child.family?.startMs ?? 0) + 1)),
		);
		return family.ranks;
	}

	#items(stretches: readonly Stretch[], filter: ResolvedFilter, sort: TimelineQuery['sort']): TimelineItem[] {
		const sessions = new Map(
			sessionRows(
				this.#reader,
				stretches.flatMap((stretch) => ('open' in stretch ? stretch.task.n : [])),
			),
		);
		return stretches.flatMap((stretch): TimelineItem[] => {
			const { task, depth } = stretch;
			if ('open' in stretch) {
				const session = sessions.get(task.n);
				if (!session) return [];
				const matchingBelow = treeCalls(task) - task.calls;
				return [{ type: 'session', session, depth, open: stretch.open, matching: task.calls, matchingBelow }];
			}
			const own = { ...filter, session: task.n };
			const page = { offset: stretch.from, limit: stretch.to - stretch.from };
			return rowsOf(this.#reader, sortedCalls(this.#reader, own, sort, page)).map((row) => ({
				type: 'call',
				row,
				depth,
			}));
		});
	}
}

/** The filter for the calls of a task that began in a stretch of time. */
function within(filter: ResolvedFilter, session: number, fromMs: number, toMs: number): ResolvedFilter {
	const range = {
		fromMs: Math.max(fromMs, filter.range?.fromMs ?? 0),
		toMs: Math.min(toMs, filter.range?.toMs ?? Number.MAX_SAFE_INTEGER),
	};
	return { ...filter, session, range };
}
