import * as z from 'zod';
import { llmAnalyticsSchema } from '../../core/outside/analytics-result.ts';
import { eventBatchSchema, eventInputSchema, eventReceiptsSchema } from '../../core/outside/event-input.ts';
import { callDetailSchema, callsSchema, searchSchema, serverSchema, sessionsSchema, verifySchema } from './answers.ts';
import type { ApiId } from './api-paths.ts';
import {
	analyticsQuerySchema,
	callQuerySchema,
	callsQuerySchema,
	searchQuerySchema,
	serverQuerySchema,
	sessionsQuerySchema,
	streamQuerySchema,
	verifyQuerySchema,
} from './queries.ts';

/** What one request of the API is for, for people and programs that read of it. */
export interface Operation {
	summary: string;
	description?: string;
	/** Of the URL. */
	query?: z.ZodObject;
	body?: z.ZodType;
	/** What is answered with 200; a text names what is no JSON. */
	answer: z.ZodType | string;
	/** Refusals beyond those that any request with a token may meet. */
	refusals?: readonly (400 | 404 | 413 | 415 | 408)[];
	/** Answered to whoever asks. */
	open?: true;
}

const events = z.union([
	eventBatchSchema.extend({ events: z.array(eventInputSchema).min(1).max(1_000) }),
	z.array(eventInputSchema).min(1).max(1_000),
	eventInputSchema,
]);

export const operations: Readonly<Record<ApiId, Operation>> = {
	server: {
		summary: 'Which server this is',
		description:
			'Answered without a token, so that a client knows its server before it sends one: `instance` is the one in the list of running servers. With a `challenge`, `proof` is the HMAC-SHA256, in base64url, of `callmeter PORT CHALLENGE` with the token as its key: only a server that has the token can answer it.',
		query: serverQuerySchema,
		answer: serverSchema,
		refusals: [400],
		open: true,
	},
	recordEvents: {
		summary: 'Record events',
		description:
			'1 to 1,000 events, as `{ "events": […] }`, as a bare list, or a single one. Each is checked and recorded on its own, in the order of the list; the answer has one receipt for each, at the same place. 200 when at least one was taken, 400 when none was. An event with an `id` that its session has seen changes nothing; with another content it is rejected. What was answered with 200 is in the ledger’s file, and outlives the server; only the machine’s own sudden end (a power cut) may take the last moments. Bodies may be compressed with gzip; at most 16 MB, inflated too.',
		body: events,
		answer: eventReceiptsSchema,
		refusals: [400, 408, 413, 415],
	},
	llmAnalytics: {
		summary: 'Sums over calls: in all, by model, and over time',
		description: 'By default of the last 24 hours, by the hour. Buckets without calls are there too.',
		query: analyticsQuerySchema,
		answer: llmAnalyticsSchema,
		refusals: [400],
	},
	listSessions: {
		summary: 'Tasks, with the counters of their calls',
		query: sessionsQuerySchema,
		answer: sessionsSchema,
		refusals: [400],
	},
	listCalls: {
		summary: 'Calls',
		query: callsQuerySchema,
		answer: callsSchema,
		refusals: [400],
	},
	getCall: {
		summary: 'One call, with its prompt and completion',
		query: callQuerySchema,
		answer: callDetailSchema,
		refusals: [400, 404],
	},
	search: {
		summary: 'Full-text search in prompts and completions',
		description: 'One hit a call, newest first.',
		query: searchQuerySchema,
		answer: searchSchema,
		refusals: [400],
	},
	verify: {
		summary: 'Check the hash chains, and that all that is shown follows from them',
		query: verifyQuerySchema,
		answer: verifySchema,
		refusals: [400],
	},
	stream: {
		summary: 'Server-sent events, as things happen',
		description:
			'`call`: `{ "phase": "started" | "ended", "call": … }` for each live call. `run.diagnostics`: `{ "run_id", "kind": "llm_call", "call" }` for each call that ended, and `{ "run_id", "kind": "run_summary", "summary" }` for a run that has been quiet for two seconds. `changed`: `{ "revision" }` when something else has changed. A client that sends `Last-Event-ID` is told what it missed, or `reset` when that is not known any more. A client that does not read is cut off.',
		query: streamQuerySchema,
		answer: 'text/event-stream',
		refusals: [400],
	},
	openapi: { summary: 'This description', answer: z.looseObject({ openapi: z.string() }) },
};
