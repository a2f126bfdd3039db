import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerProblem } from '../answer-problem.ts';
import type { Route } from '../local-server.ts';
import { passBody, saysTooLarge, tooLargeText } from '../pass-body.ts';
import type { OtlpAnswer, RequestHead } from './otlp-protocol.ts';
import type { OtlpReceiver } from './otlp-receiver.ts';
import type { Encoding, Signal } from './wire.ts';

const signals: readonly Signal[] = ['traces', 'logs', 'metrics'];
const contentTypes: Readonly<Record<Encoding, string>> = {
	json: 'application/json',
	protobuf: 'application/x-protobuf',
};
/** When a sender may come again, in seconds. */
const comeAgainSeconds = 2;

/**
 * OTLP over HTTP: `POST /v1/traces`, `/v1/logs` and `/v1/metrics`. Bodies go to the receiver's worker as they come; this
 * thread looks at no more than their headers.
 * Source: OpenTelemetry Protocol specification, "OTLP/HTTP".
 */
export function otlpRoutes(receiver: OtlpReceiver): Route[] {
	return signals.map((signal) => ({
		prefix: `/v1/${signal}`,
		handle: (request, response, rest) => handle(receiver, signal, request, response, rest),
	}));
}

async function handle(
	receiver: OtlpReceiver,
	signal: Signal,
	request: IncomingMessage,
	response: ServerResponse,
	rest: string,
): Promise<void> {
	if (!/^\/?(?:\?|$)/.test(rest)) return answerProblem(response, 404, 'There is nothing at this path.');
	if (request.method !== 'POST') {
		response.setHeader('allow', 'POST');
		return answerProblem(response, 405, 'OTLP is sent with POST.');
	}
	const head = headOf(signal, request);
	if (typeof head === 'string') return answerProblem(response, 415, head);
	if (saysTooLarge(request)) return answerProblem(response, 413, tooLargeText);
	const delivery = receiver.deliver(head);
	if (delivery === 'unavailable') {
		return answerProblem(response, 503, 'The ledger is not open.', { retryAfterSeconds: comeAgainSeconds });
	}
	if (delivery === 'busy') return answerBusy(response);
	const outcome = await passBody(request, delivery.write);
	if (outcome !== 'whole') {
		delivery.drop();
		if (outcome === 'busy') answerBusy(response);
		else if (outcome === 'tooLarge') answerProblem(response, 413, tooLargeText);
		else if (outcome === 'slow') answerProblem(response, 408, 'The body did not come.');
		return;
	}
	const answer = await delivery.end();
	if (answer === null) {
		return answerProblem(response, 503, 'The receiver was started again.', { retryAfterSeconds: comeAgainSeconds });
	}
	send(response, head.encoding, answer);
}

/** How a body is encoded, or why that can't be read. */
function headOf(signal: Signal, { headers }: IncomingMessage): RequestHead | string {
	const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
	const encoding = (['json', 'protobuf'] as const).find((each) => contentTypes[each] === type);
	if (encoding === undefined) return 'OTLP is application/json or application/x-protobuf.';
	const compression = headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
	if (compression !== 'gzip' && compression !== 'identity') return 'A body may be compressed with gzip alone.';
	return { signal, encoding, gzip: compression === 'gzip' };
}

function answerBusy(response: ServerResponse): void {
	answerProblem(response, 429, 'Too much is under way.', { retryAfterSeconds: comeAgainSeconds });
}

function send(response: ServerResponse, encoding: Encoding, { status, body, retryAfterSeconds }: OtlpAnswer): void {
	if (response.destroyed) return;
	response.writeHead(status, {
		'content-type': contentTypes[encoding],
		'content-length': body.byteLength,
		...(retryAfterSeconds === null ? {} : { 'retry-after': String(retryAfterSeconds) }),
	});
	response.end(body);
}
