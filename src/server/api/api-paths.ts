/**
 * The requests that the API answers, below `/api`. Kept apart from what they mean: the thread that listens knows no more
 * of them than this.
 */
export const apiPaths = [
	{ id: 'server', method: 'GET', path: '/server' },
	{ id: 'recordEvents', method: 'POST', path: '/events' },
	{ id: 'llmAnalytics', method: 'GET', path: '/analytics/llm' },
	{ id: 'listSessions', method: 'GET', path: '/sessions' },
	{ id: 'listCalls', method: 'GET', path: '/calls' },
	{ id: 'getCall', method: 'GET', path: '/calls/{callId}' },
	{ id: 'search', method: 'GET', path: '/search' },
	{ id: 'verify', method: 'GET', path: '/verify' },
	{ id: 'stream', method: 'GET', path: '/stream' },
	{ id: 'openapi', method: 'GET', path: '/openapi.json' },
] as const satisfies readonly { id: string; method: 'GET' | 'POST'; path: string }[];

export type ApiId = (typeof apiPaths)[number]['id'];
export type ApiPath = (typeof apiPaths)[number];

/** Steps that a URL is cleared of when it is read: what is asked for would not be what was looked at. */
const leadsElsewhere = /\\|(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)/i;

/** The requests at a path below `/api`, as it was sent, without its query. A parameter takes all that is left. */
export function atPath(path: string): readonly ApiPath[] {
	if (leadsElsewhere.test(path)) return [];
	return apiPaths.filter((each) => {
		const open = each.path.indexOf('{');
		return open < 0 ? each.path === path : path.startsWith(each.path.slice(0, open)) && path.length > open;
	});
}
