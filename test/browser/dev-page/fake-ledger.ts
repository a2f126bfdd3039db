import { bucketsIn } from '../../../src/core/time-buckets.ts';
import type {
	CallFilter,
	CallRow,
	CallSort,
	Facets,
	GroupTotals,
	SeriesBucket,
	TimelinePage,
	Totals,
} from '../../../src/core/views.ts';
import type { Overview, Replies, Request } from '../../../src/protocol/messages.ts';
import { linesOf, pageOf, sessionRow } from './fake-timeline.ts';
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
		return this.#once(request, () => this.#overview(request));
	}

	series(request: Extract<Request, { kind: 'series' }>): SeriesBucket[] {
		return this.#once(request, () => this.#series(request));
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

	#overview({ range, before }: Extract<Request, { kind: 'overview' }>): Overview {
		const rows = this.select(range === undefined ? {} : { range });
		const groups = new Map<string, CallRow[]>();
		for (const row of rows) {
			const key = `${row.provider} ${row.model}`;
			const group = groups.get(key);
			if (group === undefined) groups.set(key, [row]);
			else group.push(row);
		}
		const byModel: GroupTotals[] = [...groups.values()].map((group) => ({
			...totalsOf(group),
			provider: group[0]?.provider ?? '',
			model: group[0]?.model ?? '',
		}));
		const bySession = Map.groupBy(rows, ({ sessionId }) => sessionId);
		return {
			totals: totalsOf(rows),
			byModel,
			before: before === undefined ? null : totalsOf(this.select({ range: before })),
			costliestCalls: sortCalls(rows, 'cost').slice(0, 5),
			costliestTasks: [...bySession.values()]
				.map(sessionRow)
				.sort((a, b) => b.costNanoUsd - a.costNanoUsd)
				.slice(0, 5),
		};
	}

	#series({ range, granularity, timeZone }: Extract<Request, { kind: 'series' }>): SeriesBucket[] {
		const rows = this.select({ range });
		let next = 0;
		const buckets: SeriesBucket[] = [];
		for (const { startMs, endMs } of bucketsIn(range, granularity, timeZone)) {
			const groups = new Map<string, SeriesBucket['groups'][number]>();
			for (let row = rows[next]; row !== undefined && row.startedAtMs < endMs; row = rows[++next]) {
				const key = `${row.provider} ${row.model}`;
				const group: SeriesBucket['groups'][number] = groups.get(key) ?? {
					provider: row.provider,
					model: row.model,
					calls: 0,
					unpriced: 0,
					costNanoUsd: 0,
					subscriptionNanoUsd: 0,
					bound: 'exact',
					inputTokens: 0,
					outputTokens: 0,
				};
				group.calls++;
				if (row.cost !== null && row.cost.nanoUsd === null) {
					group.unpriced++;
					group.bound = 'atLeast';
				}
				if (row.cost?.billing === 'subscription') group.subscriptionNanoUsd += row.cost.nanoUsd ?? 0;
				else group.costNanoUsd += row.cost?.nanoUsd ?? 0;
				group.inputTokens += row.inputTokens ?? 0;
				group.outputTokens += row.outputTokens ?? 0;
				groups.set(key, group);
			}
			if (groups.size > 0) buckets.push({ startMs, endMs, groups: [...groups.values()] });
		}
		return buckets;
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

function totalsOf(rows: CallRow[]): Totals {
	const sum = (pick: (row: CallRow) => number | null) => rows.reduce((total, row) => total + (pick(row) ?? 0), 0);
	const count = (test: (row: CallRow) => boolean) => rows.reduce((total, row) => total + (test(row) ? 1 : 0), 0);
	const latencies = rows
		.map(({ latencyMs }) => latencyMs)
		.filter((ms) => ms !== null)
		.sort((a, b) => a - b);
	const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? null;
	const unpriced = count(({ cost }) => cost !== null && cost.nanoUsd === null);
	return {
		calls: rows.length,
		pending: count(({ state }) => state === 'pending'),
		errors: count(({ state }) => state === 'error'),
		cancelled: count(({ state }) => state === 'cancelled'),
		unpriced,
		usageMissing: count((row) => row.usageMissing),
		inputTokens: sum((row) => row.inputTokens),
		outputTokens: sum((row) => row.outputTokens),
		cacheReadTokens: sum((row) => row.cacheReadTokens),
		cacheWriteTokens: sum((row) => row.cacheWriteTokens),
		reasoningTokens: sum((row) => row.reasoningTokens),
		costNanoUsd: sum(({ cost }) => (cost?.billing === 'api' ? cost.nanoUsd : 0)),
		subscriptionNanoUsd: sum(({ cost }) => (cost?.billing === 'subscription' ? cost.nanoUsd : 0)),
		bound: unpriced > 0 ? 'atLeast' : 'exact',
		latency: {
			avgMs: latencies.length === 0 ? null : latencies.reduce((a, b) => a + b, 0) / latencies.length,
			p50Ms: at(0.5),
			p90Ms: at(0.9),
			p99Ms: at(0.99),
		},
	};
}
