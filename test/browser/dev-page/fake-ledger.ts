import type {
	Analytics,
	CallFilter,
	CallRow,
	CallSort,
	Facets,
	SeriesBucket,
	TimelinePage,
} from '../../../src/core/views.ts';
import type { Overview, Replies, Request } from '../../../src/protocol/messages.ts';
import { analyticsOf, overviewOf, seriesOf, sessionsOf } from './fake-analytics.ts';
import { linesOf, pageOf } from './fake-timeline.ts';
import { folderOf, pendingCall, sampleCall } from './generate-calls.ts';

/** Calls in memory, answered as the ledger answers. Newest last. */
export class FakeLedger {
	readonly rows: CallRow[];
	revision = 1;
	readonly #answers = new Map<string, unknown>();
	#answersOf = -1;

	/** @param gapMs time between calls on average; they end at `nowMs` */
	constructor(count: number, nowMs: number, gapMs: number) {
		this.rows = Array.from({ length: count }, (_, number) =>
			sampleCall(number, Math.round(nowMs - (count - number) * gapMs)),
		);
	}

	begin(nowMs: number): CallRow {
		const row = pendingCall(this.rows.length, nowMs);
		this.rows.push(row);
		this.revision++;
		return row;
	}

	/** Ends the oldest running call. */
	end(): CallRow | null {
		const index = this.rows.findIndex(({ state }) => state === 'pending');
		const row = this.rows[index];
		if (row === undefined) return null;
		const ended: CallRow = { ...sampleCall(index, row.startedAtMs), state: 'ok' };
		this.rows[index] = ended;
		this.revision++;
		return ended;
	}

	calls({ filter, sort, offset, limit }: Extract<Request, { kind: 'calls' }>): Replies['calls'] {
		const all = this.#sorted(filter, sort);
		return { rows: all.slice(offset, offset + limit), total: all.length, revision: this.revision };
	}

	positionOf({ filter, sort, callId }: Extract<Request, { kind: 'positionOf' }>): number | null {
		const index = this.#sorted(filter, sort).findIndex((row) => row.callId === callId);
		return index < 0 ? null : index;
	}

