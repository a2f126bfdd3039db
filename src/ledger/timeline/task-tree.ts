/** One task of a timeline: how many of its calls pass the filter, and where it stands. */
export interface Task {
	/** `session.n`. */
	readonly n: number;
	/** Calls of its own that pass; 0 for one that is there only for its subagents' sake. */
	calls: number;
	/** Start of the last of them. */
	lastMs: number;
	/** When the task began. Known of tasks with a parent only. */
	startMs: number;
	parent: Task | null;
	/** Tasks of its subagents, oldest first. */
	below: readonly Task[];
	/** How many of its calls are before each of `below`; `null`: not counted yet. */
	ranks: number[] | null;
	/** Of the task with all that is below it. */
	treeCalls: number;
	treeLines: number;
	treeLastMs: number;
}

/** Whose subagent a task is, and since when. */
export interface Link {
	parent: number;
	startMs: number;
}

/** Subagents of subagents are drawn this deep; one below that stands for itself. */
const MAX_DEPTH = 32;

/** Most tasks have none below: they share this. */
const NONE: readonly Task[] = [];

export function newTask(n: number, calls = 0, lastMs = Number.NEGATIVE_INFINITY): Task {
	return {
		n,
		calls,
		lastMs,
		startMs: 0,
		parent: null,
		below: NONE,
		ranks: null,
		treeCalls: calls,
		treeLines: 1 + calls,
		treeLastMs: lastMs,
	};
}

/**
 * Hangs each task below its parent, and returns those without one, by their last call. A parent none of whose own calls
 * passes is put in, one that nothing needs is taken out. Where tasks are each other's parent, the first of them is above.
 */
export function linkTasks(tasks: Map<number, Task>, links: ReadonlyMap<number, Link>): Task[] {
	putInParents(tasks, links);
	for (const task of tasks.values()) {
		task.parent = null;
		task.below = NONE;
		addUp(task);
	}
	for (const [task, parent] of parentsOf(tasks, links)) {
		task.parent = parent;
		if (parent.below === NONE) parent.below = [task];
		else (parent.below as Task[]).push(task);
	}
	const tops: Task[] = [];
	for (const task of tasks.values()) if (task.parent === null && task.below !== NONE) tops.push(task);
	for (const task of topDown(tops).reverse()) addUp(task);
	const roots: Task[] = [];
	for (const task of tasks.values()) if (task.parent === null) roots.push(task);
	return roots.sort(byLast);
}

/** Sums up a task and those right below it, which are summed up already. */
export function addUp(task: Task): void {
	task.treeCalls = task.calls;
	task.treeLines = 1 + task.calls;
	task.treeLastMs = task.lastMs;
	for (const child of task.below) {
		task.treeCalls += child.treeCalls;
		task.treeLines += child.treeLines;
		task.treeLastMs = Math.max(task.treeLastMs, child.treeLastMs);
	}
}

/** The order of tasks without a parent, oldest first. */
export function byLast(a: Task, b: Task): number {
	return a.treeLastMs - b.treeLastMs || a.n - b.n;
}

function byStart(a: Task, b: Task): number {
	return a.startMs - b.startMs || a.n - b.n;
}

function putInParents(tasks: Map<number, Task>, links: ReadonlyMap<number, Link>): void {
	const needed = new Set<number>();
	for (const n of links.keys()) {
		if ((tasks.get(n)?.calls ?? 0) === 0) continue;
		for (let at = links.get(n)?.parent; at !== undefined && !needed.has(at); at = links.get(at)?.parent) needed.add(at);
	}
	for (const [n, task] of tasks) if (task.calls === 0 && !needed.has(n)) tasks.delete(n);
	for (const n of needed) if (!tasks.has(n)) tasks.set(n, newTask(n));
}

/** Each task that has a parent here, with it. Of each ring of tasks the one that began first has none. */
function parentsOf(tasks: ReadonlyMap<number, Task>, links: ReadonlyMap<number, Link>): Map<Task, Task> {
	const parents = new Map<Task, Task>();
	for (const [n, { parent, startMs }] of links) {
		const [task, above] = [tasks.get(n), tasks.get(parent)];
		if (!task || !above) continue;
		task.startMs = startMs;
		parents.set(task, above);
	}
	const seen = new Map<Task, Task>();
	for (const start of [...parents.keys()]) {
		let at: Task | undefined = start;
		for (; at && !seen.has(at); at = parents.get(at)) seen.set(at, start);
		if (at && seen.get(at) === start) parents.delete(firstOfRing(at, parents));
	}
	return parents;
}

function firstOfRing(start: Task, parents: ReadonlyMap<Task, Task>): Task {
	let first = start;
	for (let at = parents.get(start); at && at !== start; at = parents.get(at)) if (byStart(at, first) < 0) first = at;
	return first;
}

/** All tasks of these trees, each after the one above it, and in order below it. What is too deep is taken out of its tree. */
function topDown(tops: readonly Task[]): Task[] {
	const order: Task[] = [];
	let level = tops;
	for (let depth = 0; level.length > 0; depth++) {
		const next: Task[] = [];
		for (const task of level) {
			order.push(task);
			for (const child of task.below) next.push(child);
			if ((depth + 1) % (MAX_DEPTH + 1) === 0) {
				for (const child of task.below) child.parent = null;
				task.below = NONE;
			} else if (task.below.length > 1) (task.below as Task[]).sort(byStart);
		}
		level = next;
	}
	return order;
}
