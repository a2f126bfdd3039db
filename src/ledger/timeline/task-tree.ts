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
	below: Task[];
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

export function newTask(n: number): Task {
	const none = Number.NEGATIVE_INFINITY;
	return {
		n,
		calls: 0,
		lastMs: none,
		startMs: 0,
		parent: null,
		below: [],
		ranks: null,
		treeCalls: 0,
		treeLines: 0,
		treeLastMs: none,
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
		task.below = [];
		task.ranks = null;
		task.startMs = links.get(task.n)?.startMs ?? 0;
	}
	const parentOf = (task: Task) => tasks.get(links.get(task.n)?.parent ?? -1) ?? null;
	const firsts = firstOfCycles(
		[...links.keys()].flatMap((n) => tasks.get(n) ?? []),
		parentOf,
	);
	let level: Task[] = [];
	for (const task of tasks.values()) {
		const parent = firsts.has(task) ? null : parentOf(task);
		task.parent = parent;
		if (parent) parent.below.push(task);
		else level.push(task);
	}
	const roots = level;
	const order: Task[] = [];
	for (let depth = 0; level.length > 0; depth++) {
		const next: Task[] = [];
		for (const task of level) {
			order.push(task);
			if ((depth + 1) % (MAX_DEPTH + 1) === 0) standAlone(task, roots, next);
			else {
				task.below.sort(byStart);
				for (const child of task.below) next.push(child);
			}
		}
		level = next;
	}
	for (const task of order.reverse()) addUp(task);
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
	for (const [n] of links) {
		if ((tasks.get(n)?.calls ?? 0) === 0) continue;
		for (let at = links.get(n)?.parent; at !== undefined && !needed.has(at); at = links.get(at)?.parent) needed.add(at);
	}
	for (const [n, task] of tasks) if (task.calls === 0 && !needed.has(n)) tasks.delete(n);
	for (const n of needed) if (!tasks.has(n)) tasks.set(n, newTask(n));
}

/** Of each ring of tasks the one that began first. */
function firstOfCycles(tasks: readonly Task[], parentOf: (task: Task) => Task | null): Set<Task> {
	const firsts = new Set<Task>();
	const seen = new Map<Task, Task>();
	for (const start of tasks) {
		let at: Task | null = start;
		for (; at && !seen.has(at); at = parentOf(at)) seen.set(at, start);
		if (!at || seen.get(at) !== start) continue;
		let first = at;
		for (let other = parentOf(at); other && other !== at; other = parentOf(other)) {
			if (byStart(other, first) < 0) first = other;
		}
		firsts.add(first);
	}
	return firsts;
}

function standAlone(task: Task, roots: Task[], next: Task[]): void {
	for (const child of task.below) {
		child.parent = null;
		roots.push(child);
		next.push(child);
	}
	task.below = [];
}
