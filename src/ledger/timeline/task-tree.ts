/** One task of a timeline: how many of its calls pass the filter. Kept small: there may be a hundred thousand. */
export interface Task {
	/** `session.n`. */
	readonly n: number;
	/** Calls of its own that pass; 0 for one that is there only for its subagents' sake. */
	calls: number;
	/** Start of the last of them. */
	lastMs: number;
	/** Of a task with a parent or with subagents here; most have neither. */
	family: Family | null;
}

/** Where a task stands among others. */
export interface Family {
	/** When the task began; known where it has a parent. */
	startMs: number;
	parent: Task | null;
	/** Tasks of its subagents, oldest first. */
	below: Task[];
	/** How many of the task's calls are before each of `below`; `null`: not counted yet. */
	ranks: number[] | null;
	/** Of the task with all that is below it. */
	calls: number;
	lines: number;
	lastMs: number;
}

/** Whose subagent a task is, and since when. */
export interface Link {
	parent: number;
	startMs: number;
}

/** Subagents of subagents are drawn this deep; one below that stands for itself. */
const MAX_DEPTH = 32;

/** Calls of a task and of all below it. */
export function treeCalls({ calls, family }: Task): number {
	return family ? family.calls : calls;
}

/** Lines of a task and of all below it, when all are open. */
export function treeLines({ calls, family }: Task): number {
	return family ? family.lines : 1 + calls;
}

/** Start of the last call of a task and of all below it. */
export function treeLastMs({ lastMs, family }: Task): number {
	return family ? family.lastMs : lastMs;
}

/**
 * Hangs each task below its parent, and returns those without one, by their last call. A parent none of whose own calls
 * passes is put in, one that nothing needs is taken out. Where tasks are each other's parent, the first of them is above.
 */
export function linkTasks(tasks: Map<number, Task>, links: ReadonlyMap<number, Link>): Task[] {
	putInParents(tasks, links);
	const parents = parentsOf(tasks, links);
	for (const [task, parent] of parents) {
		familyOf(task).parent = parent;
		familyOf(parent).below.push(task);
	}
	const tops = [...new Set(parents.values())].filter((task) => !task.family?.parent);
	for (const task of topDown(tops).reverse()) addUp(task);
	const roots: Task[] = [];
	for (const task of tasks.values()) if (!task.family?.parent) roots.push(task);
	return roots.sort(byLast);
}

/** Sums up a task and those right below it, which are summed up already. */
export function addUp(task: Task): void {
	const { family } = task;
	if (!family) return;
	family.calls = task.calls;
	family.lines = 1 + task.calls;
	family.lastMs = task.lastMs;
	for (const child of family.below) {
		family.calls += treeCalls(child);
		family.lines += treeLines(child);
		family.lastMs = Math.max(family.lastMs, treeLastMs(child));
	}
}

/** The order of tasks without a parent, oldest first. */
export function byLast(a: Task, b: Task): number {
	return treeLastMs(a) - treeLastMs(b) || a.n - b.n;
}

function byStart(a: Task, b: Task): number {
	return (a.family?.startMs ?? 0) - (b.family?.startMs ?? 0) || a.n - b.n;
}

function familyOf(task: Task): Family {
	task.family ??= { startMs: 0, parent: null, below: [], ranks: null, calls: 0, lines: 0, lastMs: 0 };
	return task.family;
}

/** Leaves each task by itself, with the parents that are needed and without those that are not. */
function putInParents(tasks: Map<number, Task>, links: ReadonlyMap<number, Link>): void {
	const needed = new Set<number>();
	for (const n of links.keys()) {
		if ((tasks.get(n)?.calls ?? 0) === 0) continue;
		for (let at = links.get(n)?.parent; at !== undefined && !needed.has(at); at = links.get(at)?.parent) needed.add(at);
	}
	for (const [n, task] of tasks) {
		task.family = null;
		if (task.calls === 0 && !needed.has(n)) tasks.delete(n);
	}
	for (const n of needed)
		if (!tasks.has(n)) tasks.set(n, { n, calls: 0, lastMs: Number.NEGATIVE_INFINITY, family: null });
}

/** Each task that has a parent here, with it. Of each ring of tasks the one that began first has none. */
function parentsOf(tasks: ReadonlyMap<number, Task>, links: ReadonlyMap<number, Link>): Map<Task, Task> {
	const parents = new Map<Task, Task>();
	for (const [n, { parent, startMs }] of links) {
		const [task, above] = [tasks.get(n), tasks.get(parent)];
		if (!task || !above) continue;
		familyOf(task).startMs = startMs;
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
			const below = task.family?.below ?? [];
			for (const child of below) next.push(child);
			if ((depth + 1) % (MAX_DEPTH + 1) === 0) {
				for (const child of below) familyOf(child).parent = null;
				familyOf(task).below = [];
			} else below.sort(byStart);
		}
		level = next;
	}
	return order;
}
