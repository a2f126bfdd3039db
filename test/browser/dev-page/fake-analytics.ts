import { bucketsIn } from '../../../src/core/time-buckets.ts';
import type {
	Analytics,
	AnalyticsBucket,
	CallRow,
	GroupTotals,
	LatencyBar,
	NamedTotals,
	SeriesBucket,
	SessionRow,
	SessionSort,
	Totals,
} from '../../../src/core/views.ts';
import type { Overview, Request } from '../../../src/protocol/messages.ts';
import { sessionRow } from './fake-timeline.ts';
import { folderOf } from './generate-calls.ts';

type TimeQuestion = Pick<Extract<Request, { kind: 'series' }>, 'range' | 'granularity' | 'timeZone'>;

/** @param rows the calls of the range, oldest first; `before`: those of the time to compare with */
/** @param ofTasks all calls of the tasks that have some of `rows` */
export function overviewOf(rows: CallRow[], ofTasks: CallRow[], before: CallRow[] | null): Overview {
	return {
		totals: totalsOf(rows),
		byModel: byModelOf(rows),
		before: before === null ? null : totalsOf(before),
		costliestCalls: rows.toSorted((a, b) => (b.cost?.nanoUsd ?? -1) - (a.cost?.nanoUsd ?? -1)).slice(0, 5),
		costliestTasks: sessionsOf(ofTasks, 'cost').slice(0, 5),
	};
}

/** The tasks of some calls. */
export function sessionsOf(rows: CallRow[], sort: SessionSort): SessionRow[] {
	const sessions = [...Map.groupBy(rows, ({ sessionId }) => sessionId).values()].map(sessionRow);
	return sessions.sort((a, b) => (sort === 'cost' ? b.costNanoUsd - a.costNanoUsd : b.lastAtMs - a.lastAtMs));
}

/** @param rows oldest first. Buckets without calls are left out. */
export function seriesOf(rows: CallRow[], question: TimeQuestion): SeriesBucket[] {
	return inBuckets(rows, question).flatMap(({ bucket, calls }) =>
		calls.length === 0 ? [] : [{ ...bucket, groups: groupsOf(calls) }],
	);
}

/** @param rows oldest first. Buckets without calls are there, with zeros. */
export function analyticsOf(rows: CallRow[], question: TimeQuestion, revision: number): Analytics {
	const named = (name: (row: CallRow) => string): NamedTotals[] =>
		[...Map.groupBy(rows, name)].map(([name, calls]) => ({ ...totalsOf(calls), name }));
	return {
		totals: totalsOf(rows),
		byModel: byModelOf(rows),
		byAgent: named(({ agentId }) => agentId),
		byFolder: named(folderOf),
		buckets: inBuckets(rows, question).map(({ bucket, calls }): AnalyticsBucket => {
			const { latency } = totalsOf(calls);
			return { ...bucket, groups: groupsOf(calls), calls: calls.length, tokens: tokensOf(calls), latency };
		}),
		latencyBars: barsOf(rows),
		revision,
	};
}

function inBuckets(rows: CallRow[], { range, granularity, timeZone }: TimeQuestion) {
	let next = 0;
	return bucketsIn(range, granularity, timeZone).map((bucket) => {
		const calls: CallRow[] = [];
		for (let row = rows[next]; row !== undefined && row.startedAtMs < bucket.endMs; row = rows[++next]) calls.push(row);
		return { bucket, calls };
	});
}

function byModelOf(rows: CallRow[]): GroupTotals[] {
	return [...Map.groupBy(rows, modelKey).values()].map((group) => ({
		...totalsOf(group),
		provider: group[0]?.provider ?? '',
		model: group[0]?.model ?? '',
	}));
}

function groupsOf(rows: CallRow[]): SeriesBucket['groups'] {
	return byModelOf(rows).map(
		({ provider, model, calls, unpriced, costNanoUsd, subscriptionNanoUsd, bound, inputTokens, outputTokens }) => ({
			provider,
			model,
			calls,
			unpriced,
			costNanoUsd,
			subscriptionNanoUsd,
			bound,
			inputTokens,
			outputTokens,
		}),
	);
}

function modelKey({ provider, model }: CallRow): string {
	return `${provider} ${model}`;
}

function tokensOf(rows: CallRow[]): AnalyticsBucket['tokens'] {
	const tokens = { uncachedInput: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 };
	for (const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, reasoningTokens } of rows) {
		tokens.uncachedInput += (inputTokens ?? 0) - (cacheReadTokens ?? 0) - (cacheWriteTokens ?? 0);
		tokens.cacheRead += cacheReadTokens ?? 0;
		tokens.cacheWrite += cacheWriteTokens ?? 0;
		tokens.output += (outputTokens ?? 0) - (reasoningTokens ?? 0);
		tokens.reasoning += reasoningTokens ?? 0;
	}
	return tokens;
}

/** Bars that double, from half a second on. */
function barsOf(rows: CallRow[]): LatencyBar[] {
	const bars: LatencyBar[] = [];
	const latencies = rows.flatMap(({ latencyMs }) => (latencyMs === null ? [] : [latencyMs]));
	const longest = Math.max(0, ...latencies);
	for (let fromMs = 500; fromMs <= longest; fromMs *= 2) {
		const calls = latencies.filter((ms) => ms >= fromMs && ms < fromMs * 2).length;
		bars.push({ fromMs, toMs: fromMs * 2, calls });
	}
	return bars;
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
		cacheToldTokens: sum((row) => (row.cacheReadTokens === null ? 0 : row.inputTokens)),
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
