import { firstText, peek } from '../../core/foreign.ts';

/**
 * What a record keeps of something thrown: its message (content: the Recorder treats it so), the HTTP status and the
 * error's own code. Never headers, never a stack.
 */
export function describeError(error: unknown): { message: string; status: number | null; code: string | null } {
	const status = [peek(error, 'status'), peek(error, 'statusCode')].find(
		(value) => typeof value === 'number' && Number.isInteger(value),
	);
	const inner = peek(error, 'error');
	return {
		message: firstText(error, peek(error, 'message'), peek(error, 'name')) ?? 'The request failed.',
		status: typeof status === 'number' ? status : null,
		code: firstText(peek(error, 'reason'), peek(error, 'code'), peek(inner, 'type'), peek(error, 'type')),
	};
}

/** Whether what was thrown says that someone aborted the request. */
export function isAbort(error: unknown): boolean {
	const name = peek(error, 'name');
	// The OpenAI and Anthropic clients throw this class without giving it a `name` of its own.
	const className = peek(peek(error, 'constructor'), 'name');
	return (
		name === 'AbortError' ||
		className === 'APIUserAbortError' ||
		peek(error, 'reason') === 'aborted' ||
		peek(error, 'code') === 'ABORT_ERR'
	);
}
