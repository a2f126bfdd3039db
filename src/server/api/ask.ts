import type * as z from 'zod';
import { callRecord } from '../../core/call-json.ts';
import { type LlmAnalyticsResult, llmAnalyticsOf } from '../../core/outside/analytics-result.ts';
import { callJson } from '../../core/outside/call-json.ts';
import { searchJson } from '../../core/outside/search-json.ts';
import { verifyJson } from '../../core/outside/verify-json.ts';
import { isTimeZone } from '../../core/time-buckets.ts';
import type { Granularity } from '../../core/views.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { sessionJson } from './answers.ts';
import { ApiProblem } from './api-problem.ts';
import {
	type analyticsQuerySchema,
	type callQuerySchema,
	type callsQuerySchema,
	filterOf,
	type searchQuerySchema,
	type sessionsQuerySchema,
	type verifyQuerySchema,
} from './queries.ts';

/** The answers to what is asked of the ledger. Each takes a query that its schema has passed. */

const dayMs = 86_400_000;
const bucketMs: Readonly<Record<Granularity, number>> = { hour: 3_600_000, day: dayMs, week: 7 * dayMs };
/** Two years of hours. */
const maxBuckets = 20_000;

export async function askAnalytics(
	ledger: Pick<Ledger, 'analytics'>,
	query: z.output<typeof analyticsQuerySchema>,
	nowMs: number,
): Promise<LlmAnalyticsResult> {
	const { granularity, tz: timeZone, agentId, model, provider } = query;
	const toMs = query.to === undefined ? nowMs : Date.parse(query.to);
	const fromMs = query.from === undefined ? toMs - dayMs : Date.parse(query.from);
	if (fromMs < 0 || toMs < 0) throw ApiProblem.ofField(fromMs < 0 ? 'from' : 'to', 'lies before 1970');
	if (fromMs >= toMs) throw ApiProblem.ofField('from', 'must be before to');
	if (!isTimeZone(timeZone))
		throw ApiProblem.ofField('tz', 'is no time zone that is known here, such as Europe/Berlin');
	if ((toMs - fromMs) / bucketMs[granularity] > maxBuckets) {
		throw ApiProblem.ofField(
			'from',
			`gives more than ${maxBuckets.toLocaleString('en')} buckets; choose a wider granularity`,
		);
	}
	const range = { fromMs, toMs };
	return llmAnalyticsOf(
		await ledger.analytics({ range, granularity, timeZone, filter: filterOf({ agentId, model, provider }) }),
	);
}

export async function askSessions(ledger: Pick<Ledger, 'sessions'>, query: z.output<typeof sessionsQuerySchema>) {
	const { sort, limit, offset } = query;
	const { rows, total } = await ledger.sessions({ filter: filterOf(query), sort, limit, offset });
	return { sessions: rows.map(sessionJson), total, limit, offset };
}

export async function askCalls(ledger: Pick<Ledger, 'calls'>, query: z.output<typeof callsQuerySchema>) {
	const { sort, limit, offset } = query;
	const { rows, total } = await ledger.calls({ filter: filterOf(query), sort, limit, offset });
	return { calls: rows.map(callJson), total, limit, offset };
}

export async function askCall(
	ledger: Pick<Ledger, 'call'>,
	callId: string,
	{ content }: z.output<typeof callQuerySchema>,
) {
	const detail = await ledger.call(callId);
	if (detail === null) throw new ApiProblem(404, 'There is no call with this id.');
	return callRecord(detail, { content: content === 'true' });
}

export async function askSearch(ledger: Pick<Ledger, 'search'>, query: z.output<typeof searchQuerySchema>) {
	const { q: text, limit, offset } = query;
	const { hits, more } = await ledger.search({ text, filter: filterOf(query), limit, offset });
	return { ...searchJson({ hits, more }), limit, offset };
}

export async function askVerify(ledger: Pick<Ledger, 'verify'>, { sessionId }: z.output<typeof verifyQuerySchema>) {
	return verifyJson(await ledger.verify(sessionId));
}
