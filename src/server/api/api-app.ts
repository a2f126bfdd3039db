import { type Context, Hono } from 'hono';
import type * as z from 'zod';
import type { Ledger } from '../../ledger/ledger.ts';
import { maxBodyBytes } from '../pass-body.ts';
import { ApiProblem } from './api-problem.ts';
import { askAnalytics, askCall, askCalls, askSearch, askSessions, askVerify } from './ask.ts';
import { BodyRoom } from './body-room.ts';
import type { EventStreams } from './event-stream.ts';
import { openApi } from './openapi.ts';
import {
	analyticsQuerySchema,
	callQuerySchema,
	callsQuerySchema,
	searchQuerySchema,
	sessionsQuerySchema,
	streamQuerySchema,
	verifyQuerySchema,
} from './queries.ts';
import { readJson } from './read-json.ts';
import { takeEvents } from './take-events.ts';

/** What comes with a request beside its URL. */
export interface ApiBindings {
	body: Uint8Array;
	gzip: boolean;
	source: 'http' | 'sdk';
	lastEventId: string | null;
}

export interface ApiParts {
	/** Throws while there is none. */
	ledger(): Ledger;
	streams: EventStreams;
	version: string;
	nowMs(): number;
}

/** For bodies that are read at once, in bytes of JSON. */
const roomBytes = 2 * maxBodyBytes;

type ApiContext = Context<{ Bindings: ApiBindings }>;

/**
 * The API below `/api`, for requests that may pass: who asks, with which method, and with what kind of body was looked at
 * before they came here (`api-route.ts`).
 */
export function apiApp({ ledger, streams, version, nowMs }: ApiParts): Hono<{ Bindings: ApiBindings }> {
	const app = new Hono<{ Bindings: ApiBindings }>();
	const room = new BodyRoom(roomBytes);

	app.post('/events', async (c) => {
		const { body, gzip, source } = c.env;
		// How large a body grows is known when it has grown.
		const leave = await room.enter(gzip ? maxBodyBytes : body.length);
		const receipts = await readJson(body, gzip)
			.then((events) => takeEvents(events, ledger(), { source, nowMs: nowMs() }))
			.finally(leave);
		const none = receipts.rejected === receipts.events.length;
		return none ? c.json({ error: { message: 'No event was recorded.' }, ...receipts }, 400) : c.json(receipts);
	});
	app.get('/analytics/llm', async (c) =>
		c.json(await askAnalytics(ledger(), queryOf(c, analyticsQuerySchema), nowMs())),
	);
	app.get('/sessions', async (c) => c.json(await askSessions(ledger(), queryOf(c, sessionsQuerySchema))));
	app.get('/calls', async (c) => c.json(await askCalls(ledger(), queryOf(c, callsQuerySchema))));
	app.get('/calls/:callId{.+}', async (c) =>
		c.json(await askCall(ledger(), c.req.param('callId'), queryOf(c, callQuerySchema))),
	);
	app.get('/search', async (c) => c.json(await askSearch(ledger(), queryOf(c, searchQuerySchema))));
	app.get('/verify', async (c) => c.json(await askVerify(ledger(), queryOf(c, verifyQuerySchema))));
	app.get('/stream', (c) => {
		// Without a ledger there is nothing to tell: better come again.
		ledger();
		const stream = streams.open(queryOf(c, streamQuerySchema), c.env.lastEventId);
		return c.body(stream, 200, { 'content-type': 'text/event-stream; charset=utf-8' });
	});
	app.get('/openapi.json', (c) => c.json(openApi(version)));

	app.notFound((c) => c.json({ error: { message: 'There is nothing at this path.' } }, 404));
	app.onError((thrown, c) => {
		const { status, message, issues, retryAfterSeconds } = ApiProblem.of(thrown);
		if (retryAfterSeconds !== null) c.header('retry-after', String(retryAfterSeconds));
		return c.json({ error: { message, ...(issues !== null && { issues }) } }, status);
	});
	return app;
}

/** @throws {ApiProblem} 400 with the names of what is wrong. */
function queryOf<Schema extends z.ZodType>(c: ApiContext, schema: Schema): z.output<Schema> {
	const given = c.req.queries();
	const twice = Object.keys(given).find((name) => (given[name]?.length ?? 0) > 1);
	if (twice !== undefined) throw ApiProblem.ofField(twice, 'stands more than once');
	const parsed = schema.safeParse(c.req.query());
	if (!parsed.success) throw ApiProblem.ofInput(parsed.error);
	return parsed.data;
}
