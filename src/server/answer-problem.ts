import type { ServerResponse } from 'node:http';

/**
 * Answers with an error as JSON: `{ "error": { "message": … } }`. What is left of the request's body is not read: the
 * connection ends after the answer, unless the request was read whole.
 */
export function answerProblem(
	response: ServerResponse,
	status: number,
	message: string,
	{ retryAfterSeconds }: { retryAfterSeconds?: number } = {},
): void {
	if (response.headersSent || response.destroyed) return;
	if (!response.req.complete) response.setHeader('connection', 'close');
	if (retryAfterSeconds !== undefined) response.setHeader('retry-after', String(retryAfterSeconds));
	const body = Buffer.from(JSON.stringify({ error: { message } }));
	response.writeHead(status, {
		'content-type': 'application/json; charset=utf-8',
		'content-length': body.length,
		'x-content-type-options': 'nosniff',
	});
	response.end(body);
}
