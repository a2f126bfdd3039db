import { firstText, peek } from '../../core/foreign.ts';
import { HandlerError, type HandlerErrorReason, reasonOfStatus } from './handler-error.ts';

/** The error classes that the OpenAI and Anthropic clients share by name and shape, but not by identity. */
export interface SdkErrors {
	APIError: abstract new (...args: never[]) => Error;
	APIConnectionError: abstract new (...args: never[]) => Error;
	APIConnectionTimeoutError: abstract new (...args: never[]) => Error;
	APIUserAbortError: abstract new (...args: never[]) => Error;
}

const maxMessageLength = 2000;

/** The word for what went wrong that both APIs put into the body of an error, also in mid-stream. */
const reasonByType: Readonly<Record<string, HandlerErrorReason>> = {
	authentication_error: 'authentication',
	invalid_api_key: 'authentication',
	permission_error: 'permission',
	billing_error: 'quota',
	insufficient_quota: 'quota',
	not_found_error: 'notFound',
	model_not_found: 'notFound',
	invalid_request_error: 'badRequest',
	request_too_large: 'tooLarge',
	context_length_exceeded: 'tooLarge',
	rate_limit_error: 'rateLimited',
	rate_limit_exceeded: 'rateLimited',
	overloaded_error: 'overloaded',
	timeout_error: 'timeout',
	api_error: 'server',
	server_error: 'server',
};

/** The state in which a request failed. */
export interface FailedRequest {
	/** The key that the request carried. */
	secret: string;
	/** Whether the answer had begun. */
	streaming: boolean;
	/** Whether its signal was aborted. The clients then end the stream as if it were complete, which looks like a cut. */
	aborted: boolean;
}

/**
 * What a client threw, as ours. Only the provider's own message, the status and the request id are taken over: a
 * client's error also holds headers. `secret` is struck out of the message, should a provider repeat it.
 */
export function handlerError(error: unknown, classes: SdkErrors, request: FailedRequest): HandlerError {
	const { secret, streaming, aborted } = request;
	if (error instanceof HandlerError && !aborted) return error;
	const failure = failureHiding(secret);

	if (aborted || error instanceof classes.APIUserAbortError || peek(error, 'name') === 'AbortError') {
		return failure('aborted', 'The request was aborted.');
	}
	if (error instanceof classes.APIConnectionTimeoutError)
		return failure('timeout', 'The provider did not answer in time.');
	if (error instanceof classes.APIConnectionError) {
		return failure('network', `The provider could not be reached${causeOf(error)}. Check the address and the network.`);
	}
	if (error instanceof classes.APIError) {
		const status = peek(error, 'status');
		const requestId = firstText(peek(error, 'requestID'));
		const details = {
			...(typeof status === 'number' ? { status } : {}),
			...(requestId === null ? {} : { requestId }),
		};
		return failure(reasonOf(error, status), messageOf(error), details);
	}
	if (error instanceof SyntaxError) return failure('malformed', 'The provider sent something that is not JSON.');
	if (streaming) return failure('cut', `The stream broke off before it was finished${causeOf(error)}.`);
	return failure('unknown', firstText(peek(error, 'message')) ?? 'The request failed.');
}

/** Makes errors whose message is cut to a length that can be shown, and in which the key is struck out. */
export function failureHiding(
	secret: string,
): (reason: HandlerErrorReason, said: string, details?: { status?: number; requestId?: string }) => HandlerError {
	return (reason, said, details = {}) =>
		new HandlerError(reason, said.replaceAll(secret === '' ? '\0' : secret, '•••').slice(0, maxMessageLength), details);
}

function reasonOf(error: unknown, status: unknown): HandlerErrorReason {
	const inner = innermost(error);
	for (const word of [peek(inner, 'code'), peek(inner, 'type'), peek(error, 'code'), peek(error, 'type')]) {
		const reason = typeof word === 'string' && Object.hasOwn(reasonByType, word) ? reasonByType[word] : undefined;
		// "Invalid request" and "server error" say less than the status does.
		const vague = reason === 'badRequest' || reason === 'server';
		if (reason !== undefined && !(vague && typeof status === 'number')) return reason;
	}
	return typeof status === 'number' ? reasonOfStatus(status) : 'server';
}

/** The provider's own sentence, without the status and the JSON that the clients put around it. */
function messageOf(error: unknown): string {
	return firstText(peek(innermost(error), 'message'), peek(error, 'message')) ?? 'The provider reported an error.';
}

/** Anthropic's client keeps the whole body (`{ error: { … } }`), OpenAI's only what is in `error`. */
function innermost(error: unknown): unknown {
	const body = peek(error, 'error');
	return peek(body, 'error') ?? body;
}

/** The system's code of a failed connection, such as ` (ECONNREFUSED)`. */
export function causeOf(error: unknown): string {
	for (let at: unknown = error, depth = 0; at !== undefined && depth < 5; at = peek(at, 'cause'), depth++) {
		const code = peek(at, 'code');
		if (typeof code === 'string' && /^[A-Z][A-Z_]+$/.test(code)) return ` (${code})`;
	}
	return '';
}
