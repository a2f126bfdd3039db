/**
 * Why a request to a model failed. Only the temporary ones are worth another try.
 *
 * `quota`: the account has nothing left. `cut`: the stream broke off before it was finished. `malformed`: what came was
 * not the protocol. `blocked`: the provider's filter refused the prompt. `aborted`: whoever asked gave up.
 */
export type HandlerErrorReason =
	| 'authentication'
	| 'permission'
	| 'notFound'
	| 'badRequest'
	| 'tooLarge'
	| 'rateLimited'
	| 'quota'
	| 'overloaded'
	| 'server'
	| 'network'
	| 'timeout'
	| 'cut'
	| 'malformed'
	| 'blocked'
	| 'aborted'
	| 'unknown';

const temporary: ReadonlySet<HandlerErrorReason> = new Set([
	'rateLimited',
	'overloaded',
	'server',
	'network',
	'timeout',
	'cut',
]);

/** What every handler of ours throws. Holds what the provider said; never a key, a header or a request. */
export class HandlerError extends Error {
	readonly reason: HandlerErrorReason;
	/** HTTP status; `null` without an answer. */
	readonly status: number | null;
	/** The provider's id of the failed request. */
	readonly requestId: string | null;

	constructor(reason: HandlerErrorReason, message: string, details: { status?: number; requestId?: string } = {}) {
		super(message);
		this.name = 'HandlerError';
		this.reason = reason;
		this.status = details.status ?? null;
		this.requestId = details.requestId ?? null;
	}
}

/**
 * The reason of an error that a handler of ours threw, `null` for any other. By shape, not by class: a handler that
 * comes from a bundle of its own brings its own class along.
 */
export function handlerReason(error: unknown): HandlerErrorReason | null {
	if (!(error instanceof Error) || error.name !== 'HandlerError' || !('reason' in error)) return null;
	return error.reason as HandlerErrorReason;
}

/** Whether the same request may well succeed a little later. */
export function isTemporary(reason: HandlerErrorReason): boolean {
	return temporary.has(reason);
}

/** The reason that an HTTP status stands for. 529 is Anthropic's "overloaded". */
export function reasonOfStatus(status: number): HandlerErrorReason {
	if (status === 401) return 'authentication';
	if (status === 403) return 'permission';
	if (status === 404) return 'notFound';
	if (status === 408) return 'timeout';
	if (status === 413) return 'tooLarge';
	if (status === 429) return 'rateLimited';
	if (status === 503 || status === 529) return 'overloaded';
	if (status >= 500) return 'server';
	if (status >= 400) return 'badRequest';
	return 'unknown';
}
