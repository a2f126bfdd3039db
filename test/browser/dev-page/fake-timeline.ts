import type { CallRow, SessionRow, TimelineItem, TimelinePage } from '../../../src/core/views.ts';
import type { Request } from '../../../src/protocol/messages.ts';
import { folderOf } from './generate-calls.ts';

type TimelineRequest = Extract<Request, { kind: 'timeline' }>;

/** The lines of a timeline, made once for what does not depend on the page that is asked for. */
export interface Lines {
	items: TimelineItem[];
	calls: number;
	sessions: number;
}

interface Task {
	sessionId: string;
	parent: string | null;
	/** By start, oldest first: all, and those that pass the filter. */
	all: CallRow[];
	matching: CallRow[];
	below: Task[];
}

/** Tasks and calls as the ledger lines them up. `all` and `matching` are oldest first. */
export function linesOf(
	all: CallRow[],
	matching: CallRow[],
	{ sort, closed }: Pick<TimelineRequest, 'sort' | 'closed'>,
): Lines {
	const tasks = new Map<string, Task>();
	for (const row of all) {
		const { sessionId } = row;
		let task = tasks.get(sessionId);
		if (task === undefined) {
			task = { sessionId, parent: row.parentSessionId, all: [], matching: [], below: [] };
			tasks.set(sessionId, task);
		}
		task.all.push(row);
	}
	for (const row of matching) tasks.get(row.sessionId)?.matching.push(row);
	const roots: Task[] = [];
	for (const task of tasks.values()) {
		const parent = task.parent === null ? undefined : tasks.get(task.parent);
		(parent?.below ?? roots).push(task);
	}
	const shut = new Set(closed);
	const sign = sort === 'newest' ? -1 : 1;
	const lines: Lines = { items: [], calls: matching.length, sessions: 0 };
	const shown = roots.filter((task) => counted(task) > 0);
	for (const task of shown.sort((a, b) => sign * (lastOf(a) - lastOf(b)))) write(task, 0);
	return lines;

	function write(task: Task, depth: number): void {
		lines.sessions++;
		const open = !shut.has(task.sessionId);
		lines.items.push({
			type: 'session',
			session: sessionRow(task.all),
			depth,
			open,
			matching: task.matching.length,
			matchingBelow: counted(task) - task.matching.length,
		});
		const below = task.below.filter((subtask) => counted(subtask) > 0);
		if (!open) {
			for (const subtask of below) countOnly(subtask);
			return;
		}
		const parts = [
			...task.matching.map((row) => ({ at: row.startedAtMs, row, subtask: null })),
			...below.map((subtask) => ({ at: subtask.all[0]?.startedAtMs ?? 0, row: null, subtask })),
		].sort((a, b) => sign * (a.at - b.at));
		for (const { row, subtask } of parts) {
			if (row !== null) lines.items.push({ type: 'call', row, depth });
			else if (subtask !== null) write(subtask, depth + 1);
		}
	}

	function countOnly(task: Task): void {
		lines.sessions++;
		for (const subtask of task.below) if (counted(subtask) > 0) countOnly(subtask);
	}
}

/** The page that a request asks for. */
export function pageOf(lines: Lines, { from, limit }: TimelineRequest, revision: number): TimelinePage {
	const offset = 'offset' in from ? from.offset : before(lines, from.callId, limit);
	return {
		items: lines.items.slice(offset, offset + limit),
		offset,
		total: lines.items.length,
		calls: lines.calls,
		sessions: lines.sessions,
		revision,
	};
}

function before({ items }: Lines, callId: string, limit: number): number {
	const index = items.findIndex((item) => item.type === 'call' && item.row.callId === callId);
	return Math.max(0, index - Math.floor(limit / 2));
}

function counted(task: Task): number {
	return task.matching.length + task.below.reduce((sum, subtask) => sum + counted(subtask), 0);
}

function lastOf(task: Task): number {
	return Math.max(task.all.at(-1)?.startedAtMs ?? 0, ...task.below.map(lastOf));
}

/** A task, summed up from its calls, oldest first. */
export function sessionRow(rows: CallRow[]): SessionRow {
	const first = rows[0];
	const sum = (pick: (row: CallRow) => number | null) => rows.reduce((total, row) => total + (pick(row) ?? 0), 0);
	const unpriced = rows.filter(({ cost }) => cost !== null && cost.nanoUsd === null).length;
	return {
		sessionId: first?.sessionId ?? '',
		agentId: first?.agentId ?? '',
		parentSessionId: first?.parentSessionId ?? null,
		title: first?.sessionTitle ?? null,
		startedAtMs: first?.startedAtMs ?? 0,
		lastAtMs: rows.at(-1)?.startedAtMs ?? 0,
		calls: rows.length,
		pending: rows.filter(({ state }) => state === 'pending').length,
		unpriced,
		inputTokens: sum((row) => row.inputTokens),
		outputTokens: sum((row) => row.outputTokens),
		cacheReadTokens: sum((row) => row.cacheReadTokens),
		cacheWriteTokens: sum((row) => row.cacheWriteTokens),
		costNanoUsd: sum(({ cost }) => (cost?.billing === 'api' ? cost.nanoUsd : 0)),
		subscriptionNanoUsd: sum(({ cost }) => (cost?.billing === 'subscription' ? cost.nanoUsd : 0)),
		bound: unpriced > 0 ? 'atLeast' : 'exact',
		folder: first === undefined ? null : folderOf(first),
	};
}
