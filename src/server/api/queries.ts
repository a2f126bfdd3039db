import * as z from 'zod';
import { callKindSchema } from '../../core/draft.ts';
import { llmAnalyticsQuerySchema } from '../../core/outside/analytics-result.ts';
import { type CallFilter, callSortSchema, callStateSchema, sessionSortSchema } from '../../core/views.ts';
import { challengePattern } from '../discovery/server-proof.ts';

/**
 * What the queries of URLs may hold. They are strict: a filter with a slip of the pen in its name would else be no filter,
 * and its answer a wrong number that nobody notices.
 */

const moment = (name: string) => z.iso.datetime({ offset: true, error: `${name} must be ISO 8601 with a zone` });
const wholeNumber = (from: number, to: number, standard: number) =>
	z.coerce
		.number<string>(`must be a whole number from ${from} to ${to}`)
		.int(`must be a whole number from ${from} to ${to}`)
		.min(from, `must be at least ${from}`)
		.max(to, `must be at most ${to}`)
		.default(standard);
const flag = z.enum(['true', 'false'], 'must be true or false');
const name = z.string().min(1, 'is empty');

const range = {
	/** Calls that began at this moment or after it. */
	from: moment('from').optional(),
	/** Calls that began before it. */
	to: moment('to').optional(),
};
const filters = {
	...range,
	agentId: name.optional(),
	provider: name.optional(),
	/** The model that was asked for. */
	model: name.optional(),
	/** Where a call was seen: `http`, `claude-code`, … */
	source: name.optional(),
};

export const serverQuerySchema = z.object({
	/** New for each question: 16 to 128 letters, digits, `-` and `_`. */
	challenge: z.string().regex(challengePattern).optional(),
});

export const analyticsQuerySchema = llmAnalyticsQuerySchema.strict();

export const sessionsQuerySchema = z.strictObject({
	...filters,
	sort: sessionSortSchema.default('newest'),
	limit: wholeNumber(1, 500, 50),
	offset: wholeNumber(0, 1e9, 0),
});

const callFilters = {
	...filters,
	sessionId: name.optional(),
	kind: callKindSchema.optional(),
	state: callStateSchema.optional(),
	/** Absolute working directory of the agent. */
	folder: name.optional(),
};

export const callsQuerySchema = z.strictObject({
	...callFilters,
	/** `true`: only calls that ended without a known price. */
	unpriced: flag.optional(),
	/** `true`: only calls that ended without usage. */
	usageMissing: flag.optional(),
	/** Only calls that cost at least this. */
	minCostUsd: z.coerce.number<string>('must be a number of US dollars').min(0).optional(),
	/** Only calls that took at least this long. */
	minLatencyMs: z.coerce.number<string>('must be a number of milliseconds').min(0).optional(),
	sort: callSortSchema.default('newest'),
	limit: wholeNumber(1, 500, 50),
	offset: wholeNumber(0, 1e9, 0),
});

export const callQuerySchema = z.strictObject({
	/** `false`: without prompts, completions, tools and titles. */
	content: flag.default('true'),
});

export const searchQuerySchema = z.strictObject({
	/** Words that all stand in one text; a phrase in quotes; the last word may be the beginning of one. */
	q: z.string('q is required: what to search for').trim().min(1, 'q is empty').max(1_000),
	...callFilters,
	limit: wholeNumber(1, 100, 20),
	offset: wholeNumber(0, 1e9, 0),
});

export const verifyQuerySchema = z.strictObject({
	/** Only this session's chain. */
	sessionId: name.optional(),
});

/** What a stream can tell. */
export const streamEvents = ['call', 'run.diagnostics', 'changed'] as const;
export type StreamEvent = (typeof streamEvents)[number];

export const streamQuerySchema = z.strictObject({
	/** Names of events, with commas between. Absent: all of them. */
	events: z
		.string()
		.refine((text) => text.split(',').every((each) => isStreamEvent(each)), `must be of ${streamEvents.join(', ')}`)
		.optional(),
	sessionId: name.optional(),
});

export function isStreamEvent(text: string): text is StreamEvent {
	return streamEvents.some((each) => each === text);
}

type Asked = Partial<z.output<typeof callsQuerySchema>>;

/** The calls that a query is about. */
export function filterOf(query: Asked): CallFilter {
	const { from, to, minCostUsd, minLatencyMs, unpriced, usageMissing } = query;
	const { agentId, provider, model, source, sessionId, kind, state, folder } = query;
	return {
		...((from !== undefined || to !== undefined) && {
			range: {
				fromMs: from === undefined ? 0 : Math.max(0, Date.parse(from)),
				toMs: to === undefined ? Number.MAX_SAFE_INTEGER : Math.max(0, Date.parse(to)),
			},
		}),
		...(agentId !== undefined && { agentId }),
		...(provider !== undefined && { provider }),
		...(model !== undefined && { model }),
		...(source !== undefined && { source }),
		...(sessionId !== undefined && { sessionId }),
		...(kind !== undefined && { kind }),
		...(state !== undefined && { state }),
		...(folder !== undefined && { folder }),
		...(unpriced === 'true' && { unpriced: true as const }),
		...(usageMissing === 'true' && { usageMissing: true as const }),
		...(minCostUsd !== undefined && { minCostNanoUsd: Math.round(minCostUsd * 1e9) }),
		...(minLatencyMs !== undefined && { minLatencyMs }),
	};
}
