import type { CallSort } from '../../src/core/views.ts';

/** The schema of the host would bring its library of schemas into the panel. */
const sorts: readonly CallSort[] = ['newest', 'oldest', 'cost', 'latency', 'tokens'];

/** How a person looks at the calls. Which calls is in the filter and the range. */
export interface PromptsState {
	/** What is searched for in prompts and completions; empty: nothing. */
	search: string;
	sort: CallSort;
	/** Calls stand below their tasks, where the order allows it. */
	byTask: boolean;
	/** Tasks whose calls are left out, by session id; those closed last. */
	closed: string[];
	/** Calls that are unfolded in the list. */
	unfolded: string[];
}

export const initialPrompts: PromptsState = { search: '', sort: 'newest', byTask: true, closed: [], unfolded: [] };

/** VS Code keeps what is chosen as JSON with each change: it is to stay small. */
const maxClosed = 2_000;
const maxUnfolded = 200;
const maxSearch = 1_000;

/** Shows the calls of a task, or leaves them out. */
export function withTask(closed: readonly string[], sessionId: string, open: boolean): string[] {
	const others = closed.filter((each) => each !== sessionId);
	return open ? others : [...others, sessionId].slice(-maxClosed);
}

/** The orders in which calls can stand below their tasks. */
export function tasksSort(sort: CallSort): 'newest' | 'oldest' | null {
	return sort === 'newest' || sort === 'oldest' ? sort : null;
}

/** Reads what was kept, field by field. */
export function restorePrompts(kept: unknown): PromptsState {
	if (typeof kept !== 'object' || kept === null) return initialPrompts;
	const { search, sort, byTask, closed, unfolded } = kept as Record<string, unknown>;
	return {
		search: typeof search === 'string' ? search.slice(0, maxSearch) : initialPrompts.search,
		sort: sorts.find((each) => each === sort) ?? initialPrompts.sort,
		byTask: typeof byTask === 'boolean' ? byTask : initialPrompts.byTask,
		closed: texts(closed).slice(-maxClosed),
		unfolded: texts(unfolded).slice(-maxUnfolded),
	};
}

function texts(kept: unknown): string[] {
	return Array.isArray(kept) ? kept.filter((each) => typeof each === 'string') : [];
}
