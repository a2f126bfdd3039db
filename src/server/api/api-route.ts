import type { IncomingMessage, ServerResponse } from 'node:http';
import { sdkUserAgent } from '../../core/outside/sdk-user-agent.ts';
import { answerProblem } from '../answer-problem.ts';
import { challengePattern } from '../discovery/server-proof.ts';
import type { Route } from '../local-server.ts';
import { passBody, saysTooLarge, tooLargeText } from '../pass-body.ts';
import { atPath } from './api-paths.ts';
import type { ApiRequest } from './api-protocol.ts';
import type { AnswerSink, ApiService } from './api-service.ts';
import type { BearerToken } from './bearer-token.ts';

/** When a client may come again, in seconds. */
const comeAgainSeconds = 1;

export interface ApiRouteOptions {
	service: ApiService;
	token: BearerToken;
	/** What `GET /api/server` tells to whoever asks. */
	about: { version: string; instance: string };
	/** How long nothing may come of a body, in milliseconds; for tests. */
	idleMs?: number;
}

/**
 * `/api`: looks at who asks and for what before a body is read, and hands on what may pass. All that a request means is
 * the worker's to know.
 */
export function apiRoute(options: ApiRouteOptions): Route {
	return {
		prefix: '/api',
		asksForBody: true,
		handle: (request, response, rest) => handle(options, request, response, rest),
		stopping: () => options.service.endStreams(),
	};
}

async function handle(
	{ service, token, about, idleMs }: ApiRouteOptions,
	request: IncomingMessage,
	response: ServerResponse,
	rest: string,
): Promise<void> {
	response.setHeader('cache-control', 'no-store');
	const [path = ''] = rest.split('?', 1);
	if (path === '/server' && request.method === 'GET') {
		const challenge = new URLSearchParams(rest.slice(path.length)).get('challenge');
		if (challenge === null) return answerAbout(response, about);
		const port = request.socket.localPort ?? 0;
		if (challengePattern.test(challenge))
			return answerAbout(response, { ...about, proof: token.prove(port, challenge) });
		return answerProblem(response, 400, 'challenge: must be 16 to 128 letters, digits, - and _.');
	}
	if (!token.isIn(request.headers.authorization)) {
		response.setHeader('www-authenticate', 'Bearer realm="callmeter"');
		const message = 'Authorization: Bearer <token> is missing or wrong. "Copy Local Server Token" in VS Code gives it.';
		return answerProblem(response, 401, message);
	}
	const known = atPath(path);
	if (known.length === 0) return answerProblem(response, 404, 'There is nothing at this path.');
	const operation = known.find(({ method }) => method === request.method);
	if (operation === undefined) {
		const allowed = known.map(({ method }) => method).join(', ');
		response.setHeader('allow', allowed);
		return answerProblem(response, 405, `This path takes ${allowed}.`);
	}
	const takesBody = operation.method === 'POST';
	const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
	if (takesBody) {
		const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
		if (type !== 'application/json') return answerProblem(response, 415, 'A body is application/json.');
		if (encoding !== 'gzip' && encoding !== 'identity') {
			return answerProblem(response, 415, 'A body may be compressed with gzip alone.');
		}
		if (saysTooLarge(request)) return answerProblem(response, 413, tooLargeText);
	}
	const lastEventId = request.headers['last-event-id'];
	const asked: ApiRequest = {
		method: operation.method,
		path: rest,
		gzip: takesBody && encoding === 'gzip',
		source: request.headers['user-agent']?.startsWith(sdkUserAgent) ? 'sdk' : 'http',
		lastEventId: typeof lastEventId === 'string' ? lastEventId : null,
	};
	const delivery = service.deliver(asked, sinkOf(response));
	if (delivery === 'unavailable') {
		return answerProblem(response, 503, 'The ledger is not open.', { retryAfterSeconds: comeAgainSeconds });
	}
	if (delivery === 'busy') return answerBusy(response);
	response.on('close', () => delivery.drop());
	if (takesBody && request.headers.expect !== undefined) response.writeContinue();
	const outcome = takesBody
		? await passBody(request, delivery.write, { ...(idleMs !== undefined && { idleMs }) })
		: 'whole';
	if (outcome === 'whole') return delivery.end();
	delivery.drop();
	if (outcome === 'tooLarge') answerProblem(response, 413, tooLargeText);
	else if (outcome === 'busy') answerBusy(response);
	else if (outcome === 'slow') answerProblem(response, 408, 'The body did not come.');
}

/** Tells nothing that a stranger may not know: it is how a client knows its server before it shows its token. */
function answerAbout(
	response: ServerResponse,
	{ version, instance, proof }: ApiRouteOptions['about'] & { proof?: string },
): void {
	const body = JSON.stringify({ product: 'callmeter', version, instance, proof });
	response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'x-content-type-options': 'nosniff' });
	response.end(body);
}

function answerBusy(response: ServerResponse): void {
	answerProblem(response, 429, 'Too much is under way.', { retryAfterSeconds: comeAgainSeconds });
}

function sinkOf(response: ServerResponse): AnswerSink {
	return {
		begin: (status, headers, body, more) => {
			if (response.headersSent || response.destroyed) return;
			if (!response.req.complete) response.setHeader('connection', 'close');
			response.writeHead(status, {
				...headers,
				...(more ? {} : { 'content-length': body.byteLength }),
				'x-content-type-options': 'nosniff',
			});
			if (more) response.write(body.byteLength > 0 ? body : '');
			else response.end(body);
			if (more) response.flushHeaders();
		},
		part: (part, taken) => {
			if (response.write(part)) taken();
			else response.once('drain', taken);
		},
		end: () => void response.end(),
		fail: () => {
			if (response.headersSent) response.destroy();
			else answerProblem(response, 503, 'The server was started again.', { retryAfterSeconds: comeAgainSeconds });
		},
	};
}
