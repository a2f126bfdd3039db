import { callConditions, callTable } from '../queries/call-conditions.ts';
import { changesSince, type Mark, markOf } from '../queries/change-feed.ts';
import { countCalls } from '../queries/count-calls.ts';
import type { OwnTest, Reader, ResolvedFilter } from '../queries/reader.ts';
import { addUp, byLast, type Link, linkTasks, type Task } from './task-tree.ts';

/** Up to this many calls are looked up one by one; more are counted along the index by session. */
const FEW = 50_000;

/**
 * The tasks of a timeline, each with the number of its calls that pass a filter. Made once, and from then on renewed
 * where a commit changed something. Used inside a snapshot.
 */
export class Outline {
	/** By `session.n`. */
	readonly tasks = new Map<number, Task>();
	/** Tasks without a parent, by their last call, oldest first. */
	roots: Task[] = [];
	calls = 0;
	/** Grows when anything here changes. */
	version = 0;
	readonly #reader: Reader;
	readonly #links = new Map<number, Link>();
	#mark: Mark;

	constructor(reader: Reader, filter: ResolvedFilter) {
		this.#reader = reader;
		this.#mark = markOf(reader);
		const { sessions, calls, lastMs } = countsBySession(reader, filter);
		for (let i = 0; i < sessions.length; i++) {
			const task: Task = { n: sessions[i] ?? 0, calls: calls[i] ?? 0, lastMs: lastMs[i] ?? 0, family: null };
			this.tasks.set(task.n, task);
			this.calls += task.calls;
		}
		if (filter.session === null) {
			for (const [n, startMs, parent] of allLinks(reader)) this.#links.set(n, { parent, startMs });
		}
		this.roots = linkTasks(this.tasks, this.#links);
	}

	/** Follows what was recorded since. False when that is not possible: make a new one. */
	renew(filter: ResolvedFilter): boolean {
		const changes = changesSince(this.#reader, this.#mark);
		if (!changes) return false;
		this.#mark = markOf(this.#reader);
		let relink = false;
		for (const n of changes.sessions) {
			if (filter.session !== null && filter.session !== n) continue;
			if (filter.session === null && this.#renewLinks(n)) relink = true;
			const [calls, lastMs] = countOf(this.#reader, filter, n);
			const known = this.tasks.get(n);
			if (known?.family) known.family.ranks = null;
			if (known ? known.calls === calls && known.lastMs === lastMs : calls === 0) continue;
			const isAlone = !this.#links.has(n) && (known?.family?.below.length ?? 0) === 0;
			const staysInPlace = known !== undefined && known.calls > 0 && calls > 0;
			if (!staysInPlace && !isAlone) relink = true;
			this.version++;
			if (relink) this.#put(n, calls, lastMs);
			else this.#move(n, calls, lastMs);
		}
		if (relink) {
			this.version++;
			this.roots = linkTasks(this.tasks, this.#links);
		}
		return true;
	}

	/** Sets what is known of a task without looking at its place. */
	#put(n: number, calls: number, lastMs: number): Task {
		let task = this.tasks.get(n);
		if (!task) {
			task = { n, calls: 0, lastMs, family: null };
			this.tasks.set(n, task);
		}
		this.calls += calls - task.calls;
		task.calls = calls;
		task.lastMs = lastMs;
		return task;
	}

	/** The same, and puts the task that it is below in its new place. A task that has no calls left stands alone here. */
	#move(n: number, calls: number, lastMs: number): void {
		const before = this.tasks.get(n);
		const root = before && rootOf(before);
		if (root) this.roots.splice(placeOf(this.roots, root), 1);
		const task = this.#put(n, calls, lastMs);
		for (let at: Task | null = task; at; at = at.family?.parent ?? null) addUp(at);
		if (calls === 0) this.tasks.delete(n);
		else {
			const moved = root ?? task;
			this.roots.splice(placeOf(this.roots, moved), 0, moved);
		}
	}

	/** True when a task got another parent, or other subagents, or one of those began earlier. */
	#renewLinks(n: number): boolean {
		let changed = false;
		const links = this.#reader
			.columns(
				`SELECT s.n, s.started_ms, p.n FROM session s JOIN session p ON p.session_id = s.parent_session_id
				WHERE s.n = ?1 AND p.n <> s.n
				UNION SELECT s.n, s.started_ms, p.n FROM session p JOIN session s ON s.parent_session_id = p.session_id
				WHERE p.n = ?1 AND p.n <> s.n`,
			)
			.all(n) as unknown as [number, number, number][];
		for (const [child, startMs, parent] of links) {
			const known = this.#links.get(child);
			if (known?.parent === parent && known.startMs === startMs) continue;
			this.#links.set(child, { parent, startMs });
			changed = true;
		}
		return changed;
	}
}

function rootOf(task: Task): Task {
	let root = task;
	while (root.family?.parent) root = root.family.parent;
	return root;
}

function placeOf(roots: readonly Task[], task: Task): number {
	let low = 0;
	let high = roots.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		const other = roots[middle];
		if (other && byLast(other, task) < 0) low = middle + 1;
		else high = middle;
	}
	return low;
}

/** As lists, and read as JSON: a row for each of a hundred thousand sessions takes longer than to count their calls. */
interface Counts {
	sessions: number[];
	calls: number[];
	lastMs: number[];
}

function countsBySession(reader: Reader, filter: ResolvedFilter): Counts {
	const { own } = filter;
	if (filter.session === null && own.size === 1 && own.has('request')) {
		// Few calls have no request: only the sessions of those are counted one by one.
		const counts = countsBySession(reader, { ...filter, own: new Map() });
		const places = new Map(counts.sessions.map((n, i) => [n, i]));
		const orphans: ResolvedFilter = { ...filter, own: new Map<OwnTest, null>([['orphan', null]]) };
		for (const n of countsBySession(reader, orphans).sessions) {
			const place = places.get(n);
			if (place !== undefined) [counts.calls[place], counts.lastMs[place]] = countOf(reader, filter, n);
		}
		return counts;
	}
	const { where, values } = callConditions(filter);
	const alongSessions = own.size === 0 && filter.session === null && countCalls(reader, filter) > FEW;
	const table = alongSessions ? 'call c INDEXED BY call_session' : callTable(reader, filter);
	const lists = reader
		.columns(
			`SELECT json_group_array(n), json_group_array(calls), json_group_array(last_ms) FROM (
				SELECT c.session_n AS n, count(*) AS calls, max(c.started_ms) AS last_ms FROM ${table} ${where} GROUP BY c.session_n
			)`,
		)
		.get(...values) as unknown as [string, string, string];
	const [sessions, calls, lastMs] = lists.map((list) => JSON.parse(list)) as [number[], number[], number[]];
	return { sessions, calls, lastMs };
}

function countOf(reader: Reader, filter: ResolvedFilter, session: number): [calls: number, lastMs: number] {
	const { where, values } = callConditions({ ...filter, session });
	const row = reader
		.columns(`SELECT count(*), max(c.started_ms) FROM call c INDEXED BY call_session ${where}`)
		.get(...values);
	const [calls = 0, lastMs] = row as unknown as [number, number | null];
	return [calls, lastMs ?? Number.NEGATIVE_INFINITY];
}

function allLinks(reader: Reader): [n: number, startMs: number, parent: number][] {
	return reader
		.columns(
			`SELECT s.n, s.started_ms, p.n FROM session s JOIN session p ON p.session_id = s.parent_session_id
			WHERE s.parent_session_id IS NOT NULL AND p.n <> s.n`,
		)
		.all() as unknown as [number, number, number][];
}
