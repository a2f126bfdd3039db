import type { CallmeterErrorReason } from './types.ts';

/** What went wrong. `message` says what happened and what to do; it holds no content. */
export class CallmeterError extends Error {
	readonly reason: CallmeterErrorReason;

	constructor(reason: CallmeterErrorReason, message: string, options?: { cause?: unknown }) {
		super(message, options);
		this.name = 'CallmeterError';
		this.reason = reason;
	}
}
