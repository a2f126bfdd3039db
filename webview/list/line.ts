import type { CallRow, SearchHit, TimelineItem } from '../../src/core/views.ts';

/** One line of the list: a task, a call, or a call in which a search found something. */
export type Line = TimelineItem | { type: 'hit'; row: CallRow; hit: SearchHit; depth: 0 };
export type TaskLine = Extract<Line, { type: 'session' }>;

/** How the list is laid out: calls below their tasks, calls alone, or what a search found. */
export type Layout = 'tasks' | 'calls' | 'hits';

/** Names a line within its list, wherever it moves to. No id of a call begins with NUL. */
export function keyOf(line: Line): string {
	return line.type === 'session' ? taskKey(line.session.sessionId) : line.row.callId;
}

export function taskKey(sessionId: string): string {
	return `\0${sessionId}`;
}

export function isTaskKey(key: string): boolean {
	return key.startsWith('\0');
}

export function callOf(line: Line | undefined): CallRow | null {
	return line === undefined || line.type === 'session' ? null : line.row;
}
