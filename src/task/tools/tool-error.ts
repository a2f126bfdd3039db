export type ToolErrorReason = 'badArguments' | 'outside' | 'notFound' | 'wrongKind' | 'tooLarge' | 'io';

/** A tool could not do what the model asked. The message is for the model: what happened and what to do instead. */
export class ToolError extends Error {
	readonly reason: ToolErrorReason;

	constructor(reason: ToolErrorReason, message: string, options?: { cause?: unknown }) {
		super(message, options);
		this.name = 'ToolError';
		this.reason = reason;
	}
}
