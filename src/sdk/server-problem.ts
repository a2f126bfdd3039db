import { CallmeterError } from './callmeter-error.ts';
import { jsonIn, type ServerAnswer } from './server-connection.ts';

export const noServer =
	'No Callmeter server runs here. Start one in VS Code ("Start Local Server") or with "callmeter serve".';
export const noToken = 'The token of the server is not known. Set CALLMETER_TOKEN, or the option token.';

/** What an answer says is wrong that is not what was asked for. */
export function problemOf(answer: ServerAnswer): CallmeterError {
	const message = problemIn(answer);
	if (answer.status === 401) return new CallmeterError('unauthorized', `The server takes another token. ${message}`);
	return new CallmeterError(answer.status === 400 ? 'invalid' : 'unavailable', message);
}

/** The words of an answer that is an error. */
export function problemIn({ status, text }: ServerAnswer): string {
	const error = Reflect.get(Object(jsonIn(text)), 'error');
	const message: unknown = Reflect.get(Object(error), 'message');
	return typeof message === 'string' ? message : `The server answered with HTTP ${status}.`;
}

/** Whatever was thrown, as a problem of the connection. */
export function asProblem(error: unknown): CallmeterError {
	if (error instanceof CallmeterError) return error;
	const message = error instanceof Error ? error.message : 'The events could not be kept.';
	return new CallmeterError('unavailable', message, { cause: error });
}
