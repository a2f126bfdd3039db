import { type Task, treeLines } from './task-tree.ts';

/** A stretch of the timeline, by what stands there. */
export type Stretch =
	| { task: Task; depth: number; open: boolean }
	/** Calls `[from, to)` of a task, counted in the order of the timeline. */
	| { task: Task; depth: number; from: number; to: number };

/**
 * The lines of a timeline: each task, and below it its calls with the tasks of its subagents among them, but for the
 * tasks that are closed. What is not asked for is stepped over by its number of lines.
 */
export class Lines {
	readonly total: number;
	readonly #roots: readonly Task[];
	readonly #isNewestFirst: boolean;
	readonly #closed: ReadonlySet<Task>;
	/** Tasks with a closed one below: the others are open through and through. */
	readonly #aboveClosed = new Set<Task>();
	readonly #ranksOf: (task: Task) => readonly number[];

	/** `ranksOf`: how many calls of a task are before each of those below it, oldest first. */
	constructor(
		roots: readonly Task[],
		sort: 'newest' | 'oldest',
		closed: ReadonlySet<Task>,
		ranksOf: (task: Task) => readonly number[],
	) {
		this.#roots = roots;
		this.#isNewestFirst = sort === 'newest';
		this.#closed = closed;
		this.#ranksOf = ranksOf;
		for (const task of closed) {
			for (const above of tasksAbove(task)) this.#aboveClosed.add(above);
		}
		let total = 0;
		for (const root of roots) total += this.#linesOf(root);
		this.total = total;
	}

	/** What stands on up to `limit` lines from `offset` on. */
	page(offset: number, limit: number): Stretch[] {
		const page = { skip: offset, take: limit, stretches: [] };
		for (let i = 0; i < this.#roots.length && page.take > 0; i++) {
			const root = this.#roots[this.#isNewestFirst ? this.#roots.length - 1 - i : i];
			if (root) this.#write(root, 0, page);
		}
		return page.stretches;
	}

	/** The line of a call of an open task, by the call's rank among its task's calls, oldest first. */
	lineOf(task: Task, rank: number): number {
		let line = 0;
		const root = tasksAbove(task).at(-1) ?? task;
		for (let i = 0; i < this.#roots.length; i++) {
			const other = this.#roots[this.#isNewestFirst ? this.#roots.length - 1 - i : i];
			if (!other || other === root) break;
			line += this.#linesOf(other);
		}
		let below: Task | null = null;
		for (const at of [task, ...tasksAbove(task)]) {
			line += 1 + this.#linesBefore(at, below, rank);
			below = at;
		}
		return line;
	}

	/** Lines between a task's own and that of the task `below`, or of its call of that rank. */
	#linesBefore(task: Task, below: Task | null, rank: number): number {
		let lines = 0;
		for (const part of this.#partsOf(task)) {
			if ('child' in part) {
				if (part.child === below) return lines;
				lines += this.#linesOf(part.child);
			} else {
				const at = this.#isNewestFirst ? task.calls - 1 - rank : rank;
				if (below === null && at >= part.from && at < part.to) return lines + at - part.from;
				lines += part.to - part.from;
			}
		}
		return lines;
	}

	#linesOf(task: Task): number {
		if (this.#closed.has(task)) return 1;
		if (!this.#aboveClosed.has(task)) return treeLines(task);
		return (task.family?.below ?? []).reduce((sum, child) => sum + this.#linesOf(child), 1 + task.calls);
	}

	#write(task: Task, depth: number, page: { skip: number; take: number; stretches: Stretch[] }): void {
		const lines = this.#linesOf(task);
		if (page.skip >= lines) {
			page.skip -= lines;
			return;
		}
		const open = !this.#closed.has(task);
		if (page.skip > 0) page.skip--;
		else {
			page.stretches.push({ task, depth, open });
			page.take--;
		}
		if (!open) return;
		for (const part of this.#partsOf(task)) {
			if (page.take <= 0) return;
			if ('child' in part) this.#write(part.child, depth + 1, page);
			else {
				const from = Math.min(part.from + page.skip, part.to);
				const to = Math.min(part.to, from + page.take);
				page.skip -= from - part.from;
				page.take -= to - from;
				if (from < to) page.stretches.push({ task, depth, from, to });
			}
		}
	}

	/** Runs of calls and the tasks between them, in the order of the timeline. */
	*#partsOf(task: Task): Iterable<{ child: Task } | { from: number; to: number }> {
		const { calls, family } = task;
		const below = family?.below ?? [];
		const ranks = below.length === 0 ? [] : this.#ranksOf(task);
		let from = 0;
		for (let i = 0; i < below.length; i++) {
			const place = this.#isNewestFirst ? below.length - 1 - i : i;
			const child = below[place];
			const rank = ranks[place] ?? 0;
			const to = this.#isNewestFirst ? calls - rank : rank;
			if (from < to) yield { from, to };
			from = to;
			if (child) yield { child };
		}
		if (from < calls) yield { from, to: calls };
	}
}

/** The parent of a task, the parent of that, and so on. */
export function tasksAbove(task: Task): Task[] {
	const above: Task[] = [];
	for (let at = task.family?.parent; at; at = at.family?.parent) above.push(at);
	return above;
}
