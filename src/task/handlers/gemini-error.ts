import { firstText, peek } from '../../core/foreign.ts';
import { HandlerError, type HandlerErrorReason, reasonOfStatus } from './handler-error.ts';
import { causeOf, type FailedRequest, failureHiding } from './sdk-error.ts';

/** Google's words for what went wrong (`google.rpc.Code`) that say more than the HTTP status. */
const reasonByStatus: Readonly<Record<string, HandlerErrorReason>> = {
	DEADLINE_EXCEEDED: 'timeout',
	UNAVAILABLE: 'overloaded',
};

/**
 * What Google's client threw, as ours. It packs the body of the answer into its message, and sometimes what it could
 * not read, which is content: only the provider's own sentence and the status are taken over.
 */
export function geminiError(error: unknown, { secret, streaming, aborted }: FailedRequest): HandlerError {
	const failure = failureHiding(secret);
	if (aborted) return failure('aborted', 'The request was aborted.');
	// Not as it is: the client writes its tries onto what it throws.
	if (error instanceof HandlerError) return failure(error.reason, error.message);
	if (peek(error, 'name') === 'ApiError') {
		const status = peek(error, 'status');
		const body = bodyIn(firstText(peek(error, 'message')) ?? '');
		return failure(
			reasonOf(body, status),
			firstText(peek(body, 'message')) ?? 'The provider reported an error.',
			typeof status === 'number' ? { status } : {},
		);
	}
	if (error instanceof SyntaxError) return failure('malformed', 'The provider sent something that is not JSON.');
	if (streaming) return failure('cut', `The stream broke off before it was finished${causeOf(error)}.`);
	if (error instanceof TypeError) {
		return failure('network', `The provider could not be reached${causeOf(error)}. Check the address and the network.`);
	}
	return failure('unknown', 'The request failed.');
}

/** The `error` object of the body that stands in the client's message, after words of its own. */
function bodyIn(message: string): unknown {
	try {
		return peek(JSON.parse(message.slice(message.indexOf('{'))), 'error');
	} catch {
		return undefined;
	}
}

function reasonOf(body: unknown, status: unknown): HandlerErrorReason {
	const word = firstText(peek(body, 'status')) ?? '';
	const known = Object.hasOwn(reasonByStatus, word) ? reasonByStatus[word] : undefined;
	if (known !== undefined) return known;
	const details = peek(body, 'details');
	// A wrong key is a bad request to Gemini.
	if (Array.isArray(details) && details.some((detail) => peek(detail, 'reason') === 'API_KEY_INVALID')) {
		return 'authentication';
	}
	return typeof status === 'number' ? reasonOfStatus(status) : 'server';
}
