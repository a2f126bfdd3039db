import type { CallFilter } from '../../src/core/views.ts';
import type { HostLink } from '../host-link.ts';

/** A task is rarely part of a task that is part of a task; more than this is a mistake of a record. */
const maxDepth = 10;

/** The task that a call belongs to, and those that it is a part of; none when the call is not in the timeline. */
export async function tasksAround(link: HostLink, filter: CallFilter, callId: string): Promise<string[]> {
	const { items } = await link.request({
		kind: 'timeline',
		filter,
		sort: 'newest',
		closed: [],
		limit: 3,
		from: { callId },
	});
	const call = items.find((item) => item.type === 'call' && item.row.callId === callId);
	if (call?.type !== 'call') return [];
	const tasks = [call.row.sessionId];
	let parent = call.row.parentSessionId;
	while (parent !== null && tasks.length < maxDepth) {
		tasks.push(parent);
		const { rows } = await link.request({
			kind: 'sessions',
			filter: { sessionId: parent },
			sort: 'newest',
			offset: 0,
			limit: 1,
		});
		parent = rows[0]?.parentSessionId ?? null;
	}
	return tasks;
}