	timeline(request: Extract<Request, { kind: 'timeline' }>): TimelinePage {
		const { filter, sort, from } = request;
		const opened = 'callId' in from ? this.#tasksAround(from.callId) : [];
		const closed = request.closed.filter((sessionId) => !opened.includes(sessionId));
		const lines = this.#once({ kind: 'timeline', filter, sort, closed }, () =>
			linesOf(this.rows, this.select(filter), { sort, closed }),
		);
		return pageOf(lines, request, this.revision);
	}

	facets({ filter }: Extract<Request, { kind: 'facets' }>): Facets {
		const rows = this.select(filter);
		const by = <T>(pick: (row: CallRow) => T): [T, number][] => {
			const counts = new Map<T, number>();
			for (const row of rows) counts.set(pick(row), (counts.get(pick(row)) ?? 0) + 1);
			return [...counts].sort((a, b) => b[1] - a[1]);
		};
		return {
			agents: by(({ agentId }) => agentId).map(([agentId, calls]) => ({ agentId, calls })),
			models: by(({ provider, model }) => JSON.stringify([provider, model])).map(([key, calls]) => {
				const [provider = '', model = '']: string[] = JSON.parse(key);
				return { provider, model, calls };
			}),
			kinds: by(({ kind }) => kind).map(([kind, calls]) => ({ kind, calls })),
			states: by(({ state }) => state).map(([state, calls]) => ({ state, calls })),
			folders: by(folderOf).map(([folder, calls]) => ({ folder, calls })),
			sources: by(({ source }) => source).map(([source, calls]) => ({ source, calls })),
		};
	}

	/** The task of a call and those above it. */
	#tasksAround(callId: string): string[] {
		const parents = this.#once({ kind: 'parents' }, () => {
			return new Map(this.rows.map(({ sessionId, parentSessionId }) => [sessionId, parentSessionId]));
		});
		const around: string[] = [];
		let task: string | null | undefined = this.find(callId)?.sessionId;
		while (task !== null && task !== undefined) {
			around.push(task);
			task = parents.get(task);
		}
		return around;
	}

	#sorted(filter: CallFilter, sort: CallSort): CallRow[] {
		return this.#once({ kind: 'sorted', filter, sort }, () => sortCalls(this.select(filter), sort));
	}

	find(callId: string): CallRow | null {
		return this.rows.find((row) => row.callId === callId) ?? null;
	}

	overview(request: Extract<Request, { kind: 'overview' }>): Overview {
		const { range, before } = request;
		return this.#once(request, () => {
			const filter = range === undefined ? {} : { range };
			const calls = this.select(filter);
			return overviewOf(calls, this.#tasksOf(calls), before === undefined ? null : this.select({ range: before }));
		});
	}

	series(request: Extract<Request, { kind: 'series' }>): SeriesBucket[] {
		return this.#once(request, () => seriesOf(this.select({ range: request.range }), request));
	}

	analytics(request: Extract<Request, { kind: 'analytics' }>): Analytics {
		const { filter, range } = request;
		return this.#once(request, () => analyticsOf(this.select({ ...filter, range }), request, this.revision));
	}

	sessions({ filter, sort, offset, limit }: Extract<Request, { kind: 'sessions' }>): Replies['sessions'] {
		const sessions = this.#once({ kind: 'sessions', filter, sort }, () =>
			sessionsOf(this.#tasksOf(this.select(filter)), sort),
		);
		return { rows: sessions.slice(offset, offset + limit), total: sessions.length };
	}

	/** As in the ledger: all calls of the tasks that have some of these. */
	#tasksOf(calls: CallRow[]): CallRow[] {
		if (calls === this.rows) return calls;
		const some = new Set(calls.map(({ sessionId }) => sessionId));
		return this.rows.filter(({ sessionId }) => some.has(sessionId));
	}

	/** Answers of this revision, by what was asked. */
	#once<T>(question: { kind: string; [part: string]: unknown }, answer: () => T): T {
		const key = JSON.stringify(question);
		if (this.#answersOf !== this.revision) this.#answers.clear();
		this.#answersOf = this.revision;
		const known = this.#answers.get(key);
		// The key holds the kind, and each kind has answers of one type.
		if (known !== undefined) return known as T;
		const made = answer();
		this.#answers.set(key, made);
		return made;
	}

	/** The calls that pass a filter, oldest first. */
	select(filter: CallFilter): CallRow[] {
		if (Object.keys(filter).length === 0) return this.rows;
		return this.#once({ kind: 'select', filter }, () => this.rows.filter((row) => passes(row, filter)));
	}
}

function passes(row: CallRow, filter: CallFilter): boolean {
	const { range, event } = filter;
	if (range !== undefined && (row.startedAtMs < range.fromMs || row.startedAtMs >= range.toMs)) return false;
	for (const key of ['sessionId', 'agentId', 'provider', 'model', 'kind', 'state', 'source'] as const)
		if (filter[key] !== undefined && row[key] !== filter[key]) return false;
	if (filter.folder !== undefined && folderOf(row) !== filter.folder) return false;
	const responded = row.state !== 'pending';
	if (event !== undefined && event !== 'llm_response' && row.orphan) return false;
	if (event !== undefined && event !== 'llm_call' && !responded) return false;
	if (filter.usageMissing && !row.usageMissing) return false;
	if (filter.orphan && !row.orphan) return false;
	if (filter.unpriced && (row.cost === null || row.cost.nanoUsd !== null)) return false;
	if (filter.minCostNanoUsd !== undefined && (row.cost?.nanoUsd ?? -1) < filter.minCostNanoUsd) return false;
	return filter.minLatencyMs === undefined || (row.latencyMs ?? -1) >= filter.minLatencyMs;
}

/** @param rows oldest first */
function sortCalls(rows: CallRow[], sort: CallSort): CallRow[] {
	if (sort === 'oldest') return rows;
	const newest = rows.toReversed();
	if (sort === 'newest') return newest;
	const figure = (row: CallRow): number => {
		if (sort === 'cost') return row.cost?.nanoUsd ?? -1;
		if (sort === 'latency') return row.latencyMs ?? -1;
		return row.inputTokens === null && row.outputTokens === null
			? -1
			: (row.inputTokens ?? 0) + (row.outputTokens ?? 0);
	};
	return newest.sort((a, b) => figure(b) - figure(a));
}
